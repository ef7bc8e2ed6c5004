/// How many of several independent things have happened by each of eight moments: the exact law of a sum of unequal coin tosses
/// (Poisson's binomial), all moments side by side in one vector.
struct CountDistribution: Sendable {
    /// Counts above this are not told apart.
    static let most = 40

    /// The chance of each count; what is missing to 1 lies beyond.
    private(set) var chances = [NodeVector](repeating: .zero, count: CountDistribution.most + 1)
    /// The highest count that can happen.
    private(set) var top = 0

    init() { self.chances[0] = NodeVector(repeating: 1) }

    /// Back to nothing that could happen.
    mutating func reset() {
        for index in 0...self.top { self.chances[index] = .zero }
        self.chances[0] = NodeVector(repeating: 1)
        self.top = 0
    }

    /// One more thing that happens with chance `p`.
    @inline(__always)
    mutating func add(_ p: NodeVector) {
        let q = NodeVector(repeating: 1) - p
        let top = min(self.top + 1, Self.most)
        self.chances.withUnsafeMutableBufferPointer { chances in
            var index = top
            while index > 0 {
                chances[index] = chances[index] * q + chances[index - 1] * p
                index -= 1
            }
            chances[0] *= q
        }
        self.top = top
    }
}
