import DialerModel
import Pacing
import Telephony

import struct Foundation.UUID

/// The predictive pacing of one queue at one PBX: what it learnt of the calls and agents there, whichever campaigns they belong to.
///
/// Agents come from the queue's pictures, calls from their own events. A plain value; time comes in as an argument, in seconds.
struct QueuePacing: Sendable {
    /// What one campaign may risk.
    struct Risk: Sendable, Hashable {
        /// The plan's `abandon_target`.
        var target: Double
        /// The plan's `abandon_grace`, in seconds.
        var grace: Double
        /// What the windows the law counts hold already; nil when it is not known.
        var windows: [AbandonmentBudget.Window]?
    }

    private struct Member {
        var id: Int
        /// As the queue's last picture had it.
        var state: AgentState
        /// When that state began, in seconds.
        var since: Double
    }

    /// Seconds after which a claim that is under way still may have outlived what the pacer expects of it.
    private static let longestClaim = 0.9
    /// Seconds a pause without a reason may last after a conversation and be after-call work still.
    private static let longestWrapUpPause = 120.0
    /// Conversations whose agent is remembered; what a PBX tells beyond costs no memory.
    private static let mostConversations = 100_000

    private var pacer = PredictivePacer()
    private var members: [String: Member] = [:]
    private var nextMember = 0
    /// Who has which call, for the moment the queue's picture does not show it.
    private var conversations: [Int: String] = [:]
    /// Callers in the queue that no campaign called, under numbers of their own.
    private var strangers: [Int] = []
    private var nextStranger = -1
    /// Calls granted whose claims are not settled.
    private var claiming = 0
    private var claimingSince = 0.0
    /// When it was last asked, in seconds.
    private(set) var askedAt = 0.0

    /// Why it asked for as many calls as it did at its last look.
    private(set) var state = PacingState.learning
    /// Agents it counts on now or soon.
    var workingAgents: Int { self.pacer.floor.working }

    // MARK: What happens

    /// Takes a picture of the queue in.
    ///
    /// - Parameter waiting: How many of its callers are our calls.
    mutating func see(_ snapshot: QueueSnapshot, waiting: Int, at time: Double) {
        var missing = self.members.count
        for member in snapshot.members {
            let state = Self.state(of: member, known: self.members[member.interface], at: time)
            if var known = self.members[member.interface] {
                missing -= 1
                guard known.state != state else { continue }
                known.state = state
                known.since = time
                self.members[member.interface] = known
                self.pacer.observe(.agent(known.id, state), at: time)
            } else {
                self.nextMember += 1
                self.members[member.interface] = Member(id: self.nextMember, state: state, since: time)
                self.pacer.observe(.agent(self.nextMember, state), at: time)
            }
        }
        if missing > 0 { self.dropMembers(notIn: snapshot, at: time) }
        self.countStrangers(snapshot.callersWaiting - waiting, at: time)
    }

    /// Something happened to a call.
    ///
    /// - Parameter agent: The interface of the agent who took it, where one did.
    mutating func take(_ event: CallProgress, of call: Int, at time: Double) {
        switch event {
        case .placed: self.pacer.observe(.dialed(call), at: time)
        case .answered: self.pacer.observe(.outcome(call, .human), at: time)
        case .machine: self.pacer.observe(.outcome(call, .machine), at: time)
        case .unanswered(let outcome): self.pacer.observe(.outcome(call, outcome), at: time)
        case .abandoned: self.pacer.observe(.abandoned(call), at: time)
        case .withAgent(let interface):
            guard let member = self.members[interface], self.conversations.count < Self.mostConversations else {
                // An agent the queue does not show: nobody to count on, and the caller needs no other.
                self.pacer.observe(.talkEnded(call), at: time)
                return
            }
            self.conversations[call] = interface
            self.pacer.observe(.connected(call, agent: member.id), at: time)
        case .over:
            self.pacer.observe(.talkEnded(call), at: time)
            // A conversation between two pictures of the queue: the next one brings no change that would free the agent.
            if let interface = self.conversations.removeValue(forKey: call), let member = self.members[interface],
                member.state != .talking
            {
                self.pacer.observe(.agent(member.id, member.state), at: time)
            }
        }
    }

