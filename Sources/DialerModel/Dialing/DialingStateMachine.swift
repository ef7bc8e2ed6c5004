import struct Foundation.UUID

/// Makes exactly one ``DialingResult`` of a call's events, whatever their order, however often and however late they come.
///
/// Asterisk tells the end of a call in several messages from several threads: the answer to the request, the end of the dial attempt,
/// the hang-up of the channel and (for Local channels) of its other half. None of them has the whole truth and no order is promised,
/// so the machine gathers facts and decides once they suffice, or once the missing ones have had their time.
///
/// It has no clock: the owner calls ``deadlineReached(at:)`` when ``deadline`` has come.
package struct DialingStateMachine: Sendable {
    /// What the owner has to do.
    package enum Action: Sendable, Hashable {
        /// ``status``, ``stage`` or ``channel`` changed; the live view may show it.
        case update
        /// The dialing is over; write the result. With `hangUp` the PBX may still have the call and should drop it.
        case finish(DialingResult, hangUp: Bool)
    }

    /// How far the call got, as pacing counts it.
    package enum Stage: Int, Sendable, Hashable, CaseIterable {
        /// Not answered yet.
        case dialing
        /// Answered, and nobody has it yet (or nobody will: a parking space, an announcement).
        case answered
        /// An agent has it, or had it until a moment ago.
        case withAgent
        case ended
    }

    /// Time limits.
    package struct Limits: Sendable, Hashable {
        /// How soon an agent must have an answered call; later it counts as abandoned.
        package var grace: Duration
        /// How long to wait for the second of two messages whose order is not defined; at least a second.
        package var settling: Duration
        /// How long after `dial_timeout` the PBX may stay silent about an unanswered call.
        package var margin: Duration

        package init(
            grace: Duration = .seconds(2),
            settling: Duration = .milliseconds(1500),
            margin: Duration = .seconds(10)
        ) {
            self.grace = grace
            self.settling = settling
            self.margin = margin
        }
    }

    /// The dialing this machine follows; also the channel's id.
    package let dialing: UUID
    /// The live status: 1 to 6 while the call goes on, never going back; the result's once it is over.
    package private(set) var status = DialingStatus.originateRequested
    /// The channel's name at the PBX, once known.
    package var channel: String? { self.facts.channel }
    /// When the customer answered.
    package var answeredAt: Timestamp? { self.facts.answeredAt }
    /// The agent who has, or had, the call.
    package var agent: String? { self.facts.agent }
    /// The result, once there is one.
    package private(set) var result: DialingResult?

    private let limits: Limits
    private let ringTime: Duration
    private let isLocalChannel: Bool
    private let isQueueDestination: Bool
    private var facts = CallFacts()
    /// From when the unanswered call's time runs.
    private var timeBase: Timestamp
    /// The connection to the PBX is down: silence means nothing.
    private var isBlind = false

    /// A machine for a dialing claimed at `now`.
    package init(_ dialing: Dialing, at now: Timestamp, limits: Limits = Limits()) {
        self.dialing = dialing.uuid
        self.limits = limits
        self.ringTime = .milliseconds(dialing.dialTimeout)
        self.isLocalChannel = dialing.dialChannel.lowercased().hasPrefix("local/")
        self.isQueueDestination =
            dialing.destinationKind == .application && dialing.application?.lowercased() == "queue"
        self.timeBase = now
        self.facts.channel = dialing.channel
    }

    package var stage: Stage {
        if self.result != nil { return .ended }
        if self.facts.agent != nil { return .withAgent }
        return self.facts.answeredAt == nil ? .dialing : .answered
    }

    package var isFinished: Bool { self.result != nil }

    /// When ``deadlineReached(at:)`` wants to be called; nil while only events can end the call. An answered call has no deadline.
    package var deadline: Timestamp? {
        guard self.result == nil else { return nil }
        if let terminalAt = self.facts.terminalAt { return terminalAt + self.limits.settling }
        guard self.facts.answeredAt == nil, !self.isBlind else { return nil }
        return self.timeBase + self.ringTime + self.limits.margin
    }

    /// Takes one event in.
    package mutating func handle(_ event: CallEvent, at now: Timestamp) -> Action? {
        guard self.result == nil else { return nil }
        let before = (self.status, self.stage, self.facts.channel)
        switch event {
        case .originateRefused(let message):
            // A refusal means there is no call; one that was seen already is not talked away.
            guard !self.facts.hasCall else { break }
            return self.finish(.queuedFailed, detail: message, at: now)
        case .vanished:
            return self.finishVanished(at: now)
        case .originateQueued:
            if self.status == .originateRequested, now > self.timeBase { self.timeBase = now }
            self.facts.take(event, at: now)
        case .channelCreated, .dialBegin, .ringing, .dialEnd, .originateResponse, .joinedQueue, .hangupRequested,
            .leftQueueUnanswered, .agentRinging, .agentNoAnswer, .agentConnected, .agentCompleted, .parked, .hangup:
            self.facts.take(event, at: now)
        }
        self.advance(to: Self.liveStatus(of: event))
        if self.isConclusive { return self.finishFromFacts(at: now) }
        let isChanged = before != (self.status, self.stage, self.facts.channel)
        return isChanged ? .update : nil
    }

    /// The request could not be sent, so there is no call.
    package mutating func requestFailed(reason: String, at now: Timestamp) -> Action? {
        guard self.result == nil, !self.facts.hasCall else { return nil }
        return self.finish(.requestFailed, detail: reason, at: now)
    }

    /// The time of ``deadline`` has come. Does nothing when it has not, so a timer that fires late or twice does no harm.
    package mutating func deadlineReached(at now: Timestamp) -> Action? {
        guard let deadline = self.deadline, deadline <= now else { return nil }
        if self.facts.terminalAt != nil { return self.finishFromFacts(at: now) }
        return self.finish(
            .error, detail: "The PBX did not tell what became of the call in time.", hangUp: true, at: now
        )
    }

    /// The connection to the PBX is lost. The call may go on, ring out or end unseen; only reconciliation can tell.
    package mutating func connectionLost() {
        self.isBlind = true
        self.facts.noteGap()
    }

    /// The customer is known to have answered: noted by the process that saw it and is gone.
    package mutating func restoreAnswer(at answeredAt: Timestamp) {
        guard self.result == nil else { return }
        self.facts.noteAnsweredCall(at: answeredAt)
        self.advance(to: .originateResponded)
    }

    /// The PBX, asked, still has the call; so after a reconnect, and when a restarted service adopts it.
    package mutating func callIsLive(channel: String, isAnswered: Bool, at now: Timestamp) -> Action? {
        guard self.result == nil else { return nil }
        if self.isBlind || now > self.timeBase { self.timeBase = now }
        self.isBlind = false
        let before = (self.status, self.stage, self.facts.channel)
        self.facts.take(.channelCreated(channel: channel), at: now)
        self.advance(to: .channelCreated)
        if isAnswered {
            self.facts.noteAnsweredCall(at: now)
            self.advance(to: .originateResponded)
        }
        let isChanged = before != (self.status, self.stage, self.facts.channel)
        return isChanged ? .update : nil
    }

    // MARK: Deciding

    /// Whether nothing that may still come could change the result.
    private var isConclusive: Bool {
        guard let hangup = self.facts.hangup else { return false }
        // Local channels that end by Busy() or Congestion() say 0 on the half that has our id; the other half knows.
        let isCauseKnown = hangup.cause != 0 || !self.isLocalChannel || self.facts.peerHangup != nil
        if self.facts.answeredAt != nil { return isCauseKnown }
        guard let response = self.facts.response, isCauseKnown else { return false }
        return self.facts.cause.rawValue != 0 || response.reason != 0 || self.facts.dialStatus != nil
    }

    private mutating func finishFromFacts(at now: Timestamp) -> Action {
        guard self.facts.answeredAt == nil else { return self.finish(.hangup, at: now) }
        return self.finish(.responseFailed, at: now)
    }

    private mutating func finishVanished(at now: Timestamp) -> Action {
        if self.facts.terminalAt != nil { return self.finishFromFacts(at: now) }
        return self.finish(.error, detail: "The PBX has no such call any more; its end was not seen.", at: now)
    }

    private mutating func finish(
        _ status: DialingStatus,
        detail: String? = nil,
        hangUp: Bool = false,
        at now: Timestamp
    ) -> Action {
        let result = self.facts.result(
            dialing: self.dialing,
            status: status,
            detail: detail,
            grace: self.limits.grace,
            isQueueDestination: self.isQueueDestination,
            now: now
        )
        self.status = status
        self.result = result
        return .finish(result, hangUp: hangUp)
    }

    private mutating func advance(to status: DialingStatus?) {
        if let status, status.rawValue > self.status.rawValue { self.status = status }
    }

    private static func liveStatus(of event: CallEvent) -> DialingStatus? {
        switch event {
        case .originateQueued: .originateQueued
        case .dialBegin, .ringing: .dialBegin
        case .channelCreated: .channelCreated
        case .dialEnd: .dialEnd
        case .originateResponse, .joinedQueue, .leftQueueUnanswered, .agentRinging, .agentNoAnswer, .agentConnected,
            .agentCompleted, .parked:
            .originateResponded
        case .originateRefused, .hangupRequested, .hangup, .vanished: nil
        }
    }
}
