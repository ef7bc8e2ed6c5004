/// A queue of agents at one moment.
package struct QueueSnapshot: Sendable, Hashable {
    package var name: String
    package var members: [QueueMember]
    /// Callers waiting for an agent.
    package var callersWaiting: Int

    package init(name: String, members: [QueueMember] = [], callersWaiting: Int = 0) {
        self.name = name
        self.members = members
        self.callersWaiting = callersWaiting
    }

    /// Members who can take a call now: idle, not paused, present, not in wrap-up.
    package var idleMembers: Int {
        self.members.count { $0.state == .idle && !$0.isPaused }
    }
}
