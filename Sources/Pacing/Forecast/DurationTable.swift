/// The law of a duration, learnt from those that ended and those that go on: the share still going on at each second.
struct DurationTable: Sendable {
    /// Durations' worth of belief before there is any experience.
    private static let prior = 3.0

    private let memory: Double
    private let priorMean: Double
    /// Where the classes begin: a second apart, then an eighth.
    private let edges: [Double]
    private var ended: [Double]
    private var weight = 1.0

    /// Durations recorded, ever.
    private(set) var count = 0
    /// The share that lasts longer than each second, from 0.
    private(set) var surviving: [Double]

    /// - Parameters:
    ///   - memory: durations after which all but 37 % is forgotten.
    ///   - priorMean: what is believed of the mean before there is experience, in seconds.
    ///   - longest: the seconds the table reaches.
    init(memory: Double, priorMean: Double, longest: Int) {
        self.memory = memory
        self.priorMean = priorMean
        var edges = (0...8).map(Double.init)
        while edges[edges.count - 1] < Double(longest) { edges.append((edges[edges.count - 1] * 1.12).rounded(.up)) }
        self.edges = edges
        self.ended = [Double](repeating: 0, count: edges.count)
        self.surviving = [Double](repeating: 1, count: longest + 1)
        self.refresh(running: [])
    }

    /// A duration of this many seconds ended.
    mutating func record(_ duration: Double) {
        self.count += 1
        self.weight /= 1 - 1 / self.memory
        self.ended[self.classOf(duration)] += self.weight
        guard self.weight > 1e12 else { return }
        for index in self.ended.indices { self.ended[index] /= self.weight }
        self.weight = 1
    }

    /// Computes the table.
    ///
    /// - Parameter running: how long those have lasted that go on.
    mutating func refresh(running: [Double]) {
        var current = [Double](repeating: 0, count: self.edges.count)
        for age in running { current[self.classOf(age)] += 1 }
        var rates = [Double](repeating: 0, count: self.edges.count)
        var exposed = Self.prior
        for index in stride(from: self.edges.count - 1, through: 0, by: -1) {
            let width = index + 1 < self.edges.count ? self.edges[index + 1] - self.edges[index] : self.priorMean
            let gone = self.ended[index] / self.weight
            exposed += gone
            let seconds = (exposed - gone / 2 + current[index] / 2) * width
            rates[index] = (gone + Self.prior * width / self.priorMean) / seconds
            exposed += current[index]
        }
        var index = 0
        var alive = 1.0
        for second in self.surviving.indices {
            self.surviving[second] = max(alive, 1e-9)
            while index + 1 < self.edges.count, self.edges[index + 1] <= Double(second) { index += 1 }
            // exp(-rate) to the second order, and above 0 for any rate.
            alive /= 1 + rates[index] + rates[index] * rates[index] / 2
        }
    }

    private func classOf(_ duration: Double) -> Int {
        var (low, high) = (0, self.edges.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if self.edges[middle] <= duration { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
