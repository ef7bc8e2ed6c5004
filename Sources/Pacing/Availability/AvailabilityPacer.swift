import DialerModel

/// Places calls for agents who are free now, and for no others: ``AvailabilityPolicy`` fed with the floor's events.
package struct AvailabilityPacer: Pacer {
    /// How many calls a free agent is worth.
    package enum Rule: Sendable, Hashable {
        /// One call for each.
        case progressive
        /// So many for each.
        case ratio(Double)
        /// jade's: one for each, and `serviceLevel` more.
        case jade(serviceLevel: Int)
    }

    package var rule: Rule
    package private(set) var floor = PacingFloor()
    private var outstanding = OutstandingCalls()
    private var clock = 0.0

    package init(_ rule: Rule) { self.rule = rule }

    package mutating func observe(_ event: PacingEvent, at time: Double) {
        self.clock = max(self.clock, time)
        if case .dialed = event { _ = self.outstanding.placed() }
        _ = self.floor.apply(event, at: self.clock)
    }

    package mutating func callsToPlace(at time: Double, atMost limit: Int) -> Int {
        self.clock = max(self.clock, time)
        let outstanding = self.outstanding.count(at: self.clock)
        guard self.floor.working > 0, limit > 0 else { return 0 }
        var situation = PacingSituation(
            dialMode: .predictive,
            takers: .queue(PacingSituation.Agents(idle: self.floor.idle, callersWaiting: self.floor.waiting)),
            unanswered: self.floor.ringing.count + outstanding
        )
        switch self.rule {
        case .progressive: break
        case .ratio(let ratio):
            situation.dialMode = .power
            situation.ratio = ratio
        case .jade(let serviceLevel): situation.serviceLevel = serviceLevel
        }
        let count = min(limit, AvailabilityPolicy().callsToPlace(situation))
        for _ in 0..<count { self.outstanding.append(risk: 0, at: self.clock) }
        return count
    }
}
