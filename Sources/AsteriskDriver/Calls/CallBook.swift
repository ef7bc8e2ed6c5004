import AsteriskManager
import DequeModule
import DialerModel
import Telephony

import struct Foundation.UUID

/// The calls of ours that the server carries or is about to: which event belongs to which dialing, and what it means.
///
/// Pure: messages and moments in, events out. A call's entry goes a little after its end, so that late events still find it.
struct CallBook {
    private struct Call {
        var actionID: String?
        var channel: String?
        /// It was placed, by this process, through the dialplan that lets it be sent elsewhere.
        var hasDialplan = false
        var hasRung = false
        var hangupWasRequested = false
        var isOriginateDecided = false
        var isHungUp = false
        var wantsHangUp = false
        /// Checks in a row in which the server did not know the call.
        var misses = 0
        var placedAt: Duration
        var isRetiring = false
    }

    /// What a message led to.
    struct Outcome {
        var dialing: UUID
        var event: CallEvent
        /// A channel to hang up, which was asked for before it had a name.
        var hangUp: String?
    }

    /// How long an ended call is remembered, and how many at most.
    static let memory = Duration.seconds(30)
    static let memoryCount = 4096

    private var calls: [UUID: Call] = [:]
    private var actions: [String: UUID] = [:]
    private var retired: Deque<(dialing: UUID, at: Duration)> = []

    /// Calls that have not ended.
    var liveCount: Int { self.calls.count - self.retired.count }
    /// Everything kept, ended calls included.
    var count: Int { self.calls.count }

    /// - Parameter hasDialplan: Whether it is placed through ``MoveDialplan``.
    mutating func placed(_ dialing: UUID, actionID: String, hasDialplan: Bool, now: Duration) {
        self.calls[dialing] = Call(actionID: actionID, hasDialplan: hasDialplan, placedAt: now)
        self.actions[actionID] = dialing
    }

    /// Calls another process placed, which may live.
    mutating func follow(_ dialings: [UUID], now: Duration) {
        for dialing in dialings where self.calls[dialing] == nil { self.calls[dialing] = Call(placedAt: now) }
    }

    /// The order never got to the server.
    mutating func withdraw(_ dialing: UUID) {
        guard let call = self.calls[dialing], !call.isRetiring else { return }
        self.calls[dialing] = nil
        if let id = call.actionID { self.actions[id] = nil }
    }

    func channel(of dialing: UUID) -> String? { self.calls[dialing]?.channel }

    /// Where a call that goes on can be taken hold of; `nil` when there is no such call.
    func place(of dialing: UUID) -> (channel: String, hasDialplan: Bool)? {
        guard let call = self.calls[dialing], !call.isHungUp, !call.isRetiring, let channel = call.channel else {
            return nil
        }
        return (channel, call.hasDialplan)
    }

    func isLive(_ dialing: UUID) -> Bool { self.calls[dialing].map { !$0.isHungUp && !$0.isRetiring } ?? false }

    /// Hang the call up as soon as its channel has a name.
    mutating func hangUpWhenNamed(_ dialing: UUID) { self.calls[dialing]?.wantsHangUp = true }

    // MARK: Answers

    /// The answer to a posted Originate; `nil` when the action is none of ours.
    mutating func answered(_ response: AMIMessage, now: Duration) -> Outcome? {
        guard let id = response.actionID, let dialing = self.actions.removeValue(forKey: id) else { return nil }
        if response.isResponse("Success") { return Outcome(dialing: dialing, event: .originateQueued) }
        self.retire(dialing, now: now)
        return Outcome(dialing: dialing, event: .originateRefused(message: response["Message"] ?? ""))
    }

    // MARK: Events

    /// Which of our calls the id in a header belongs to, and whether it is the second Local half.
    func owner(_ message: AMIMessage, _ header: StaticString) -> (dialing: UUID, isPeerHalf: Bool)? {
        guard !self.calls.isEmpty else { return nil }
        return message.withUnsafeValue(of: header) { text -> (UUID, Bool)? in
            if let id = ChannelID.parse(text) {
                if self.calls[id] != nil { return (id, false) }
                let main = ChannelID.peer(id)
                return self.calls[main] != nil ? (main, true) : nil
            }
            if let id = ChannelID.parseUnnamedPeer(text), self.calls[id] != nil { return (id, true) }
            return nil
        } ?? nil
    }

    private func mainOwner(_ message: AMIMessage, _ header: StaticString) -> UUID? {
        guard let owner = self.owner(message, header), !owner.isPeerHalf else { return nil }
        return owner.dialing
    }