    /// What the agents do is not seen any more. Calls stay known.
    mutating func forgetAgents() {
        self.members = [:]
        self.conversations = [:]
        self.pacer.forgetAgents()
    }

    // MARK: What is asked

    /// How many calls the queue's agents are good for now, were it all one campaign's; nothing is set aside.
    mutating func look(_ risk: Risk, at time: Double, atMost limit: Int) -> Int {
        self.askedAt = time
        var look = self.pacer
        Self.apply(risk, to: &look)
        let count = look.callsToPlace(at: time, atMost: limit)
        self.state = look.state
        // What a slow claim is about to place is not to be placed twice.
        return self.claiming == 0 || time - self.claimingSince < Self.longestClaim ? count : 0
    }

    /// Sets up to `limit` calls aside; ``settle(_:)`` and ``CallProgress/placed`` follow.
    ///
    /// - Returns: how many; what ``look(_:at:atMost:)`` said, but no more than `limit`.
    mutating func grant(_ risk: Risk, at time: Double, atMost limit: Int) -> Int {
        Self.apply(risk, to: &self.pacer)
        let count = self.pacer.callsToPlace(at: time, atMost: limit)
        guard count > 0 else { return 0 }
        if self.claiming == 0 { self.claimingSince = time }
        self.claiming += count
        return count
    }

    /// The claim for `count` calls granted is over, whatever it found.
    mutating func settle(_ count: Int) {
        self.claiming = max(0, self.claiming - count)
    }

    // MARK: Pieces

    private static func apply(_ risk: Risk, to pacer: inout PredictivePacer) {
        pacer.grace = risk.grace
        pacer.budget.target = risk.target
        if let windows = risk.windows { pacer.budget.setWindows(windows) }
    }

    /// An agent at whom a phone rings counts as idle: the caller it rings for is counted as waiting for one.
    private static func state(of member: QueueMember, known: Member?, at time: Double) -> AgentState {
        switch member.state {
        case .unavailable: .offline
        case .talking: .talking
        case .idle, .ringing, .wrapUp:
            member.isPaused ? Self.pause(of: member, known: known, at: time) : Self.atWork(member)
        }
    }

    private static func atWork(_ member: QueueMember) -> AgentState { member.state == .wrapUp ? .wrapup : .idle }

    /// What a pause is: after-call work where its reason says so or, without a reason, where it follows a conversation and does not last.
    private static func pause(of member: QueueMember, known: Member?, at time: Double) -> AgentState {
        if let reason = member.pauseReason { return Self.isWrapUp(reason) ? .wrapup : .break }
        switch known?.state {
        case .talking: return .wrapup
        case .wrapup: return time - (known?.since ?? time) < Self.longestWrapUpPause ? .wrapup : .break
        case .idle, .break, .offline, nil: return .break
        }
    }

    private static func isWrapUp(_ reason: String) -> Bool {
        let letters = reason.lowercased().filter(\.isLetter)
        return ["wrapup", "acw", "aftercall", "postcall"].contains { letters.hasPrefix($0) }
    }

    private mutating func dropMembers(notIn snapshot: QueueSnapshot, at time: Double) {
        let present = Set(snapshot.members.map(\.interface))
        for (interface, member) in self.members where !present.contains(interface) {
            self.members[interface] = nil
            self.pacer.observe(.agent(member.id, .offline), at: time)
        }
    }

    /// Callers of others take agents as ours do.
    private mutating func countStrangers(_ count: Int, at time: Double) {
        let count = min(max(0, count), Self.mostConversations)
        while self.strangers.count < count {
            self.strangers.append(self.nextStranger)
            self.pacer.observe(.outcome(self.nextStranger, .human), at: time)
            self.nextStranger -= 1
        }
        while self.strangers.count > count {
            self.pacer.observe(.talkEnded(self.strangers.removeLast()), at: time)
        }
    }
}
