import Chance
import Pacing

/// An agent of a simulated shift.
struct ShiftAgent: Sendable {
    var state = AgentState.offline
    /// The call they talk on.
    var call: Int?
    /// They leave when their call is over.
    var isLeaving = false
    /// From then on they take a break after a call.
    var breakDue = Double.infinity
    /// What is left to chance about them.
    var random: SplitMix64
}
