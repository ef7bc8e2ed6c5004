/// By which rule a campaign in `dial_mode` 1 decides how many calls to place; the wire value of a plan's `pacing`.
package enum PacingMode: String, Sendable, Hashable, CaseIterable {
    /// Calls are placed ahead of the agents' becoming free, within the plan's abandonment target.
    case predictive
    /// One call for each free agent.
    case progressive
    /// `pacing_ratio` calls for each free agent.
    case ratio
    /// The formula of jade's documents, `service_level` included.
    case jade
}
