import AsteriskManager
import Telephony

/// The picture of every queue: members, what they do, callers waiting.
///
/// Pure: messages and moments in, changed queues out. Three things no single event tells are reckoned here: that a Local or silent
/// device rings (`AgentCalled` until it is answered or given up), that a member talks although its device does not show it, and that a
/// member whose device is idle still wraps up (`LastCall` plus the wrap-up time; its end has no event at all).
struct QueueBoard {
    /// What the configuration says about queues.
    struct Settings {
        var wrapUp: [String: Int] = [:]
        var defaultWrapUp = 0
        var countsUnknownAsIdle = false
    }

    private struct Member {
        var index: Int
        var status = 0
        var lastCall = 0
        var ownWrapUp = 0
        var wrapUpEnds: Duration?
    }

    private struct Queue {
        var snapshot: QueueSnapshot
        var members: [String: Member] = [:]
    }

    /// What an agent does by the queue's own events, over all of its queues.
    private enum Activity {
        case ringing(leg: UInt64, since: Duration)
        case talking(leg: UInt64)
    }

    /// A ringing nobody ended is not believed longer than this.
    static let longestRinging = Duration.seconds(180)

    private let settings: Settings
    private var queues: [String: Queue] = [:]
    private var activities: [String: Activity] = [:]
    /// Agents' legs by the hash of their unique id, so that a Hangup of a foreign channel is looked up without a `String`.
    private var legs: [UInt64: String] = [:]
    /// The server's seconds since 1970 at this side's moment zero.
    private var serverEpoch: Double?
    private var changed: Set<String> = []

    init(settings: Settings) {
        self.settings = settings
    }

    func snapshot(named name: String) -> QueueSnapshot? { self.queues[name]?.snapshot }

    /// The queues that changed since this was asked last.
    mutating func takeChanges() -> [QueueSnapshot] {
        guard !self.changed.isEmpty else { return [] }
        defer { self.changed.removeAll(keepingCapacity: true) }
        return self.changed.sorted().map { self.queues[$0]?.snapshot ?? QueueSnapshot(name: $0) }
    }

    /// When the next wrap-up ends.
    var nextDeadline: Duration? {
        var next: Duration?
        for queue in self.queues.values {
            for member in queue.members.values {
                guard let end = member.wrapUpEnds else { continue }
                next = min(next ?? end, end)
            }
        }
        return next
    }

    /// Time passes: wrap-ups end.
    mutating func tick(now: Duration) {
        for (name, queue) in self.queues {
            for (interface, member) in queue.members {
                guard let end = member.wrapUpEnds, end <= now else { continue }
                self.queues[name]?.members[interface]?.wrapUpEnds = nil
                self.refresh(name, interface, now: now)
            }
        }
    }

    /// The server told its own time (`Ping`).
    mutating func serverTime(_ seconds: Double, now: Duration) {
        self.serverEpoch = seconds - now.inSeconds
    }

    // MARK: Events

    mutating func received(_ type: AMIEventType, _ message: AMIMessage, now: Duration) {
        switch type {
        case .queueCallerJoin, .queueCallerLeave:
            let event = AMIQueueCallerEvent(message)
            guard let count = event.count else { return }
            self.set(callersWaiting: count, of: event.queue)
        case .queueMemberStatus:
            let event = AMIQueueMemberEvent(message)
            if event.status == 1 { self.deviceIsIdle(event) }
            self.update(event, now: now)
        case .queueMemberAdded, .queueMemberPause, .queueMemberPenalty, .queueMemberRinginuse:
            self.update(AMIQueueMemberEvent(message), now: now)
        case .queueMemberRemoved:
            let event = AMIQueueMemberEvent(message)
            self.remove(event.interface, from: event.queue)
        case .agentCalled:
            let event = AMIAgentEvent(message)
            let leg = Self.legHash(message, "DestUniqueid")
            self.setActivity(.ringing(leg: leg, since: now), leg: leg, of: event.interface, now: now)
        case .agentConnect:
            let event = AMIAgentEvent(message)
            let leg = Self.legHash(message, "DestUniqueid")
            self.setActivity(.talking(leg: leg), leg: leg, of: event.interface, now: now)
        case .agentRingNoAnswer:
            self.clearActivity(of: AMIAgentEvent(message).interface, now: now)
        case .agentComplete:
            let event = AMIAgentEvent(message)
            self.startWrapUp(of: event.interface, in: event.queue, now: now)
            self.clearActivity(of: event.interface, now: now)
        case .hangup:
            guard !self.legs.isEmpty, let interface = self.legs[Self.legHash(message, "Uniqueid")] else { return }
            self.clearActivity(of: interface, now: now)
        case .newchannel, .newstate, .hangupRequest, .dialBegin, .dialState, .dialEnd, .originateResponse,
            .queueCallerAbandon, .parkedCall, .queueParams, .queueMember, .queueEntry, .queueStatusComplete,
            .coreShowChannel, .coreShowChannelsComplete, .listDialplan, .showDialPlanComplete, .varSet, .fullyBooted,
            .shutdown, .reload:
            break
        }
    }

