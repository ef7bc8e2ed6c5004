import struct Foundation.UUID

/// How one dialing ended; exactly one for every claim.
package struct DialingResult: Sendable, Hashable {
    package var dialing: UUID
    package var status: DialingStatus
    package var channel: String?
    /// jade's `res_dial`: an Asterisk control frame number, 4 = answered.
    package var dialResult: Int
    package var dialResultDetail: String?
    /// Q.850 cause, 0 when none was seen.
    package var hangupCause: Int
    package var hangupCauseDetail: String?
    /// When the far end began to ring or was dialed.
    package var dialBeginAt: Timestamp?
    package var answeredAt: Timestamp?
    package var queuedAt: Timestamp?
    package var agentConnectedAt: Timestamp?
    package var endedAt: Timestamp
    /// The agent's interface who took the call.
    package var agent: String?
    package var queue: String?
    /// Seconds between answer and agent, to the millisecond; nil when never answered.
    package var waitSeconds: Double?
    /// Seconds of conversation with the agent; nil when there was none.
    package var talkSeconds: Double?
    /// What the call counts as; nil when nobody and nothing answered.
    package var outcome: AnswerOutcome?
    /// `AMDSTATUS` and `AMDCAUSE`, when the PBX listened for a machine; cut to 255 characters.
    package var machineStatus: String?
    package var machineCause: String?
    /// The destination the call was sent to instead of its own.
    package var divertedTo: UUID?

    package init(dialing: UUID, status: DialingStatus, endedAt: Timestamp) {
        self.dialing = dialing
        self.status = status
        self.dialResult = 0
        self.hangupCause = 0
        self.endedAt = endedAt
    }

    /// Whether the customer answered (`res_dial` 4).
    package var isAnswered: Bool { self.dialResult == 4 }

    /// A person answered and no agent took the call within the grace time.
    package var isAbandoned: Bool { self.outcome == .abandoned }

    /// When a person answered; nil when none did.
    package var liveAnswerAt: Timestamp? {
        guard let outcome = self.outcome, outcome.isLive else { return nil }
        return self.answeredAt ?? self.endedAt
    }
}
