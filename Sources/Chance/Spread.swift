#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How a duration varies from call to call: lognormal, given by its mean and coefficient of variation, or constant.
///
/// Call-centre durations (talk, wrap-up, ringing) are lognormal to a good approximation (Brown et al., "Statistical
/// analysis of a telephone call center", 2005).
package struct Spread: Sendable, Hashable {
    /// The mean in seconds before cutting; zero or more.
    package var mean: Double
    /// Standard deviation over mean; 0 makes every value the mean.
    package var variation: Double
    /// Values above this many seconds are drawn again; nil for no limit.
    package var cut: Double?

    package init(mean: Double, variation: Double = 0, cut: Double? = nil) {
        self.mean = mean
        self.variation = variation
        self.cut = cut
    }

    /// Always `seconds`.
    package static func constant(_ seconds: Double) -> Spread { Spread(mean: seconds) }

    /// One value, in seconds. Draws at least two numbers from `generator` when the spread varies, none when it is constant.
    package func seconds(using generator: inout SplitMix64) -> Double {
        guard self.mean > 0 else { return 0 }
        guard self.variation > 0 else { return min(self.mean, self.cut ?? .infinity) }
        let variance = log(1 + self.variation * self.variation)
        let mu = log(self.mean) - variance / 2
        let sigma = variance.squareRoot()
        // A cut far below the mean would draw for ever: after some tries the cut itself is the answer.
        for _ in 0..<32 {
            let value = exp(mu + sigma * Self.normal(using: &generator))
            if let cut = self.cut, value > cut { continue }
            return value
        }
        return self.cut ?? self.mean
    }

    /// Box and Muller's transform, one of the pair.
    private static func normal(using generator: inout SplitMix64) -> Double {
        let radius = (-2 * log(1 - generator.unit())).squareRoot()
        return radius * cos(2 * .pi * generator.unit())
    }
}