    /// - Returns: `nil` for events of foreign calls and for events that say nothing new.
    mutating func received(_ type: AMIEventType, _ message: AMIMessage, now: Duration) -> Outcome? {
        switch type {
        case .newchannel:
            guard let dialing = self.mainOwner(message, "Uniqueid") else { return nil }
            let name = AMIChannelEvent(message).channel
            let wantsHangUp = self.calls[dialing]?.wantsHangUp ?? false
            self.calls[dialing]?.channel = name
            self.calls[dialing]?.wantsHangUp = false
            return Outcome(dialing: dialing, event: .channelCreated(channel: name), hangUp: wantsHangUp ? name : nil)
        case .newstate:
            guard let dialing = self.mainOwner(message, "Uniqueid"), AMIChannelEvent(message).isRinging else {
                return nil
            }
            return self.rang(dialing)
        case .dialBegin:
            // Agents' legs bear the customer's id as Uniqueid, never as DestUniqueid.
            guard let dialing = self.mainOwner(message, "DestUniqueid") else { return nil }
            return Outcome(dialing: dialing, event: .dialBegin)
        case .dialState:
            guard message.value("DialStatus", equals: "RINGING"), let dialing = self.mainOwner(message, "DestUniqueid")
            else { return nil }
            return self.rang(dialing)
        case .dialEnd:
            guard let dialing = self.mainOwner(message, "DestUniqueid"),
                let status = DialStatus(rawValue: AMIDialEvent(message).status)
            else { return nil }
            return Outcome(dialing: dialing, event: .dialEnd(status))
        case .originateResponse:
            guard let dialing = self.mainOwner(message, "Uniqueid") else { return nil }
            return self.decided(dialing, AMIOriginateResponseEvent(message), now: now)
        case .queueCallerJoin:
            guard let dialing = self.mainOwner(message, "Uniqueid") else { return nil }
            let event = AMIQueueCallerEvent(message)
            return Outcome(dialing: dialing, event: .joinedQueue(queue: event.queue, position: event.position))
        case .queueCallerAbandon:
            guard let dialing = self.mainOwner(message, "Uniqueid") else { return nil }
            return Outcome(dialing: dialing, event: .leftQueueUnanswered(hold: AMIQueueCallerEvent(message).holdTime))
        case .hangupRequest:
            // A phone's BYE bears no cause, a caller behind a Local channel one above 0; an Asterisk that drops the call says 0.
            guard message.integer("Cause") != 0, let dialing = self.mainOwner(message, "Uniqueid"),
                self.calls[dialing]?.hangupWasRequested == false
            else { return nil }
            self.calls[dialing]?.hangupWasRequested = true
            return Outcome(dialing: dialing, event: .hangupRequested)
        case .agentCalled:
            return self.agentEvent(message) { .agentRinging(agent: $0.interface) }
        case .agentRingNoAnswer:
            return self.agentEvent(message) { .agentNoAnswer(agent: $0.interface) }
        case .agentConnect:
            return self.agentEvent(message) { .agentConnected(agent: $0.interface, hold: $0.holdTime) }
        case .agentComplete:
            return self.agentEvent(message) { .agentCompleted(agent: $0.interface, talk: $0.talkTime) }
        case .varSet:
            return self.variableEvent(message)
        case .parkedCall:
            guard let dialing = self.mainOwner(message, "ParkeeUniqueid") else { return nil }
            return Outcome(dialing: dialing, event: .parked(space: AMIParkedCallEvent(message).space))
        case .hangup:
            guard let owner = self.owner(message, "Uniqueid") else { return nil }
            let event = AMIHangupEvent(message)
            if !owner.isPeerHalf {
                self.calls[owner.dialing]?.isHungUp = true
                self.retireIfDone(owner.dialing, now: now)
            }
            return Outcome(
                dialing: owner.dialing,
                event: .hangup(cause: event.cause, text: event.causeText, isPeerHalf: owner.isPeerHalf)
            )
        case .queueCallerLeave, .queueMemberStatus, .queueMemberAdded, .queueMemberRemoved, .queueMemberPause,
            .queueMemberPenalty, .queueMemberRinginuse, .queueParams, .queueMember, .queueEntry, .queueStatusComplete,
            .coreShowChannel, .coreShowChannelsComplete, .listDialplan, .showDialPlanComplete, .fullyBooted, .shutdown,
            .reload:
            return nil
        }
    }

    private mutating func rang(_ dialing: UUID) -> Outcome? {
        guard self.calls[dialing]?.hasRung == false else { return nil }
        self.calls[dialing]?.hasRung = true
        return Outcome(dialing: dialing, event: .ringing)
    }

