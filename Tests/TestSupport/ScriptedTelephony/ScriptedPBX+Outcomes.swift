import DialerModel
import Telephony

import struct Foundation.UUID

/// Whole outcomes, as a real PBX words them.
extension ScriptedPBX {
    /// The customer answers; with a queue, waits in it.
    package func answer(_ dialing: UUID, queue: String? = nil) {
        self.tell(.originateQueued, of: dialing)
        self.tell(.channelCreated(channel: "PJSIP/x-\(dialing)"), of: dialing)
        self.tell(.dialBegin, of: dialing)
        self.tell(.dialEnd(.answer), of: dialing)
        self.tell(.originateResponse(answered: true, reason: 4, channel: "PJSIP/x-\(dialing)"), of: dialing)
        guard let queue else { return }
        self.changeQueue(queue) { $0.callersWaiting += 1 }
        self.tell(.joinedQueue(queue: queue, position: 1), of: dialing)
    }

    /// An idle agent of the queue takes a waiting call.
    ///
    /// - Returns: the agent; nil when none is idle.
    @discardableResult
    package func connect(_ dialing: UUID, queue: String) -> String? {
        var agent: String?
        self.changeQueue(queue) { snapshot in
            guard let index = snapshot.members.firstIndex(where: { $0.state == .idle && !$0.isPaused }) else { return }
            snapshot.members[index].state = .talking
            snapshot.callersWaiting = max(0, snapshot.callersWaiting - 1)
            agent = snapshot.members[index].interface
        }
        if let agent { self.tell(.agentConnected(agent: agent, hold: .milliseconds(500)), of: dialing) }
        return agent
    }

    /// The conversation ends; the agent is idle again.
    package func complete(_ dialing: UUID, agent: String, queue: String) {
        self.tell(.agentCompleted(agent: agent, talk: .seconds(60)), of: dialing)
        self.tell(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false), of: dialing)
        self.changeQueue(queue) { snapshot in
            guard let index = snapshot.members.firstIndex(where: { $0.interface == agent }) else { return }
            snapshot.members[index].state = .idle
        }
    }

    /// An answered call ends.
    package func end(_ dialing: UUID) {
        self.tell(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false), of: dialing)
    }

    package func busy(_ dialing: UUID) {
        self.tell(.originateQueued, of: dialing)
        self.tell(.dialBegin, of: dialing)
        self.tell(.dialEnd(.busy), of: dialing)
        self.tell(.hangup(cause: 17, text: "User busy", isPeerHalf: false), of: dialing)
        self.tell(.originateResponse(answered: false, reason: 5, channel: nil), of: dialing)
    }

    /// The way to the number is congested.
    package func congest(_ dialing: UUID) {
        self.tell(.originateQueued, of: dialing)
        self.tell(.channelCreated(channel: "PJSIP/x-\(dialing)"), of: dialing)
        self.tell(.dialBegin, of: dialing)
        self.tell(.dialEnd(.congestion), of: dialing)
        self.tell(.hangup(cause: 34, text: "Circuit/channel congestion", isPeerHalf: false), of: dialing)
        self.tell(.originateResponse(answered: false, reason: 0, channel: nil), of: dialing)
    }

    package func ringOut(_ dialing: UUID) {
        self.tell(.originateQueued, of: dialing)
        self.tell(.dialBegin, of: dialing)
        self.tell(.dialEnd(.noAnswer), of: dialing)
        self.tell(.hangup(cause: 19, text: "No answer", isPeerHalf: false), of: dialing)
        self.tell(.originateResponse(answered: false, reason: 3, channel: nil), of: dialing)
    }
}

extension QueueSnapshot {
    /// A queue with that many idle agents.
    package static func idle(_ name: String, agents: Int) -> QueueSnapshot {
        QueueSnapshot(
            name: name,
            members: (0..<agents).map {
                QueueMember(interface: "PJSIP/agent-\($0)", name: "Agent \($0)", state: .idle)
            }
        )
    }
}
