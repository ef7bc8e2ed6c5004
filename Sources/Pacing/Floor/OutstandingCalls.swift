/// Calls that were asked for and not told of as placed yet: they count as under way, or the next look would ask for them again.
struct OutstandingCalls: Sendable {
    /// Seconds after which a call that was asked for is taken as not placed: the lines were full, or nobody was left to call.
    static let patience = 1.0

    private var risks: [Double] = []
    private var next = 0
    private var askedAt = 0.0

    /// How many are expected still.
    mutating func count(at time: Double) -> Int {
        if self.next < self.risks.count, time - self.askedAt >= Self.patience { self.clear() }
        return self.risks.count - self.next
    }

    /// One was asked for, with this chance of meeting no agent.
    mutating func append(risk: Double, at time: Double) {
        if self.next == self.risks.count { self.clear() }
        self.risks.append(risk)
        self.askedAt = time
    }

    /// One was placed.
    ///
    /// - Returns: its risk; nil when none was asked for.
    mutating func placed() -> Double? {
        guard self.next < self.risks.count else { return nil }
        defer { self.next += 1 }
        return self.risks[self.next]
    }

    private mutating func clear() {
        self.risks.removeAll(keepingCapacity: true)
        self.next = 0
    }
}
