import DialerModel

/// Allows a steady rate with short bursts. Pure: the time is an argument, and going back in time gives nothing.
package struct TokenBucket: Sendable, Hashable {
    /// Tokens a second.
    package let rate: Double
    /// The most tokens saved up, from 1.
    package let burst: Double

    private var tokens: Double
    private var updatedAt: Timestamp

    /// A full bucket. A rate that is no positive number becomes a thousandth, a burst below 1 becomes 1: a bucket may be slow, not dead.
    package init(rate: Double, burst: Double, at now: Timestamp) {
        self.rate = rate.isFinite && rate > 0 ? rate : 0.001
        self.burst = burst.isFinite ? max(1, burst) : 1
        self.tokens = self.burst
        self.updatedAt = now
    }

    /// Whole tokens there are at `now`.
    package func available(at now: Timestamp) -> Int {
        // The tolerance swallows what repeated additions of fractions lose.
        Int(self.level(at: now) + 1e-6)
    }

    /// Takes up to `count` tokens.
    ///
    /// - Returns: how many were taken.
    package mutating func take(_ count: Int, at now: Timestamp) -> Int {
        let taken = max(0, min(count, self.available(at: now)))
        self.tokens = max(0, self.level(at: now) - Double(taken))
        self.updatedAt = max(self.updatedAt, now)
        return taken
    }

    /// Gives back tokens that were taken and not used.
    package mutating func giveBack(_ count: Int) {
        self.tokens = min(self.burst, self.tokens + Double(max(0, count)))
    }

    /// When a token will be there: `now` if there is one.
    package func nextToken(after now: Timestamp) -> Timestamp {
        let missing = 1 - self.level(at: now)
        guard missing > 1e-6 else { return now }
        // Rounded up, or the owner would wake a moment too early and find nothing.
        let seconds = missing / self.rate
        return now + .microseconds(Int64((min(seconds, 1e9) * 1_000_000).rounded(.up)))
    }

    private func level(at now: Timestamp) -> Double {
        guard now > self.updatedAt else { return self.tokens }
        let (seconds, attoseconds) = (now - self.updatedAt).components
        let elapsed = Double(seconds) + Double(attoseconds) / 1e18
        return min(self.burst, self.tokens + elapsed * self.rate)
    }
}
