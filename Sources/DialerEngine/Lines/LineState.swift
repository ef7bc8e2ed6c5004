import Pacing

/// How a line of a PBX stands that gets no calls, or only a trial.
struct LineState: Sendable, Hashable {
    /// nil for the PBX itself.
    var trunk: String?
    var state: LineHealth.State
}