    private mutating func set(callersWaiting count: Int, of name: String) {
        guard !name.isEmpty, self.queues[name]?.snapshot.callersWaiting != count else { return }
        self.queues[name, default: Queue(snapshot: QueueSnapshot(name: name))].snapshot.callersWaiting = count
        self.changed.insert(name)
    }

    /// The device is free: whatever the queue's events said before is over. A call that the queue still counts is believed instead.
    private mutating func deviceIsIdle(_ event: AMIQueueMemberEvent) {
        guard event.message.value("InCall", equals: "0") else { return }
        self.dropActivity(of: event.interface)
    }

    private mutating func update(_ event: AMIQueueMemberEvent, now: Duration) {
        let name = event.queue
        let interface = event.interface
        guard !name.isEmpty, !interface.isEmpty else { return }
        var queue = self.queues.removeValue(forKey: name) ?? Queue(snapshot: QueueSnapshot(name: name))
        var member: Member
        if let known = queue.members[interface] {
            member = known
        } else {
            member = Member(index: queue.snapshot.members.count)
            queue.snapshot.members.append(QueueMember(interface: interface, name: "", state: .unavailable))
        }
        let hadLastCall = member.lastCall
        member.status = event.status
        member.ownWrapUp = event.wrapUpTime
        member.lastCall = event.lastCall
        let wrapUp = self.wrapUp(of: member, in: name)
        if wrapUp == 0 || member.lastCall == 0 {
            // Nothing to reckon from; a wrap-up that AgentComplete began goes on.
            if wrapUp == 0 { member.wrapUpEnds = nil }
        } else if let epoch = self.serverEpoch {
            let end = Duration.seconds(Double(member.lastCall + wrapUp) - epoch)
            if member.lastCall != hadLastCall || end > now { member.wrapUpEnds = end > now ? end : nil }
        } else if member.lastCall != hadLastCall, hadLastCall != 0 || queue.members[interface] != nil {
            member.wrapUpEnds = now + .seconds(wrapUp)
        }
        queue.members[interface] = member
        let reason = event.isPaused ? event.pausedReason : ""
        let new = QueueMember(
            interface: interface,
            name: event.memberName,
            state: self.state(of: member, interface: interface, now: now),
            isPaused: event.isPaused,
            pauseReason: reason.isEmpty ? nil : String(reason.prefix(80))
        )
        let hasChanged = queue.snapshot.members[member.index] != new
        if hasChanged { queue.snapshot.members[member.index] = new }
        self.queues[name] = queue
        if hasChanged { self.changed.insert(name) }
    }

    private mutating func remove(_ interface: String, from name: String) {
        guard var queue = self.queues.removeValue(forKey: name) else { return }
        if let member = queue.members.removeValue(forKey: interface) {
            queue.snapshot.members.remove(at: member.index)
            for (other, entry) in queue.members where entry.index > member.index {
                queue.members[other]?.index = entry.index - 1
            }
            self.changed.insert(name)
        }
        self.queues[name] = queue
        if !self.queues.values.contains(where: { $0.members[interface] != nil }) { self.dropActivity(of: interface) }
    }

    private mutating func startWrapUp(of interface: String, in name: String, now: Duration) {
        guard let member = self.queues[name]?.members[interface] else { return }
        let wrapUp = self.wrapUp(of: member, in: name)
        guard wrapUp > 0 else { return }
        self.queues[name]?.members[interface]?.wrapUpEnds = now + .seconds(wrapUp)
        self.refresh(name, interface, now: now)
    }

    // MARK: Activities

    private mutating func setActivity(_ activity: Activity, leg: UInt64, of interface: String, now: Duration) {
        self.dropActivity(of: interface)
        self.activities[interface] = activity
        self.legs[leg] = interface
        self.refreshEverywhere(interface, now: now)
    }

