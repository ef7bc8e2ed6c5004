/// What a long run looked like on the way: memory, and the time some steps took.
struct SoakTrace: Sendable {
    /// One look at the engine.
    struct Sample: Sendable {
        /// Calls finished so far.
        var calls: Int
        /// Resident bytes.
        var memory: Int
        /// Sum and count of each timed step so far, by the metric's name.
        var steps: [String: (seconds: Double, count: Double)]
    }

    /// The steps that must not become slower.
    static let steps = [
        "outpace_claim_seconds", "outpace_result_write_seconds", "outpace_freed_to_originate_seconds",
    ]

    /// Calls of the whole run.
    var total: Int
    private(set) var samples: [Sample] = []

    init(total: Int) { self.total = total }

    mutating func add(_ sample: Sample) { self.samples.append(sample) }

    /// The samples of one tenth of the run, 0…9.
    private func tenth(_ index: Int) -> [Sample] {
        self.samples.filter { min(9, $0.calls * 10 / max(1, self.total)) == index }
    }

    /// The median of the resident bytes in a tenth of the run; nil when nobody looked.
    func memory(inTenth index: Int) -> Int? {
        let memory = self.tenth(index).map(\.memory).sorted()
        return memory.isEmpty ? nil : memory[memory.count / 2]
    }

    /// The mean seconds of a step in a tenth of the run; nil when it did not happen.
    func mean(of step: String, inTenth index: Int) -> Double? {
        let samples = self.tenth(index).compactMap { $0.steps[step] }
        guard let first = samples.first, let last = samples.last, last.count > first.count else { return nil }
        return (last.seconds - first.seconds) / (last.count - first.count)
    }

    /// Reads the sums and counts out of Prometheus' text.
    static func steps(in text: String) -> [String: (seconds: Double, count: Double)] {
        var found: [String: (seconds: Double, count: Double)] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Double(words[1]) else { continue }
            for step in Self.steps {
                if words[0] == "\(step)_sum" { found[step, default: (0, 0)].seconds = value }
                if words[0] == "\(step)_count" { found[step, default: (0, 0)].count = value }
            }
        }
        return found
    }
}
