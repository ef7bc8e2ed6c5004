import Chance
import Pacing
import Simulation

/// A small floor that a test steers by hand: a person answers a third of the calls after 4 to 16 s, talks are short.
struct SmallFloor {
    var limit = 1000
    private(set) var asked: [Int] = []
    private let agents: Int
    private var random: SplitMix64
    private var time = 0.0
    private var nextCall = 0
    /// What is due: a call's outcome, a talk's end, the end of after-call work.
    private var due: [(at: Double, what: Due)] = []
    private var idle: [Int]
    private var waiting: [Int] = []

    private enum Due {
        case answer(Int)
        case noAnswer(Int)
        case grace(Int)
        case talkEnd(Int, agent: Int)
        case ready(Int)
    }

    init(agents: Int, seed: UInt64) {
        self.agents = agents
        self.random = SplitMix64(seed: seed)
        self.idle = Array(0..<agents)
    }

    var mostAsked: Int { self.asked.max() ?? 0 }
    var lastAsked: Int { self.asked.last ?? 0 }

    /// Goes on for `seconds`, with a look every half second.
    mutating func run(_ pacer: inout some Pacer, seconds: Double) {
        if self.time == 0 { for agent in 0..<self.agents { pacer.observe(.agent(agent, .idle), at: 0) } }
        let end = self.time + seconds
        while self.time < end { self.look(&pacer) }
    }

    /// Half a second more, then a look.
    mutating func look(_ pacer: inout some Pacer) {
        self.time += 0.5
        self.due.sort { $0.at < $1.at }
        while let first = self.due.first, first.at <= self.time {
            self.due.removeFirst()
            self.happen(first.what, at: first.at, &pacer)
            self.due.sort { $0.at < $1.at }
        }
        let count = pacer.callsToPlace(at: self.time, atMost: self.limit)
        self.asked.append(count)
        for _ in 0..<count {
            pacer.observe(.dialed(self.nextCall), at: self.time)
            let isAnswered = self.random.unit() < 1.0 / 3
            let after = isAnswered ? 4 + 12 * self.random.unit() : 3 + 24 * self.random.unit()
            self.due.append((self.time + after, isAnswered ? .answer(self.nextCall) : .noAnswer(self.nextCall)))
            self.nextCall += 1
        }
    }

    private mutating func happen(_ what: Due, at time: Double, _ pacer: inout some Pacer) {
        switch what {
        case .noAnswer(let call): pacer.observe(.outcome(call, .noanswer), at: time)
        case .answer(let call):
            pacer.observe(.outcome(call, .human), at: time)
            if let agent = self.idle.popLast() { return self.connect(call, agent, at: time, &pacer) }
            self.waiting.append(call)
            self.due.append((time + 2, .grace(call)))
        case .grace(let call):
            guard let index = self.waiting.firstIndex(of: call) else { return }
            self.waiting.remove(at: index)
            pacer.observe(.abandoned(call), at: time)
        case .talkEnd(let call, let agent):
            pacer.observe(.talkEnded(call), at: time)
            pacer.observe(.agent(agent, .wrapup), at: time)
            self.due.append((time + 2 + 6 * self.random.unit(), .ready(agent)))
        case .ready(let agent):
            pacer.observe(.agent(agent, .idle), at: time)
            guard !self.waiting.isEmpty else { return self.idle.append(agent) }
            self.connect(self.waiting.removeFirst(), agent, at: time, &pacer)
        }
    }

    private mutating func connect(_ call: Int, _ agent: Int, at time: Double, _ pacer: inout some Pacer) {
        pacer.observe(.connected(call, agent: agent), at: time)
        self.due.append((time + 10 + 60 * self.random.unit(), .talkEnd(call, agent: agent)))
    }
}
