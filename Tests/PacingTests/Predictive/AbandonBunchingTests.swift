import Chance
import Testing

@testable import Pacing

@Suite("Abandoned calls in bunches") struct AbandonBunchingTests {
    /// Answers at one a second with a risk of 3 %, of which `lost` decides at each how many are abandoned.
    private func factor(seconds: Int, lost: (Int) -> Int) -> Double {
        var bunching = AbandonBunching()
        for second in 0..<seconds {
            bunching.answered(risk: 0.03, at: Double(second))
            for _ in 0..<lost(second) { bunching.abandoned(at: Double(second) + 0.5) }
        }
        return bunching.factor(agents: 10)
    }

    @Test("nothing known: hardly any, and the more the more agents there are")
    func prior() {
        let bunching = AbandonBunching()
        #expect(bunching.factor(agents: 0) == 1)
        #expect(bunching.factor(agents: 10) > 1 && bunching.factor(agents: 10) < 1.2)
        #expect(bunching.factor(agents: 300) > bunching.factor(agents: 10))
    }

    @Test("calls lost each on its own stay near 1")
    func alone() {
        var random = SplitMix64(seed: 7)
        let factor = self.factor(seconds: 20_000) { _ in random.unit() < 0.03 ? 1 : 0 }
        #expect(factor >= 1 && factor < 1.5)
    }

    @Test("the same number lost eight at a time is told apart")
    func bunches() {
        var random = SplitMix64(seed: 7)
        let factor = self.factor(seconds: 20_000) { _ in random.unit() < 0.03 / 8 ? 8 : 0 }
        #expect(factor > 4 && factor < 16)
    }

    @Test("a bunch fades as calls go on being lost alone")
    func fading() {
        var random = SplitMix64(seed: 7)
        let soon = self.factor(seconds: 3000) { $0 == 1000 ? 30 : random.unit() < 0.03 ? 1 : 0 }
        let late = self.factor(seconds: 20_000) { $0 == 1000 ? 30 : random.unit() < 0.03 ? 1 : 0 }
        #expect(soon > 3)
        #expect(late < soon / 2)
    }

    @Test("abandoned calls that nobody foresaw, and time that stands still, do no harm")
    func surprises() {
        var bunching = AbandonBunching()
        for _ in 0..<1000 { bunching.abandoned(at: 0) }
        bunching.abandoned(at: 1e9)
        #expect(bunching.factor(agents: 5).isFinite)
        #expect(bunching.factor(agents: 5) > 1)
    }
}
