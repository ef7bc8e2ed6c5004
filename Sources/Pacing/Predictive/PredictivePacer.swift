/// Places calls ahead of the agents' becoming free: as many as keep the chance that the next answer finds no agent at the level which
/// spends the abandonment budget, and no more.
///
/// It learns everything on line: how soon and how often people answer, how long conversations and after-call work last, whether agents
/// come back, and which risk of a single call spends the budget (docs/pacing.md has the mathematics). While it knows too little, and
/// when the budget is spent, it places one call for each free agent.
package struct PredictivePacer: Pacer {
    /// Calls whose ringing must have ended before any is placed ahead.
    private static let callsNeeded = 20
    /// Answers there must have been among them.
    private static let answersNeeded = 3
    /// The share of the calls placed whose ringing must have ended: of the first ones only the soonest are known.
    private static let maturity = 0.5
    /// Conversations that must have ended before a busy agent is counted on.
    private static let conversationsNeeded = 10
    /// Seconds without the end of any call after which what was learnt of answers is too old to place calls ahead.
    private static let stale = 1800.0
    /// Calls ringing at once for each agent at work, at the most.
    private static let mostPerAgent = 40
    /// A call more likely to meet nobody than this is never placed, whatever the budget.
    private static let mostRisk = 0.6

    /// Seconds a caller waits for an agent before the call counts as abandoned.
    package var grace: Double
    /// What may be spent on abandoned calls.
    package var budget: AbandonmentBudget
    package private(set) var floor = PacingFloor()
    package private(set) var answers = AnswerForecast()
    package private(set) var agents = AgentForecast()
    package private(set) var level: RiskLevel
    package private(set) var bunching = AbandonBunching()
    package private(set) var state = PacingState.learning

    private var shortage = ShortageForecast()
    private var outstanding = OutstandingCalls()
    private var clock = 0.0
    private var lastOutcomeAt = 0.0
    // Calls and answers known before the last long silence.
    private var callsBefore = 0
    private var answersBefore = 0

    /// - Parameters:
    ///   - target: the share of live answers that may be abandoned, from 0 to 1.
    ///   - grace: seconds a caller waits for an agent before the call counts as abandoned.
    package init(target: Double = 0.03, grace: Double = 2) {
        self.grace = grace
        self.budget = AbandonmentBudget(target: target)
        self.level = RiskLevel(target: self.budget.target)
    }

    package mutating func observe(_ event: PacingEvent, at time: Double) {
        self.clock = max(self.clock, time)
        var risk: Double?
        if case .dialed = event { risk = self.outstanding.placed() }
        self.learn(self.floor.apply(event, at: self.clock, risk: risk))
    }

    package mutating func callsToPlace(at time: Double, atMost limit: Int) -> Int {
        self.clock = max(self.clock, time)
        let outstanding = self.outstanding.count(at: self.clock)
        self.answers.refresh(self.floor.ringing, at: self.clock)
        self.state = self.nextState()
        guard self.floor.working > 0, limit > 0 else { return 0 }
        let free = max(0, self.floor.idle - self.floor.waiting - self.floor.ringing.count - outstanding)
        guard self.state == .predicting else { return self.ask(for: min(free, limit)) }
        self.agents.refresh(self.floor.agents, answers: self.answers, grace: self.grace, at: self.clock)
        self.shortage.look(
            at: self.floor, answers: self.answers, agents: self.agents, outstanding: outstanding,
            knowsAgents: self.agents.conversations >= Self.conversationsNeeded, time: self.clock)
        let most = Self.mostPerAgent * self.floor.working - self.floor.ringing.count - outstanding
        return self.place(atLeast: free, atMost: min(most, limit))
    }

    /// What the agents do is not known any more: they are told of anew, and nothing is learnt from the gap. Calls stay as they are.
    package mutating func forgetAgents() {
        self.floor.forgetAgents()
    }

    private func nextState() -> PacingState {
        if self.budget.isSpent(agents: self.floor.working) { return .spent }
        if self.clock - self.lastOutcomeAt > Self.stale { return .learning }
        if self.answers.resolved - self.callsBefore < Self.callsNeeded { return .learning }
        if self.answers.answers - self.answersBefore < Self.answersNeeded { return .learning }
        if self.state == .learning {
            let known = Double(self.answers.resolved)
            if known < Self.maturity * (known + Double(self.floor.ringing.count)) { return .learning }
        }
        return .predicting
    }

    /// Places calls one by one while each is worth its risk.
    private mutating func place(atLeast free: Int, atMost most: Int) -> Int {
        let target = self.budget.target
        let pending = self.floor.ringingRisk * self.answers.share * self.level.bias
        let appetite = self.budget.appetite(
            pending: pending, bunching: self.bunching.factor(agents: self.floor.working))
        var count = 0
        while count < most {
            let risk = self.shortage.risk
            if count >= free, risk > min(Self.mostRisk, self.level.limit * appetite) { break }
            self.shortage.addCall()
            self.level.placed(risk: risk, target: target, appetite: appetite)
            self.outstanding.append(risk: risk, at: self.clock)
            count += 1
        }
        return count
    }

    private mutating func ask(for count: Int) -> Int {
        for _ in 0..<count { self.outstanding.append(risk: 0, at: self.clock) }
        return count
    }

    private mutating func learn(_ lesson: FloorLesson) {
        if let outcome = lesson.outcome, let age = lesson.age {
            if self.clock - self.lastOutcomeAt > Self.stale {
                self.callsBefore = self.answers.resolved
                self.answersBefore = self.answers.answers
            }
            self.lastOutcomeAt = self.clock
            self.answers.record(outcome, age: age, agents: self.floor.working, at: self.clock)
        }
        if lesson.outcome == .human, let risk = lesson.risk {
            self.bunching.answered(risk: risk * self.level.bias, at: self.clock)
            self.level.answered(risk: risk)
        }
        if lesson.isLiveAnswer { self.budget.answered() }
        if lesson.isAbandoned {
            self.budget.abandoned()
            self.bunching.abandoned(at: self.clock)
            self.level.abandoned()
        }
        if let talk = lesson.talk { self.agents.recordTalk(talk) }
        if let wrap = lesson.wrap { self.agents.recordWrap(wrap) }
        if lesson.isLeaving { self.agents.recordLeaving() }
    }
}
