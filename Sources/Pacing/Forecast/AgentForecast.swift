/// When busy agents are ready again: the residual life of a conversation by how long it has lasted, then that of the after-call work.
package struct AgentForecast: Sendable {
    /// Seconds the forecast reaches.
    private static let horizon = 64
    /// Ages of conversations told apart: a second at first, then a seventh.
    private static let talkAges = 56
    /// Seconds of after-call work told apart.
    private static let wrapAges = 128
    /// Seconds between two computations of the tables.
    private static let pause = 10.0

    private var talk = DurationTable(memory: 1500, priorMean: 150, longest: 3600)
    private var wrap = DurationTable(memory: 1500, priorMean: 20, longest: 300)
    // Agents who came back after a conversation, and who did not, of late.
    private var returned = 20.0
    private var left = 0.0

    private var refreshedAt = -Double.infinity
    private var countAtRefresh = -1
    private var answersVersion = -1
    /// The chance of being ready within each second from now, by age: rows of ``horizon`` + 1.
    private var afterTalk = [Double](repeating: 0, count: AgentForecast.talkAges * (AgentForecast.horizon + 1))
    private var afterWrap = [Double](repeating: 0, count: AgentForecast.wrapAges * (AgentForecast.horizon + 1))
    private var talkChances = [NodeVector](repeating: .zero, count: AgentForecast.talkAges)
    private var wrapChances = [NodeVector](repeating: .zero, count: AgentForecast.wrapAges)

    package init() {}

    /// Conversations that ended, ever.
    package var conversations: Int { self.talk.count }

    /// A conversation of this many seconds ended.
    package mutating func recordTalk(_ seconds: Double) { self.talk.record(seconds) }

    /// After-call work of this many seconds ended, and the agent came back.
    package mutating func recordWrap(_ seconds: Double) {
        self.wrap.record(seconds)
        self.recordReturn(1)
    }

    /// An agent left after a conversation.
    package mutating func recordLeaving() { self.recordReturn(0) }

    /// The chance that `agent` is ready by each of the moments, as of the last ``refresh(_:answers:grace:at:)``.
    @inline(__always)
    func chances(_ agent: PacingFloor.Agent, at time: Double) -> NodeVector {
        switch agent.state {
        case .talking: self.talkChances[Self.talkAge(time - agent.since)]
        case .wrapup: self.wrapChances[max(0, min(Self.wrapAges - 1, Int(min(time - agent.since, 1e6))))]
        case .idle, .break, .offline: .zero
        }
    }

    /// Brings the tables up to date, when that is due.
    ///
    /// - Parameters:
    ///   - answers: says which moments matter.
    ///   - grace: seconds a caller waits for an agent.
    package mutating func refresh(
        _ agents: [PacingFloor.Agent], answers: AnswerForecast, grace: Double, at time: Double
    ) {
        let count = self.talk.count + self.wrap.count
        // While little is known each conversation changes a lot.
        let pause = count < 60 ? 2 : Self.pause
        if count != self.countAtRefresh, time - self.refreshedAt >= pause {
            self.countAtRefresh = count
            self.refreshedAt = time
            self.compute(agents, at: time)
        } else if answers.version == self.answersVersion {
            return
        }
        self.answersVersion = answers.version
        for node in 0..<NodeVector.scalarCount {
            let seconds = answers.moments[node] + grace
            for age in 0..<Self.talkAges { self.talkChances[age][node] = Self.look(self.afterTalk, row: age, seconds) }
            for age in 0..<Self.wrapAges { self.wrapChances[age][node] = Self.look(self.afterWrap, row: age, seconds) }
        }
    }

    private mutating func recordReturn(_ one: Double) {
        let keep = 1 - 1.0 / 200
        self.returned = self.returned * keep + one
        self.left = self.left * keep + 1 - one
    }

    // MARK: The tables

    private mutating func compute(_ agents: [PacingFloor.Agent], at time: Double) {
        self.talk.refresh(running: agents.compactMap { $0.state == .talking ? time - $0.since : nil })
        self.wrap.refresh(running: agents.compactMap { $0.state == .wrapup ? time - $0.since : nil })
        let back = self.returned / (self.returned + self.left)
        let (talk, wrap) = (self.talk.surviving, self.wrap.surviving)
        let row = Self.horizon + 1
        for age in 0..<Self.wrapAges {
            for ahead in 0...Self.horizon {
                let going = Self.at(wrap, age + ahead) / Self.at(wrap, age)
                self.afterWrap[age * row + ahead] = back * (1 - going)
            }
        }
        // The share of after-call work done in less than so many seconds, begun in the middle of one.
        let done = (0...Self.horizon).map { $0 == 0 ? 0 : back * (1 - (Self.at(wrap, $0) + Self.at(wrap, $0 - 1)) / 2) }
        for index in 0..<Self.talkAges {
            let age = Int(Self.talkSeconds(index))
            let base = index * row
            for ahead in 0...Self.horizon { self.afterTalk[base + ahead] = 0 }
            for end in 0..<Self.horizon {
                let gone = (Self.at(talk, age + end) - Self.at(talk, age + end + 1)) / Self.at(talk, age)
                guard gone > 1e-6 else { continue }
                for ahead in (end + 1)...Self.horizon { self.afterTalk[base + ahead] += gone * done[ahead - end] }
            }
        }
    }

    private static func at(_ surviving: [Double], _ second: Int) -> Double {
        surviving[min(second, surviving.count - 1)]
    }

    @inline(__always)
    private static func look(_ table: [Double], row: Int, _ seconds: Double) -> Double {
        let bounded = max(0, min(seconds, Double(Self.horizon) - 0.001))
        let index = Int(bounded)
        let base = row * (Self.horizon + 1) + index
        return table[base] + (table[base + 1] - table[base]) * (bounded - Double(index))
    }

    @inline(__always)
    private static func talkAge(_ seconds: Double) -> Int {
        guard seconds >= 8 else { return max(0, Int(seconds)) }
        // The binary logarithm, its fraction taken straight between powers of two: good enough to choose a row.
        let ratio = seconds / 8
        let octaves = Double(ratio.exponent) + ratio.significand - 1
        return min(Self.talkAges - 1, 8 + Int(octaves * 5))
    }

    /// The middle of the ages of a row.
    private static func talkSeconds(_ index: Int) -> Double {
        guard index >= 8 else { return Double(index) + 0.5 }
        let octaves = (Double(index - 8) + 0.5) / 5
        let whole = octaves.rounded(.down)
        return 8 * (1 + octaves - whole) * Double(sign: .plus, exponent: Int(whole), significand: 1)
    }
}
