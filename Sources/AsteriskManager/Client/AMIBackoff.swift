/// How long to wait before connecting again: doubled from try to try, with jitter so that several clients do not come at once.
public struct AMIBackoff: Sendable, Hashable {
    /// The wait after the first failure.
    public var initial: Duration
    /// The longest wait.
    public var maximum: Duration

    public init(initial: Duration = .milliseconds(250), maximum: Duration = .seconds(15)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The wait before attempt `attempt` (from 1), between half of the exponential step and the whole of it.
    ///
    /// - Parameter random: from 0 to 1.
    public func delay(attempt: Int, random: Double) -> Duration {
        var step = self.initial
        for _ in 1..<max(2, min(attempt, 40)) where attempt > 1 && step < self.maximum { step *= 2 }
        step = min(step, self.maximum)
        return step * (0.5 + 0.5 * min(max(random, 0), 1))
    }
}
