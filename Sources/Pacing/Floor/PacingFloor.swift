import DequeModule

/// Who is doing what: the agents and the calls in progress, kept from events in whatever order they come.
///
/// Everything it keeps has a bound: agents who left are forgotten, and calls of which nothing more is heard expire.
package struct PacingFloor: Sendable {
    /// One agent.
    package struct Agent: Sendable, Hashable {
        package var state: AgentState
        /// When this state began, in seconds.
        package var since: Double
    }

    private enum Stage: Hashable {
        case ringing
        case waiting
        case connected(agent: Int)
    }

    private struct Call {
        var placedAt: Double
        var stage: Stage
        var risk: Double?
    }

    /// How a call that is over, or was told of out of order, must be taken when it is named again.
    private enum Past { case unanswered, answered }

    /// Seconds after which a call of which nothing was heard is taken for lost.
    package static let longestRinging = 300.0
    /// The same for an answered caller nobody served.
    package static let longestWaiting = 3600.0
    /// Calls that are over and still known.
    private static let remembered = 4096

    /// Agents logged in, and free places of those who left.
    package private(set) var agents: [Agent] = []
    /// Calls that ring.
    package private(set) var ringing = RingingLines()
    /// The risks with which these were placed, added up.
    package private(set) var ringingRisk = 0.0
    /// Answered callers who have no agent.
    package private(set) var waiting = 0
    /// Agents ready for a call.
    package private(set) var idle = 0
    /// Agents talking or in after-call work.
    package private(set) var busy = 0

    private var slots: [Int: Int] = [:]
    private var freeSlots: [Int] = []
    private var calls: [Int: Call] = [:]
    private var past: [Int: Past] = [:]
    private var pastOrder: Deque<Int> = []
    private var sweptAt = -Double.infinity

    package init() {}

    /// Agents at work: idle, talking or in after-call work, not those on a break.
    package var working: Int { self.idle + self.busy }

    /// Calls placed and not over.
    package var callsInProgress: Int { self.calls.count }

    /// Takes an event in.
    ///
    /// - Parameter risk: For a call placed, the chance of meeting no agent that it was placed with.
    package mutating func apply(_ event: PacingEvent, at time: Double, risk: Double? = nil) -> FloorLesson {
        if time - self.sweptAt > 60 { self.sweep(at: time) }
        var lesson = FloorLesson()
        switch event {
        case .agent(let id, let state): self.setAgent(id, state, at: time, &lesson)
        case .dialed(let id):
            guard self.calls[id] == nil, self.past[id] == nil else { break }
            self.calls[id] = Call(placedAt: time, stage: .ringing, risk: risk)
            self.ringing.add(placedAt: time)
            self.ringingRisk += risk ?? 0
            lesson.isPlaced = true
            lesson.risk = risk
        case .outcome(let id, let outcome): self.ringingEnded(id, outcome, at: time, &lesson)
        case .connected(let id, let agent): self.connect(id, agent: agent, at: time, &lesson)
        case .abandoned(let id): self.abandon(id, at: time, &lesson)
        case .talkEnded(let id): self.endTalk(id, at: time, &lesson)
        }
        return lesson
    }

    /// Forgets all agents, as if none had ever been told of. Calls stay.
    package mutating func forgetAgents() {
        self.agents = []
        self.slots = [:]
        self.freeSlots = []
        self.idle = 0
        self.busy = 0
    }

    // MARK: Calls

    private mutating func ringingEnded(_ id: Int, _ outcome: CallOutcome, at time: Double, _ lesson: inout FloorLesson)
    {
        guard let call = self.calls[id] else {
            // Told of before its placing, or again. A person is counted all the same: they wait for an agent.
            guard self.past[id] == nil else { return }
            lesson.outcome = outcome
            guard outcome == .human else { return self.remember(id, .unanswered) }
            lesson.isLiveAnswer = true
            self.calls[id] = Call(placedAt: time, stage: .waiting, risk: nil)
            self.waiting += 1
            return
        }
        guard call.stage == .ringing else { return }
        self.stopRinging(call, outcome, at: time, &lesson)
        if outcome == .human {
            self.calls[id]?.stage = .waiting
            self.calls[id]?.placedAt = time
            self.waiting += 1
        } else {
            self.calls[id] = nil
            self.remember(id, .unanswered)
        }
    }

    private mutating func stopRinging(
        _ call: Call, _ outcome: CallOutcome, at time: Double, _ lesson: inout FloorLesson
    ) {
        self.removeRinging(call)
        lesson.outcome = outcome
        lesson.age = max(0, time - call.placedAt)
        lesson.risk = call.risk
        lesson.isLiveAnswer = outcome == .human
    }

    private mutating func removeRinging(_ call: Call) {
        self.ringing.remove(placedAt: call.placedAt)
        // The sum starts anew whenever it can, for every rounding stays in it.
        self.ringingRisk = self.ringing.count == 0 ? 0 : max(0, self.ringingRisk - (call.risk ?? 0))
    }

    private mutating func connect(_ id: Int, agent: Int, at time: Double, _ lesson: inout FloorLesson) {
        if let call = self.calls[id] {
            switch call.stage {
            case .ringing: self.stopRinging(call, .human, at: time, &lesson)
            case .waiting: self.waiting -= 1
            case .connected: return
            }
            self.calls[id]?.stage = .connected(agent: agent)
        } else {
            guard self.past[id] == nil else { return }
            lesson.isLiveAnswer = true
            self.calls[id] = Call(placedAt: time, stage: .connected(agent: agent), risk: nil)
        }
        self.setAgent(agent, .talking, at: time, &lesson)
    }

    private mutating func abandon(_ id: Int, at time: Double, _ lesson: inout FloorLesson) {
        guard let call = self.calls[id] else {
            // A call taken for a machine, or never told of, was a person after all. One that had an agent, or was counted, was not.
            guard self.past[id] != .answered else { return }
            lesson.isLiveAnswer = true
            lesson.isAbandoned = true
            return self.remember(id, .answered)
        }
        switch call.stage {
        case .ringing: self.stopRinging(call, .human, at: time, &lesson)
        case .waiting: self.waiting -= 1
        case .connected: return
        }
        lesson.isAbandoned = true
        self.calls[id] = nil
        self.remember(id, .answered)
    }

    private mutating func endTalk(_ id: Int, at time: Double, _ lesson: inout FloorLesson) {
        guard let call = self.calls[id] else { return self.remember(id, .answered) }
        self.calls[id] = nil
        self.remember(id, .answered)
        switch call.stage {
        case .ringing: self.stopRinging(call, .human, at: time, &lesson)
        case .waiting: self.waiting -= 1
        case .connected(let agent):
            // The agent's own state, when it came first, has ended the conversation already.
            guard let slot = self.slots[agent], self.agents[slot].state == .talking else { return }
            self.setAgent(agent, .wrapup, at: time, &lesson)
        }
    }

    private mutating func remember(_ id: Int, _ past: Past) {
        if self.past.updateValue(past, forKey: id) != nil { return }
        self.pastOrder.append(id)
        if self.pastOrder.count > Self.remembered { self.past[self.pastOrder.removeFirst()] = nil }
    }

    /// Forgets calls of which too long nothing was heard.
    private mutating func sweep(at time: Double) {
        self.sweptAt = time
        for (id, call) in self.calls {
            switch call.stage {
            case .ringing where time - call.placedAt > Self.longestRinging:
                self.removeRinging(call)
            case .waiting where time - call.placedAt > Self.longestWaiting:
                self.waiting -= 1
            case .ringing, .waiting, .connected: continue
            }
            self.calls[id] = nil
            self.remember(id, .unanswered)
        }
    }

    // MARK: Agents

    private mutating func setAgent(_ id: Int, _ state: AgentState, at time: Double, _ lesson: inout FloorLesson) {
        guard let slot = self.slots[id] else {
            guard state != .offline else { return }
            let agent = Agent(state: state, since: time)
            if let free = self.freeSlots.popLast() {
                self.agents[free] = agent
                self.slots[id] = free
            } else {
                self.slots[id] = self.agents.count
                self.agents.append(agent)
            }
            return self.count(state, 1)
        }
        let old = self.agents[slot]
        guard old.state != state else { return }
        self.count(old.state, -1)
        self.count(state, 1)
        self.agents[slot] = Agent(state: state, since: time)
        let length = time - old.since
        switch old.state {
        case .talking:
            lesson.talk = length
            if state == .idle { lesson.wrap = 0 }
            if state == .break || state == .offline { lesson.isLeaving = true }
        case .wrapup:
            if state == .break || state == .offline { lesson.isLeaving = true } else { lesson.wrap = length }
        case .idle, .break, .offline: break
        }
        if state == .offline {
            self.slots[id] = nil
            self.freeSlots.append(slot)
        }
    }

    private mutating func count(_ state: AgentState, _ difference: Int) {
        switch state {
        case .idle: self.idle += difference
        case .talking, .wrapup: self.busy += difference
        case .break, .offline: break
        }
    }
}
