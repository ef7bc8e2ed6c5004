/// One agent in a queue.
package struct QueueMember: Sendable, Hashable {
    /// What the agent is doing.
    package enum State: Sendable, Hashable, CaseIterable {
        case idle
        case ringing
        case talking
        /// The device is idle again but the queue still holds calls back for after-call work.
        case wrapUp
        case unavailable
    }

    /// The agent's interface (`PJSIP/agent-01`), unique within the queue.
    package var interface: String
    /// The agent's display name.
    package var name: String
    package var state: State
    package var isPaused: Bool
    /// Why the agent is paused, as the PBX was told, cut to 80 characters; nil when there is no reason, or no pause.
    package var pauseReason: String?

    package init(interface: String, name: String, state: State, isPaused: Bool = false, pauseReason: String? = nil) {
        self.interface = interface
        self.name = name
        self.state = state
        self.isPaused = isPaused
        self.pauseReason = pauseReason
    }
}
