/// Totals since the floor opened. The floor counts for itself, so a dialer's own figures can be checked against them.
package struct FloorStatistics: Sendable, Hashable {
    package var originates = 0
    /// Originates refused because a live channel already has the id.
    package var clashes = 0
    /// Calls a person or a machine answered.
    package var answered = 0
    /// Calls a person answered and that went to a queue.
    package var live = 0
    package var machines = 0
    /// Live calls without an agent within the grace time.
    package var abandoned = 0
    /// Calls an agent took.
    package var connected = 0
    /// Callers that left a queue before an agent took them.
    package var gaveUp = 0
    package var ended = 0
    package var callsNow = 0
    package var peakCalls = 0
    package var waitingNow = 0
    package var agents = 0
    /// Agents talking or in wrap-up.
    package var agentsBusyNow = 0
    /// Agent-seconds of talk and wrap-up since the first originate.
    package var busySeconds = 0.0
    /// Agent-seconds logged in, from the first originate to the last moment an agent was busy.
    package var staffedSeconds = 0.0

    package init() {}

    /// Talk and wrap-up as a share of staffed time, 0...1.
    package var busyShare: Double {
        self.staffedSeconds > 0 ? min(1, self.busySeconds / self.staffedSeconds) : 0
    }
}
