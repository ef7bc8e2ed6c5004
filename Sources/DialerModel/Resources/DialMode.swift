/// How a campaign decides when to dial; the wire value of a plan's `dial_mode`.
package enum DialMode: Int, Sendable, Hashable, CaseIterable {
    /// Nothing is dialed; a campaign with such a plan stops.
    case none = 0
    /// As many calls as the agents can take.
    case predictive = 1
    /// A contact is reserved and dialed when an agent says so.
    case preview = 2
    /// A fixed number of calls per free agent.
    case power = 3
    /// No agents: as many calls as the lines carry.
    case robo = 4
    /// Accepted for compatibility; nothing is dialed and a campaign with such a plan stops.
    case redirect = 5

}
