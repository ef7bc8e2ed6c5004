/// How far abandoned calls come in bunches: the variance of their number in half a minute over its mean.
///
/// It is 1 while each is lost on its own, and grows where one surprise costs several at once, because many lines ring for a share of
/// answers that has just changed. Sums over what was foreseen, of squared errors and of calls, make it the index of dispersion
/// (Cox and Lewis, The Statistical Analysis of Series of Events, 1966).
package struct AbandonBunching: Sendable {
    /// Seconds of one count.
    private static let stretch = 30.0
    /// Abandoned calls foreseen over which what was seen fades.
    private static let memory = 60.0
    /// Abandoned calls' worth of belief that there are no bunches, before there is any experience.
    private static let prior = 5.0
    /// The bunching each agent adds to that belief: with more agents more lines share one surprise.
    private static let priorPerAgent = 0.01

    private var begin = 0.0
    private var foreseen = 0.0
    private var seen = 0.0
    private var squares = 0.0
    private var expected = 0.0

    package init() {}

    /// The variance over the mean, 1 or more.
    ///
    /// - Parameter agents: agents at work.
    package func factor(agents: Int) -> Double {
        let belief = Self.prior * (1 + Self.priorPerAgent * Double(agents))
        return max(1, (self.squares + belief) / (self.expected + Self.prior))
    }

    /// A person answered a call that was expected to be abandoned with this chance.
    mutating func answered(risk: Double, at time: Double) {
        self.advance(to: time)
        self.foreseen += risk
    }

    /// A person found no agent.
    mutating func abandoned(at time: Double) {
        self.advance(to: time)
        self.seen += 1
    }

    private mutating func advance(to time: Double) {
        guard time - self.begin >= Self.stretch else { return }
        let error = self.seen - self.foreseen
        let keep = max(0, 1 - self.foreseen / Self.memory)
        self.squares = self.squares * keep + error * error
        self.expected = self.expected * keep + self.foreseen
        self.begin = time
        self.foreseen = 0
        self.seen = 0
    }
}
