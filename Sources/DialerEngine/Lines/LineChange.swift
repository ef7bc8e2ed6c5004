import Pacing

/// A line was drained or put back.
struct LineChange: Sendable, Hashable {
    var pbx: String
    /// nil for the PBX itself.
    var trunk: String?
    var change: LineHealth.Change
}