    private mutating func clearActivity(of interface: String, now: Duration) {
        guard self.dropActivity(of: interface) else { return }
        self.refreshEverywhere(interface, now: now)
    }

    @discardableResult
    private mutating func dropActivity(of interface: String) -> Bool {
        switch self.activities.removeValue(forKey: interface) {
        case .ringing(let leg, _), .talking(let leg):
            self.legs[leg] = nil
            return true
        case nil:
            return false
        }
    }

    private mutating func refreshEverywhere(_ interface: String, now: Duration) {
        for (name, queue) in self.queues where queue.members[interface] != nil {
            self.refresh(name, interface, now: now)
        }
    }

    private mutating func refresh(_ name: String, _ interface: String, now: Duration) {
        guard let member = self.queues[name]?.members[interface] else { return }
        let state = self.state(of: member, interface: interface, now: now)
        guard self.queues[name]?.snapshot.members[member.index].state != state else { return }
        self.queues[name]?.snapshot.members[member.index].state = state
        self.changed.insert(name)
    }

    private func wrapUp(of member: Member, in name: String) -> Int {
        member.ownWrapUp > 0 ? member.ownWrapUp : self.settings.wrapUp[name] ?? self.settings.defaultWrapUp
    }

    private func state(of member: Member, interface: String, now: Duration) -> QueueMember.State {
        // 4 invalid and 5 unavailable overrule what was heard before.
        if member.status == 4 || member.status == 5 { return .unavailable }
        switch self.activities[interface] {
        case .talking: return .talking
        case .ringing(_, let since) where now - since < Self.longestRinging:
            return member.status == 3 || member.status == 7 || member.status == 8 ? .talking : .ringing
        case .ringing, nil: break
        }
        switch member.status {
        case 1: break
        case 0: if !self.settings.countsUnknownAsIdle { return .unavailable }
        case 6: return .ringing
        default: return .talking
        }
        if let end = member.wrapUpEnds, end > now { return .wrapUp }
        return .idle
    }

    /// FNV-1a; two live legs with one hash would only free an agent early until the next device state.
    private static func legHash(_ message: AMIMessage, _ header: StaticString) -> UInt64 {
        message.withUnsafeValue(of: header) { bytes in
            bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        } ?? 0
    }

    // MARK: Lists

    /// Replaces the picture by a `QueueStatus` list. What the list cannot tell (ringing, talking, wrap-up) is kept.
    mutating func replace(with items: [AMIMessage], now: Duration) {
        let old = self.queues
        self.queues = [:]
        let changedBefore = self.changed
        for item in items {
            switch item.eventType {
            case .queueParams:
                let name = item["Queue"] ?? ""
                if self.queues[name] == nil { self.queues[name] = Queue(snapshot: QueueSnapshot(name: name)) }
            case .queueMember:
                let event = AMIQueueMemberEvent(item)
                if let known = old[event.queue]?.members[event.interface] {
                    self.adopt(known, event)
                }
                if event.status == 1 { self.deviceIsIdle(event) }
                self.update(event, now: now)
            case .queueEntry:
                let name = item["Queue"] ?? ""
                self.queues[name, default: Queue(snapshot: QueueSnapshot(name: name))].snapshot.callersWaiting += 1
            default:
                break
            }
        }
        self.changed = changedBefore
        for name in Set(old.keys).union(self.queues.keys) {
            let before = old[name]?.snapshot
            let after = self.queues[name]?.snapshot
            if before != after { self.changed.insert(name) }
        }
    }

    /// Keeps a member's wrap-up over a list.
    private mutating func adopt(_ known: Member, _ event: AMIQueueMemberEvent) {
        var queue = self.queues.removeValue(forKey: event.queue) ?? Queue(snapshot: QueueSnapshot(name: event.queue))
        var member = known
        member.index = queue.snapshot.members.count
        queue.snapshot.members.append(QueueMember(interface: event.interface, name: "", state: .unavailable))
        queue.members[event.interface] = member
        self.queues[event.queue] = queue
    }

    /// The server is out of sight: nothing of the picture is certain any more.
    mutating func forgetEverything() {
        self.queues = [:]
        self.activities = [:]
        self.legs = [:]
        self.changed = []
    }
}

extension Duration {
    /// As a floating-point number of seconds.
    var inSeconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
