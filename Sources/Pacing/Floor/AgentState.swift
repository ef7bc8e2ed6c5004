/// What an agent does.
package enum AgentState: String, Sendable, Hashable, CaseIterable {
    /// Ready for the next call.
    case idle
    /// In conversation, or their phone rings for a caller.
    case talking
    /// After-call work.
    case wrapup
    /// Logged in and not to be counted on.
    case `break`
    /// Not logged in.
    case offline
}
