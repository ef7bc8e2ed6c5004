import struct Foundation.UUID

/// What is known of one call, gathered from events in any order. Times are the earliest seen.
struct CallFacts: Sendable {
    struct Response: Sendable {
        var isAnswered: Bool
        var reason: Int
    }

    struct Hangup: Sendable {
        var cause: Int
        var text: String
    }

    var channel: String?
    private(set) var hasCall = false
    private(set) var dialBeginAt: Timestamp?
    private(set) var dialStatus: DialStatus?
    private(set) var response: Response?
    private(set) var answeredAt: Timestamp?
    private(set) var queue: String?
    private(set) var queuedAt: Timestamp?
    private(set) var leftQueueAt: Timestamp?
    private(set) var agent: String?
    /// When the caller asked to leave.
    private(set) var hangupRequestedAt: Timestamp?
    /// Agents whose phones ring for the call.
    private(set) var ringingAgents: Set<String> = []
    private(set) var machineStatus: String?
    private(set) var machineCause: String?
    private(set) var agentConnectedAt: Timestamp?
    private(set) var agentCompletedAt: Timestamp?
    private(set) var toldTalk: Duration?
    private(set) var hangup: Hangup?
    private(set) var peerHangup: Hangup?
    private(set) var hungUpAt: Timestamp?
    /// When the first message came that says the call is over; the others get a moment from here.
    private(set) var terminalAt: Timestamp?

    /// The call was answered, or went on waiting, out of our sight: an agent may have it without our knowing.
    private(set) var mayHaveUnseenAgent = false

    /// A machine has the call, as far as the PBX could tell; a status it is not sure of counts as a person.
    var isMachine: Bool { self.machineStatus == "MACHINE" }

    /// Waits in a queue, as far as we saw, and no agent's phone rings for it.
    var isWaitingAlone: Bool {
        self.queuedAt != nil && self.leftQueueAt == nil && self.agent == nil && self.ringingAgents.isEmpty
            && self.hangupRequestedAt == nil && self.terminalAt == nil && !self.mayHaveUnseenAgent
    }

    /// The Q.850 cause: of the channel, or of its other half when the channel says 0.
    var cause: HangupCause {
        if let hangup = self.hangup, hangup.cause != 0 { return HangupCause(rawValue: hangup.cause) }
        return HangupCause(rawValue: self.peerHangup?.cause ?? 0)
    }

    mutating func noteAnswer(at now: Timestamp) {
        self.hasCall = true
        self.answeredAt = Self.earlier(self.answeredAt, now)
    }

    /// Events are missing from here on.
    mutating func noteGap() {
        if self.answeredAt != nil, self.agent == nil { self.mayHaveUnseenAgent = true }
        self.ringingAgents = []
    }

    /// The PBX, asked, says the call is answered.
    mutating func noteAnsweredCall(at now: Timestamp) {
        if self.answeredAt == nil { self.mayHaveUnseenAgent = true }
        self.noteAnswer(at: now)
    }

    mutating func take(_ event: CallEvent, at now: Timestamp) {
        switch event {
        case .originateQueued, .originateRefused, .vanished: break
        case .channelCreated(let channel):
            self.hasCall = true
            self.channel = channel
        case .dialBegin, .ringing:
            self.hasCall = true
            self.dialBeginAt = Self.earlier(self.dialBeginAt, now)
        case .dialEnd(let status):
            self.hasCall = true
            if status == .answer { self.noteAnswer(at: now) }
            // An answer is final; a second word about a failed attempt adds nothing.
            if self.dialStatus == nil || status == .answer { self.dialStatus = status }
        case .originateResponse(let isAnswered, let reason, let channel):
            self.takeResponse(isAnswered: isAnswered, reason: reason, channel: channel, at: now)
        case .joinedQueue(let queue, _):
            self.noteAnswer(at: now)
            if self.queue == nil { self.queue = queue }
            self.queuedAt = Self.earlier(self.queuedAt, now)
        case .hangupRequested:
            self.hasCall = true
            self.hangupRequestedAt = Self.earlier(self.hangupRequestedAt, now)
        case .leftQueueUnanswered:
            self.noteAnswer(at: now)
            self.leftQueueAt = Self.earlier(self.leftQueueAt, now)
        case .agentRinging(let agent):
            self.noteAnswer(at: now)
            if self.ringingAgents.count < Self.mostRingingAgents { self.ringingAgents.insert(agent) }
        case .agentNoAnswer(let agent):
            self.noteAnswer(at: now)
            self.ringingAgents.remove(agent)
        case .machineDetected(let status):
            self.noteAnswer(at: now)
            // Of two words the first counts: the call has been treated by it.
            if self.machineStatus == nil { self.machineStatus = Self.cut(status) }
        case .machineDetectionCause(let cause):
            self.noteAnswer(at: now)
            if self.machineCause == nil { self.machineCause = Self.cut(cause) }
        case .parked:
            self.noteAnswer(at: now)
        case .agentConnected(let agent, _):
            self.noteAnswer(at: now)
            if self.agentConnectedAt == nil { self.agent = agent }
            self.agentConnectedAt = Self.earlier(self.agentConnectedAt, now)
            self.ringingAgents = []
        case .agentCompleted(let agent, let talk):
            self.noteAnswer(at: now)
            if self.agent == nil { self.agent = agent }
            self.agentCompletedAt = Self.earlier(self.agentCompletedAt, now)
            if self.toldTalk == nil { self.toldTalk = talk }
        case .hangup(let cause, let text, let isPeerHalf):
            self.takeHangup(Hangup(cause: cause, text: text), isPeerHalf: isPeerHalf, at: now)
        }
    }

    private mutating func takeResponse(isAnswered: Bool, reason: Int, channel: String?, at now: Timestamp) {
        if isAnswered { self.noteAnswer(at: now) }
        // On failure the PBX repeats the requested channel, which says less than the real one.
        if let channel, isAnswered || self.channel == nil { self.channel = channel }
        if self.response == nil || (isAnswered && self.response?.isAnswered == false) {
            self.response = Response(isAnswered: isAnswered, reason: reason)
        }
        if !isAnswered { self.terminalAt = Self.earlier(self.terminalAt, now) }
    }

    private mutating func takeHangup(_ hangup: Hangup, isPeerHalf: Bool, at now: Timestamp) {
        self.hasCall = true
        guard !isPeerHalf else {
            if self.peerHangup == nil || self.peerHangup?.cause == 0 { self.peerHangup = hangup }
            return
        }
        if self.hangup == nil { self.hangup = hangup }
        self.hungUpAt = Self.earlier(self.hungUpAt, now)
        self.terminalAt = Self.earlier(self.terminalAt, now)
    }

    /// More agents are not rung for one call; what a PBX says beyond it costs no memory.
    private static let mostRingingAgents = 10_000
    private static let longestText = 255

    private static func cut(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.longestText)))
    }

    private static func earlier(_ known: Timestamp?, _ now: Timestamp) -> Timestamp {
        known.map { min($0, now) } ?? now
    }
}
