import Chance

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The share of calls that a person answers, in the course of a shift.
struct AnswerWeather: Sendable {
    private let scenario: Scenario
    private let switches: [Scenario.AnswerChange]
    private var random: SplitMix64
    private var nextSwitch = 0
    private var base: Double
    private var burstUntil = 0.0
    private var burst = 1.0

    init(_ scenario: Scenario, random: SplitMix64) {
        self.scenario = scenario
        self.switches = scenario.switches.sorted { $0.at < $1.at }
        self.base = scenario.answer
        self.random = random
    }

    /// The share at a time not before the last one asked about.
    mutating func share(at time: Double) -> Double {
        while self.nextSwitch < self.switches.count, self.switches[self.nextSwitch].at <= time {
            self.base = self.switches[self.nextSwitch].answer
            self.nextSwitch += 1
        }
        var share = self.base
        if let drift = self.scenario.drift { share *= 1 + drift.amplitude * sin(2 * .pi * time / drift.period) }
        if let bursts = self.scenario.bursts {
            while time >= self.burstUntil {
                self.burstUntil += bursts.mean * -log(1 - self.random.unit())
                self.burst = self.random.unit() < 0.5 ? 1 - bursts.amplitude : 1 + bursts.amplitude
            }
            share *= self.burst
        }
        return min(1, max(0, share))
    }
}
