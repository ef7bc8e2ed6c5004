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
        /// ``status``, ``stage``, ``channel`` or ``outcome`` changed; the live view may show it.
        case update
        /// The same, and the call is to be sent elsewhere. Said once for each detour.
        case move(Detour)
        /// The same, and the call is to be hung up because a machine has it. Said once.
        case dropMachine
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
        /// How long to wait for the second of two messages whose order is not defined; at least a second.
        package var settling: Duration
        /// How long after `dial_timeout` the PBX may stay silent about an unanswered call.
        package var margin: Duration

        package init(
            settling: Duration = .milliseconds(1500),
            margin: Duration = .seconds(10)
        ) {
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
    /// What the answered call counts as, as soon as that is certain; it never changes again.
    package private(set) var outcome: AnswerOutcome?
    /// The result, once there is one.
    package private(set) var result: DialingResult?

    private let limits: Limits
    private let ringTime: Duration
    private let isLocalChannel: Bool
    private let judgement: CallFacts.Judgement
    private let machineHandling: MachineHandling
    /// Whether the plan names a destination for abandoned calls.
    private let hasSafeHarbour: Bool
    private var facts = CallFacts()
    /// The detour the owner was told of: one a call.
    private var detour: Detour?
    private var isMachineDropped = false
    /// Where the call was sent instead of its destination.
    private var divertedTo: UUID?
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
        let (plan, destination) = (dialing.snapshot.plan, dialing.snapshot.destination)
        self.judgement = CallFacts.Judgement(
            grace: plan.grace,
            isQueueDestination: destination.queueName != nil,
            mayDetectMachine: destination.kind == .extension
        )
        self.machineHandling = plan.machineHandling
        self.hasSafeHarbour = plan.abandonDestination != nil
        self.timeBase = now
        self.facts.channel = dialing.channel
    }

    package var stage: Stage {
        if self.result != nil { return .ended }
        if self.facts.agent != nil { return .withAgent }
        return self.facts.answeredAt == nil ? .dialing : .answered
    }

    package var isFinished: Bool { self.result != nil }

    /// When ``deadlineReached(at:)`` wants to be called; nil while only events can bring the call forward. An answered call has one while
    /// its grace time runs, and while it is to be decided whether it goes to the safe harbour.
    package var deadline: Timestamp? {
        guard self.result == nil else { return nil }
        if let terminalAt = self.facts.terminalAt { return terminalAt + self.limits.settling }
        guard !self.isBlind else { return nil }
        guard self.facts.answeredAt != nil else { return self.timeBase + self.ringTime + self.limits.margin }
        return self.outcome == nil ? self.facts.abandonmentDue(by: self.judgement) : self.safeHarbourDue
    }

    /// When an abandoned call is to be sent to the safe harbour. One that has reached its queue only after the grace time gets a moment, in
    /// which a free agent's phone would ring: a person is better served by an agent than by an announcement.
    private var safeHarbourDue: Timestamp? {
        guard self.outcome == .abandoned, self.hasSafeHarbour, self.detour == nil, self.facts.isWaitingAlone,
            let answeredAt = self.facts.answeredAt, let queuedAt = self.facts.queuedAt
        else { return nil }
        return max(answeredAt + self.judgement.grace, queuedAt + Self.queueingTime)
    }

    /// How long a queue may take to ring a free agent's phone.
    private static let queueingTime = Duration.milliseconds(500)

    /// Takes one event in.
    package mutating func handle(_ event: CallEvent, at now: Timestamp) -> Action? {
        guard self.result == nil else { return nil }
        let before = self.view
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
            .leftQueueUnanswered, .agentRinging, .agentNoAnswer, .agentConnected, .agentCompleted, .machineDetected,
            .machineDetectionCause, .parked, .hangup:
            self.facts.take(event, at: now)
        }
        self.advance(to: Self.liveStatus(of: event))
        if self.isConclusive { return self.finishFromFacts(at: now) }
        return self.judge(since: before, at: now)
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
        guard self.facts.answeredAt == nil else { return self.judge(since: self.view, at: now) }
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
        let before = self.view
        self.facts.take(.channelCreated(channel: channel), at: now)
        self.advance(to: .channelCreated)
        if isAnswered {
            self.facts.noteAnsweredCall(at: now)
            self.advance(to: .originateResponded)
        }
        return self.judge(since: before, at: now)
    }

    /// Whether a detour still makes sense; to be asked right before it is taken.
    package func mayMove(_ detour: Detour) -> Bool {
        guard self.result == nil else { return false }
        switch detour {
        case .machine: return self.facts.agent == nil
        case .abandoned: return self.facts.isWaitingAlone
        }
    }

    /// A detour was not taken because it made no sense any more. If that was for an agent whose phone rings, it is decided anew when the
    /// agent does not pick up.
    package mutating func detourDropped() {
        if self.detour == .abandoned { self.detour = nil }
    }

    /// The call was sent to that destination instead of its own.
    package mutating func diverted(to destination: UUID) {
        self.divertedTo = destination
    }

    // MARK: Deciding

    /// What the live view shows.
    private struct View: Equatable {
        var status: DialingStatus
        var stage: Stage
        var channel: String?
        var outcome: AnswerOutcome?
    }

    private var view: View {
        View(status: self.status, stage: self.stage, channel: self.facts.channel, outcome: self.outcome)
    }

    /// Looks what has become certain, and what is to be done about it.
    private mutating func judge(since before: View, at now: Timestamp) -> Action? {
        if self.outcome == nil, !self.isBlind { self.outcome = self.facts.outcome(by: self.judgement, at: now) }
        if self.outcome == .machine, self.facts.agent == nil {
            switch self.machineHandling {
            case .connect: break
            case .hangup where !self.isMachineDropped:
                self.isMachineDropped = true
                return .dropMachine
            case .divert where self.detour == nil:
                self.detour = .machine
                return .move(.machine)
            case .hangup, .divert: break
            }
        }
        if let due = self.safeHarbourDue, due <= now {
            self.detour = .abandoned
            return .move(.abandoned)
        }
        return before == self.view ? nil : .update
    }

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
        // Lost on the way, or over before anybody looked: a result must not tell of a call there may never have been.
        guard self.facts.hasCall else {
            return self.finish(
                .error, detail: "It is not known whether the call was placed: the PBX has no such call.", at: now)
        }
        return self.finish(.error, detail: "The PBX has no such call any more; its end was not seen.", at: now)
    }

    private mutating func finish(
        _ status: DialingStatus,
        detail: String? = nil,
        hangUp: Bool = false,
        at now: Timestamp
    ) -> Action {
        self.outcome =
            self.outcome ?? self.facts.outcome(by: self.judgement, at: now)
            ?? self.facts.outcomeAtEnd(by: self.judgement, status: status)
        var result = self.facts.result(
            dialing: self.dialing,
            status: status,
            detail: detail,
            outcome: self.outcome,
            isQueueDestination: self.judgement.isQueueDestination,
            now: now
        )
        result.divertedTo = self.divertedTo
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
            .agentCompleted, .machineDetected, .machineDetectionCause, .parked:
            .originateResponded
        case .originateRefused, .hangupRequested, .hangup, .vanished: nil
        }
    }
}
