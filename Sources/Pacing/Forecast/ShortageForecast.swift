#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The chance that a call placed now finds no agent when a person answers it.
///
/// At each of eight moments: agents idle now, plus those who become ready until the caller's patience ends, less the callers
/// waiting, less the answers of the lines that ring. None left is a shortage.
struct ShortageForecast: Sendable {
    /// Up to this many agents at work the laws are exact; beyond, sums are so large that the normal law does.
    private static let exactAgents = 60
    /// The same for agents free at once.
    private static let exactFree = 30

    private var isExact = true
    private var available = 0
    private var taken = CountDistribution()
    private var ready = CountDistribution()
    /// The chance of at most so many ready agents.
    private var readyAtMost: [NodeVector] = []
    private var surplus = NodeVector.zero
    private var variance = NodeVector.zero
    private var takenMean = NodeVector.zero
    private var fresh = NodeVector.zero
    private var uncertainty = 0.0

    /// Looks at the floor.
    ///
    /// - Parameters:
    ///   - outstanding: calls asked for and not placed yet.
    ///   - knowsAgents: whether the agents' forecast is to be relied on; else busy agents stay busy.
    mutating func look(
        at floor: PacingFloor, answers: AnswerForecast, agents: AgentForecast, outstanding: Int, knowsAgents: Bool,
        time: Double
    ) {
        self.available = floor.idle - floor.waiting
        self.isExact = floor.working <= Self.exactAgents && self.available <= Self.exactFree
        self.uncertainty = answers.uncertainty
        // One standard deviation above what is believed: little knowledge makes careful.
        let caution = min(1 + self.uncertainty, max(1, 0.95 / answers.share))
        self.fresh = answers.fresh * caution
        if self.isExact {
            self.gatherLaws(
                floor, answers, knowsAgents ? agents : nil, caution: caution, outstanding: outstanding, time: time)
        } else {
            self.gatherMoments(
                floor, answers, knowsAgents ? agents : nil, caution: caution, outstanding: outstanding, time: time)
        }
    }

    /// One call more counts as placed.
    mutating func addCall() {
        if self.isExact {
            self.taken.add(self.fresh)
        } else {
            self.takenMean += self.fresh
            self.surplus -= self.fresh
            self.variance += self.fresh * (1 - self.fresh)
        }
    }

    /// The chance of a shortage for the next call, from 0 to 1.
    var risk: Double {
        if self.isExact { return self.exactRisk }
        // The share of answers is not known exactly either, and all lines share the error.
        let error = self.takenMean * self.uncertainty
        let deviation = (self.variance + error * error + 0.05).squareRoot()
        let distance = self.surplus / (deviation * 2.0.squareRoot())
        var sum = 0.0
        for node in 0..<NodeVector.scalarCount { sum += erfc(distance[node]) / 2 }
        return sum / Double(NodeVector.scalarCount)
    }

    private var exactRisk: Double {
        var short = NodeVector.zero
        var beyond = NodeVector(repeating: 1)
        for count in 0...self.taken.top {
            let chance = self.taken.chances[count]
            beyond -= chance
            let needed = count - self.available
            if needed >= 0 { short += chance * self.readyAtMost[min(needed, self.readyAtMost.count - 1)] }
        }
        return max(0, min(1, (short + beyond).mean))
    }

    private mutating func gatherLaws(
        _ floor: PacingFloor, _ answers: AnswerForecast, _ agents: AgentForecast?, caution: Double, outstanding: Int,
        time: Double
    ) {
        self.taken.reset()
        self.ready.reset()
        floor.ringing.forEachAge(at: time) { age, count in
            let chance = answers.chances[age] * caution
            if chance[NodeVector.scalarCount - 1] > 1e-4 { for _ in 0..<count { self.taken.add(chance) } }
        }
        for _ in 0..<outstanding { self.taken.add(self.fresh) }
        if let agents {
            for agent in floor.agents where agent.state == .talking || agent.state == .wrapup {
                let chance = agents.chances(agent, at: time)
                if chance[NodeVector.scalarCount - 1] > 1e-3 { self.ready.add(chance) }
            }
        }
        self.readyAtMost.removeAll(keepingCapacity: true)
        var sum = NodeVector.zero
        for count in 0...self.ready.top {
            sum += self.ready.chances[count]
            self.readyAtMost.append(sum)
        }
    }

    private mutating func gatherMoments(
        _ floor: PacingFloor, _ answers: AnswerForecast, _ agents: AgentForecast?, caution: Double, outstanding: Int,
        time: Double
    ) {
        let one = NodeVector(repeating: 1)
        self.takenMean = self.fresh * Double(outstanding)
        self.variance = self.fresh * (one - self.fresh) * Double(outstanding)
        floor.ringing.forEachAge(at: time) { age, count in
            let chance = answers.chances[age] * caution
            self.takenMean += chance * Double(count)
            self.variance += chance * (one - chance) * Double(count)
        }
        // Half a count makes a continuous law of whole numbers.
        self.surplus = NodeVector(repeating: Double(self.available) - 0.5) - self.takenMean
        guard let agents else { return }
        for agent in floor.agents where agent.state == .talking || agent.state == .wrapup {
            let chance = agents.chances(agent, at: time)
            self.surplus += chance
            self.variance += chance * (one - chance)
        }
    }
}
