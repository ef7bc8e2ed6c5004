/// Why a pacer asked for as many calls as it did at its last look.
package enum PacingState: String, Sendable, Hashable, CaseIterable, Codable {
    /// Too little is known, or what is known is old: one call for each free agent.
    case learning
    /// Calls are placed ahead of the agents' becoming free.
    case predicting
    /// The abandonment budget is spent: one call for each free agent.
    case spent
}
