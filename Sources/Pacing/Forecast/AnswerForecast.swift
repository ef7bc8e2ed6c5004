#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How likely, and how soon, a call is answered by a person: a life table of calls, learnt from how they ended and from those that ring.
///
/// In each half second of its life a call may be answered, or end otherwise, at rates that depend on its age. The shape of these rates
/// changes little and is remembered long; their level, the share of answers, is followed quickly.
package struct AnswerForecast: Sendable {
    /// Calls after which the shape has forgotten all but 37 %.
    private static let shapeMemory = 4000.0
    /// Answers after which the level has forgotten as much, at the least.
    private static let levelMemory = 50.0
    /// The same for each agent at work: many agents have as many answers in much less time.
    private static let levelMemoryPerAgent = 1.2

    private static let steps = RingingLines.steps
    /// Calls' worth of belief before there is any experience.
    private static let prior = 4.0
    /// Seconds between two computations of the table.
    private static let pause = 1.0

    // What was seen at each step of age: answers, other ends, and calls that rang so long (half a one where it did so by half).
    private var answered = [Double](repeating: 0, count: AnswerForecast.steps)
    private var ended = [Double](repeating: 0, count: AnswerForecast.steps)
    private var exposed = [Double](repeating: 0, count: AnswerForecast.steps)
    /// What counts now in these; it grows, so that what was before fades.
    private var weight = 1.0
    // The same of late: answers at any age, and the ringing that they came from.
    private var recentAnswers = 0.0
    private var recentExposed = [Double](repeating: 0, count: AnswerForecast.steps)
    private var recentWeight = 1.0

    private var answerRate = [Double](repeating: 0, count: AnswerForecast.steps)
    private var otherRate = [Double](repeating: 0, count: AnswerForecast.steps)
    /// Share of calls answered before a step, and share still ringing then.
    private var incidence = [Double](repeating: 0, count: AnswerForecast.steps + 1)
    private var surviving = [Double](repeating: 1, count: AnswerForecast.steps + 1)
    private var refreshedAt = -Double.infinity
    /// Until when the ringing is counted in what was expected.
    private var exposedUntil = 0.0
    private var resolvedAtRefresh = 0

    /// Calls whose ringing ended, ever.
    package private(set) var resolved = 0
    /// Calls a person answered, ever.
    package private(set) var answers = 0
    /// The share of calls that a person answers.
    package private(set) var share = 0.3
    /// Raised with every computation of the table.
    private(set) var version = 0
    /// When a call placed now is answered, if a person answers it, in seconds from now.
    private(set) var moments = NodeVector.zero
    /// The chance that a call placed now is answered by each moment.
    private(set) var fresh = NodeVector.zero
    /// The same for a call that rings, by its age in steps.
    private(set) var chances = [NodeVector](repeating: .zero, count: AnswerForecast.steps)

    package init() {
        self.compute()
    }

    /// By how much the share may be wrong, as a share of it: one standard deviation.
    package var uncertainty: Double { 1 / (self.recentAnswers / self.recentWeight + Self.prior).squareRoot() }

    /// The ringing of a call ended at this age in seconds, while so many agents are at work.
    package mutating func record(_ outcome: CallOutcome, age: Double, agents: Int, at time: Double) {
        let step = max(0, min(Self.steps - 1, Int(min(age, 1e6) / RingingLines.step)))
        let isHuman = outcome == .human
        self.resolved += 1
        self.weight /= 1 - 1 / Self.shapeMemory
        // Half by the answers that come and half by those that were due: a rise is followed sooner, and a fall as well.
        let passed = (isHuman ? 0.5 : 0) + 0.5 * max(0.02, self.share)
        self.recentWeight /= 1 - passed / max(Self.levelMemory, Self.levelMemoryPerAgent * Double(agents))
        self.expose(1, from: age - max(0, time - self.exposedUntil), to: age)
        if isHuman {
            self.answers += 1
            self.answered[step] += self.weight
            self.recentAnswers += self.recentWeight
        } else {
            self.ended[step] += self.weight
        }
        if self.weight > 1e12 { self.rescale() }
        if self.recentWeight > 1e12 { self.rescaleRecent() }
    }

    /// Brings the table up to date with what was recorded, when that is due.
    package mutating func refresh(_ lines: RingingLines, at time: Double) {
        let passed = time - self.exposedUntil
        if passed >= RingingLines.step {
            // Silence tells as much as an answer, and sooner.
            self.exposedUntil = time
            var ages: [(Double, Double)] = []
            lines.forEachAge(at: time) { age, count in
                ages.append((Double(count), (Double(age) + 0.5) * RingingLines.step))
            }
            for (count, age) in ages { self.expose(count, from: age - passed, to: age) }
        }
        let fresh = self.resolved - self.resolvedAtRefresh
        let wait = time - self.refreshedAt
        guard fresh > 0, wait >= Self.pause, fresh >= self.resolved / 400 || wait >= 10 else { return }
        self.refreshedAt = time
        self.resolvedAtRefresh = self.resolved
        self.compute()
    }

    /// So many calls rang from one age to another, in seconds.
    private mutating func expose(_ count: Double, from: Double, to: Double) {
        var begin = max(0, from / RingingLines.step)
        let end = min(to / RingingLines.step, Double(Self.steps))
        while begin < end {
            let step = Int(begin)
            let next = min(end, Double(step + 1))
            self.exposed[step] += count * (next - begin) * self.weight
            self.recentExposed[step] += count * (next - begin) * self.recentWeight
            begin = next
        }
    }

    private mutating func rescale() {
        for step in 0..<Self.steps {
            self.answered[step] /= self.weight
            self.ended[step] /= self.weight
            self.exposed[step] /= self.weight
        }
        self.weight = 1
    }

    private mutating func rescaleRecent() {
        for step in 0..<Self.steps { self.recentExposed[step] /= self.recentWeight }
        self.recentAnswers /= self.recentWeight
        self.recentWeight = 1
    }

    // MARK: The table

    /// What is believed before there is any experience: the chance of an answer and of another end within a step.
    private static func priorRates(step: Int) -> (answer: Double, end: Double) {
        let seconds = (Double(step) + 0.5) * RingingLines.step
        // Whoever picks up does so within about 25 s of the dialing, and hardly within the first three.
        return (seconds < 3 ? 0.004 : seconds < 25 ? 0.02 : 0.005, 0.02)
    }

    private mutating func compute() {
        self.version += 1
        self.computeRates()
        var expected = 0.0
        for step in 0..<Self.steps { expected += self.recentExposed[step] * self.answerRate[step] }
        let level = (self.recentAnswers / self.recentWeight + Self.prior) / (expected / self.recentWeight + Self.prior)
        var alive = 1.0
        var answered = 0.0
        for step in 0..<Self.steps {
            self.incidence[step] = answered
            self.surviving[step] = alive
            let answer = self.answerRate[step] * level
            let total = answer + self.otherRate[step]
            guard total > 1e-12 else { continue }
            let gone = alive * -expm1(-total)
            answered += gone * answer / total
            alive -= gone
        }
        self.incidence[Self.steps] = answered
        self.surviving[Self.steps] = alive
        self.share = max(answered, 1e-6)
        self.computeMoments()
    }

    private mutating func computeRates() {
        for step in 0..<Self.steps {
            let prior = Self.priorRates(step: step)
            let exposed = self.exposed[step] / self.weight + Self.prior
            self.answerRate[step] = (self.answered[step] / self.weight + Self.prior * prior.answer) / exposed
            self.otherRate[step] = (self.ended[step] / self.weight + Self.prior * prior.end) / exposed
        }
    }

    private mutating func computeMoments() {
        let parts = Double(NodeVector.scalarCount)
        var ahead = NodeVector.zero
        var step = 0
        for node in 0..<NodeVector.scalarCount {
            self.fresh[node] = self.share * (Double(node) + 0.5) / parts
            while step < Self.steps - 1, self.incidence[step + 1] < self.fresh[node] { step += 1 }
            let width = self.incidence[step + 1] - self.incidence[step]
            ahead[node] = Double(step) + (width > 0 ? (self.fresh[node] - self.incidence[step]) / width : 0.5)
        }
        self.moments = ahead * RingingLines.step
        for age in 0..<Self.steps {
            let alive = (self.surviving[age] + self.surviving[age + 1]) / 2
            guard alive > 1e-9 else {
                self.chances[age] = .zero
                continue
            }
            let start = Double(age) + 0.5
            let before = self.incidence(at: start)
            for node in 0..<NodeVector.scalarCount {
                self.chances[age][node] = max(0, min(1, (self.incidence(at: start + ahead[node]) - before) / alive))
            }
        }
    }

    private func incidence(at step: Double) -> Double {
        guard step < Double(Self.steps) else { return self.incidence[Self.steps] }
        let index = Int(step)
        let low = self.incidence[index]
        return low + (self.incidence[index + 1] - low) * (step - Double(index))
    }
}
