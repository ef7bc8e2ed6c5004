import Chance
import DequeModule
import HeapModule
import Pacing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One shift of a scenario, fast-forwarded: from event to event, with the same pacing code that dials real people.
///
/// What becomes of the n-th call and what an agent does are drawn from streams of their own, so that two policies meet the same people.
package struct Shift {
    /// Seconds of one ``ShiftResult/Sample``.
    package static let sampleLength = 300.0

    let scenario: Scenario
    private let seed: UInt64
    private var due = Heap<ShiftMoment>()
    private var planned = 0
    private var now = 0.0
    private var weather: AnswerWeather
    var agents: [ShiftAgent] = []
    /// Agents ready for a call, the longest idle first; some may be gone since.
    private var ready = Deque<Int>()
    private var calls: [Int: ShiftCall] = [:]
    /// Callers waiting, the longest first; some may be gone since.
    private var waiting = Deque<Int>()
    private var callsInProgress = 0
    private var allowance: Double
    private var allowanceAt = 0.0
    private var busy = 0
    private var loggedIn = 0
    private var countedUntil = 0.0
    private var sample = ShiftResult.Sample(at: 0)
    private var result = ShiftResult()

    package init(_ scenario: Scenario, seed: UInt64) {
        self.scenario = scenario
        self.seed = seed
        self.weather = AnswerWeather(scenario, random: SplitMix64(seed: seed, stream: 0))
        self.allowance = max(1, scenario.callsPerSecond)
    }

    /// Runs the shift to its end.
    package mutating func run(with pacer: inout some Pacer) -> ShiftResult {
        self.setStaff(self.scenario.agents, &pacer)
        for change in self.scenario.staff { self.plan(.staffChanges(change.agents), at: change.at) }
        self.plan(.look, at: 0)
        self.plan(.sample, at: Self.sampleLength)
        while let moment = self.due.popMin(), moment.time < self.scenario.length {
            self.now = moment.time
            self.count()
            self.handle(moment.kind, &pacer)
        }
        self.now = self.scenario.length
        self.count()
        if self.sample.loggedIn > 0 { self.takeSample() }
        return self.result
    }

    private mutating func plan(_ kind: ShiftMoment.Kind, at time: Double) {
        self.planned += 1
        self.due.insert(ShiftMoment(time: time, order: self.planned, kind: kind))
    }

    private mutating func handle(_ kind: ShiftMoment.Kind, _ pacer: inout some Pacer) {
        switch kind {
        case .ringingEnds(let call): self.endRinging(call, &pacer)
        case .graceEnds(let call): self.endGrace(call, &pacer)
        case .talkEnds(let agent): self.endTalk(agent, &pacer)
        case .wrapupEnds(let agent): self.endWrapup(agent, &pacer)
        case .breakEnds(let agent): self.endBreak(agent, &pacer)
        case .staffChanges(let count): self.setStaff(count, &pacer)
        case .look:
            self.look(&pacer)
            self.plan(.look, at: self.now + self.scenario.decideEvery)
        case .sample:
            self.takeSample()
            self.plan(.sample, at: self.now + Self.sampleLength)
        }
    }

    // MARK: Calls

    private mutating func look(_ pacer: inout some Pacer) {
        self.result.decisions += 1
        let rate = self.scenario.callsPerSecond
        self.allowance = min(max(1, rate), self.allowance + (self.now - self.allowanceAt) * rate)
        self.allowanceAt = self.now
        let limit = min(self.scenario.lines - self.callsInProgress, Int(self.allowance))
        let count = pacer.callsToPlace(at: self.now, atMost: max(0, limit))
        precondition(
            count >= 0 && count <= max(0, limit), "a pacer asked for \(count) calls where \(limit) were allowed")
        self.allowance -= Double(count)
        guard count > 0 else { return }
        let answer = self.weather.share(at: self.now)
        for _ in 0..<count {
            let id = self.result.placed
            self.result.placed += 1
            var random = SplitMix64(seed: self.seed, stream: UInt64(id) &* 2 &+ 1)
            let call = ShiftCall(self.scenario, answer: answer, random: &random)
            self.calls[id] = call
            pacer.observe(.dialed(id), at: self.now)
            self.plan(.ringingEnds(call: id), at: self.now + call.ringing)
        }
        self.callsInProgress += count
        self.result.peakCalls = max(self.result.peakCalls, self.callsInProgress)
    }

    private mutating func endRinging(_ id: Int, _ pacer: inout some Pacer) {
        guard let call = self.calls[id] else { return }
        if call.outcome == .human {
            self.result.answered += 1
            if call.shown != .human {
                self.result.mistaken += 1
                self.result.abandoned += 1
            }
        }
        pacer.observe(.outcome(id, call.shown), at: self.now)
        guard call.shown == .human else { return self.end(id) }
        if let agent = self.nextReady() { return self.connect(id, agent, &pacer) }
        self.calls[id]?.waitsSince = self.now
        self.waiting.append(id)
        self.plan(.graceEnds(call: id), at: self.now + self.scenario.grace)
    }

    private mutating func endGrace(_ id: Int, _ pacer: inout some Pacer) {
        guard let call = self.calls[id], call.waitsSince != nil else { return }
        if call.outcome == .human { self.result.abandoned += 1 }
        pacer.observe(.abandoned(id), at: self.now)
        self.end(id)
    }

    private mutating func connect(_ id: Int, _ agent: Int, _ pacer: inout some Pacer) {
        guard let call = self.calls[id] else { return }
        if call.outcome == .human { self.result.connected += 1 } else { self.result.machinesConnected += 1 }
        self.result.waited += self.now - (call.waitsSince ?? self.now)
        self.calls[id]?.waitsSince = nil
        self.agents[agent].state = .talking
        self.agents[agent].call = id
        self.busy += 1
        pacer.observe(.connected(id, agent: agent), at: self.now)
        self.plan(.talkEnds(agent: agent), at: self.now + call.talk)
    }

    private mutating func end(_ id: Int) {
        self.calls[id] = nil
        self.callsInProgress -= 1
    }

    // MARK: Agents

    private mutating func endTalk(_ agent: Int, _ pacer: inout some Pacer) {
        guard let call = self.agents[agent].call else { return }
        self.agents[agent].call = nil
        self.end(call)
        pacer.observe(.talkEnded(call), at: self.now)
        self.agents[agent].state = .wrapup
        pacer.observe(.agent(agent, .wrapup), at: self.now)
        let wrapup = self.scenario.wrapup.seconds(using: &self.agents[agent].random)
        self.plan(.wrapupEnds(agent: agent), at: self.now + wrapup)
    }

    private mutating func endWrapup(_ agent: Int, _ pacer: inout some Pacer) {
        self.busy -= 1
        if self.agents[agent].isLeaving { return self.leave(agent, &pacer) }
        guard self.now >= self.agents[agent].breakDue, let breaks = self.scenario.breaks else {
            return self.makeReady(agent, &pacer)
        }
        self.loggedIn -= 1
        self.agents[agent].state = .break
        pacer.observe(.agent(agent, .break), at: self.now)
        let length = breaks.length * (0.5 + self.agents[agent].random.unit())
        self.plan(.breakEnds(agent: agent), at: self.now + length)
    }

    private mutating func endBreak(_ agent: Int, _ pacer: inout some Pacer) {
        self.agents[agent].breakDue = self.nextBreak(&self.agents[agent].random)
        // Logged in again, if only to leave.
        self.loggedIn += 1
        if self.agents[agent].isLeaving { self.leave(agent, &pacer) } else { self.makeReady(agent, &pacer) }
    }

    private mutating func makeReady(_ agent: Int, _ pacer: inout some Pacer) {
        self.agents[agent].state = .idle
        pacer.observe(.agent(agent, .idle), at: self.now)
        while let id = self.waiting.popFirst() {
            guard self.calls[id]?.waitsSince != nil else { continue }
            return self.connect(id, agent, &pacer)
        }
        self.ready.append(agent)
    }

    private mutating func nextReady() -> Int? {
        while let agent = self.ready.popFirst() {
            if self.agents[agent].state == .idle { return agent }
        }
        return nil
    }

    private mutating func leave(_ agent: Int, _ pacer: inout some Pacer) {
        self.loggedIn -= 1
        self.agents[agent].state = .offline
        self.agents[agent].isLeaving = false
        self.ready.removeAll { $0 == agent }
        pacer.observe(.agent(agent, .offline), at: self.now)
    }

    /// The first `count` agents are to be logged in, the others not.
    private mutating func setStaff(_ count: Int, _ pacer: inout some Pacer) {
        while self.agents.count < count {
            var random = SplitMix64(seed: self.seed, stream: UInt64(self.agents.count) &* 2 &+ 2)
            let breakDue = self.nextBreak(&random)
            self.agents.append(ShiftAgent(breakDue: breakDue, random: random))
        }
        for agent in self.agents.indices {
            let isWanted = agent < count
            switch self.agents[agent].state {
            case .offline where isWanted:
                self.loggedIn += 1
                self.makeReady(agent, &pacer)
            case .idle where !isWanted: self.leave(agent, &pacer)
            case .talking, .wrapup, .break: self.agents[agent].isLeaving = !isWanted
            case .offline, .idle: break
            }
        }
    }

    private func nextBreak(_ random: inout SplitMix64) -> Double {
        guard let breaks = self.scenario.breaks else { return .infinity }
        return self.now + breaks.every * -log(1 - random.unit())
    }

    // MARK: Counting

    private mutating func count() {
        let passed = self.now - self.countedUntil
        self.countedUntil = self.now
        self.result.busy += passed * Double(self.busy)
        self.result.loggedIn += passed * Double(self.loggedIn)
        self.sample.busy += passed * Double(self.busy)
        self.sample.loggedIn += passed * Double(self.loggedIn)
    }

    private mutating func takeSample() {
        self.sample.at = self.now
        self.sample.answered = self.result.answered
        self.sample.abandoned = self.result.abandoned
        self.result.samples.append(self.sample)
        self.sample = ShiftResult.Sample(at: self.now)
    }
}
