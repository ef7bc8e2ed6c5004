#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The chance of meeting no agent up to which one more call is worth it.
///
/// The last call placed carries the highest risk, the average of all must spend the target: which limit does that depends on the
/// floor, and is learnt from the risks of the calls that are placed. They are known at once and nearly without noise, while
/// abandoned calls are few; those only tell by how much the forecast is wrong altogether.
package struct RiskLevel: Sendable {
    /// How far one call moves the limit, as a share of it.
    private static let gain = 0.015
    /// Calls placed over which the forecast's error is remembered.
    private static let memory = 1000.0

    private var logLimit: Double
    private var foreseen = 5.0
    private var seen = 7.0

    package init(target: Double) {
        self.logLimit = log(min(0.5, max(0.001, target * 5 / 3)))
    }

    /// The highest risk to take at an appetite of 1.
    package var limit: Double { exp(self.logLimit) }

    /// Abandoned calls seen over those foreseen: calls placed later take agents that the forecast gave to earlier ones.
    package var bias: Double { min(2.5, max(0.7, self.seen / self.foreseen)) }

    /// A call was placed with this risk, while so much was aimed at.
    mutating func placed(risk: Double, target: Double, appetite: Double) {
        guard target > 0, appetite > 0 else { return }
        self.logLimit += Self.gain * (1 - risk * self.bias / (appetite * target))
        self.logLimit = min(-0.7, max(-8, self.logLimit))
    }

    /// A call that was placed with this risk was answered by a person.
    mutating func answered(risk: Double) {
        self.foreseen = self.foreseen * (1 - 1 / Self.memory) + risk
        self.seen *= 1 - 1 / Self.memory
    }

    /// A person found no agent.
    mutating func abandoned() {
        self.seen += 1
    }
}