    private mutating func decided(_ dialing: UUID, _ event: AMIOriginateResponseEvent, now: Duration) -> Outcome {
        self.calls[dialing]?.isOriginateDecided = true
        if let id = self.calls[dialing]?.actionID { self.actions[id] = nil }
        if event.isSuccess {
            if self.calls[dialing]?.channel == nil { self.calls[dialing]?.channel = event.channel }
            self.retireIfDone(dialing, now: now)
        } else if self.calls[dialing]?.channel == nil {
            // No channel, no Hangup: nothing more will come.
            self.retire(dialing, now: now)
        } else {
            self.retireIfDone(dialing, now: now)
        }
        return Outcome(
            dialing: dialing,
            event: .originateResponse(
                answered: event.isSuccess,
                reason: event.reason,
                channel: event.isSuccess ? event.channel : nil
            )
        )
    }

    private func agentEvent(_ message: AMIMessage, _ make: (AMIAgentEvent) -> CallEvent) -> Outcome? {
        // An AgentComplete lacks the customer's Uniqueid when the customer is gone; the agent's leg is linked to the call still.
        guard let dialing = self.mainOwner(message, "Uniqueid") ?? self.mainOwner(message, "DestLinkedid") else {
            return nil
        }
        return Outcome(dialing: dialing, event: make(AMIAgentEvent(message)))
    }

    /// What Asterisk's AMD found. Every other variable is somebody else's business.
    private func variableEvent(_ message: AMIMessage) -> Outcome? {
        let isStatus = message.value("Variable", equals: "AMDSTATUS")
        guard isStatus || message.value("Variable", equals: "AMDCAUSE"), let value = message["Value"], !value.isEmpty,
            let dialing = self.mainOwner(message, "Uniqueid")
        else { return nil }
        return Outcome(
            dialing: dialing, event: isStatus ? .machineDetected(status: value) : .machineDetectionCause(value))
    }

    // MARK: Ends

    private mutating func retireIfDone(_ dialing: UUID, now: Duration) {
        guard let call = self.calls[dialing], call.isHungUp, call.isOriginateDecided else { return }
        self.retire(dialing, now: now)
    }

    private mutating func retire(_ dialing: UUID, now: Duration) {
        guard let call = self.calls[dialing], !call.isRetiring else { return }
        self.calls[dialing]?.isRetiring = true
        if let id = call.actionID { self.actions[id] = nil }
        self.retired.append((dialing, now))
    }

    /// Forgets what ended long enough ago.
    mutating func forget(now: Duration) {
        while let first = self.retired.first, self.retired.count > Self.memoryCount || now - first.at >= Self.memory {
            self.retired.removeFirst()
            self.calls[first.dialing] = nil
        }
    }

    // MARK: Checks against the server

    /// After a connection: what lives is kept or adopted, everything else has ended unseen.
    mutating func reset(to live: [LiveCall], now: Duration) {
        let old = self.calls
        self.calls = [:]
        self.actions = [:]
        self.retired = []
        for call in live {
            var entry = old[call.dialing] ?? Call(placedAt: now)
            entry.channel = call.channel
            entry.isRetiring = false
            entry.isHungUp = false
            // The response went to the sessions of its moment; waiting for it would keep the entry for ever.
            if call.isAnswered { entry.isOriginateDecided = true }
            entry.misses = 0
            self.calls[call.dialing] = entry
            if let id = entry.actionID, !entry.isOriginateDecided { self.actions[id] = call.dialing }
        }
        // An order accepted just before may make its channel after the list was told; `compare` retires it when it does not.
        for (dialing, call) in old
        where self.calls[dialing] == nil && !call.isRetiring && !call.isHungUp
            && now - call.placedAt < Self.settlingTime
        {
            self.calls[dialing] = call
            if let id = call.actionID, !call.isOriginateDecided { self.actions[id] = dialing }
        }
    }

    /// How long an accepted order may take to make its channel.
    private static let settlingTime = Duration.seconds(10)

    /// A periodic check. A call the server did not know twice in a row, while its end was not told, has vanished.
    ///
    /// - Parameter since: When the check was asked for; younger calls are left alone.
    mutating func compare(with live: [LiveCall], since: Duration, now: Duration) -> [UUID] {
        let known = Set(live.map(\.dialing))
        var vanished: [UUID] = []
        for call in live where self.calls[call.dialing]?.channel == nil {
            self.calls[call.dialing]?.channel = call.channel
        }
        for (dialing, call) in self.calls where !call.isRetiring && call.placedAt < since {
            if known.contains(dialing) {
                self.calls[dialing]?.misses = 0
            } else if call.misses >= 1 {
                // A call whose Hangup was seen lacks an OriginateResponse only: its end is known.
                if !call.isHungUp { vanished.append(dialing) }
                self.retire(dialing, now: now)
            } else {
                self.calls[dialing]?.misses = call.misses + 1
            }
        }
        return vanished
    }
}
