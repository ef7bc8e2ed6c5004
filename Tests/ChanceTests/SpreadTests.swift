import Chance
import Testing

@Suite("Durations")
struct SpreadTests {
    @Test("A lognormal has its mean and variation", arguments: [(9.0, 0.6), (120.0, 1.0), (15.0, 0.6)])
    func lognormal(mean: Double, variation: Double) {
        var random = SplitMix64(seed: 7)
        let spread = Spread(mean: mean, variation: variation)
        let values = (0..<40_000).map { _ in spread.seconds(using: &random) }
        let average = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(values.count)
        #expect(abs(average / mean - 1) < 0.03)
        #expect(abs(variance.squareRoot() / average / variation - 1) < 0.08)
    }

    @Test("The cut is never passed, and what is below it keeps its shape")
    func cut() {
        var random = SplitMix64(seed: 7)
        let spread = Spread(mean: 9, variation: 0.6, cut: 25)
        let values = (0..<20_000).map { _ in spread.seconds(using: &random) }
        #expect(values.allSatisfy { $0 <= 25 && $0 > 0 })
        // About 1.7 % of the uncut distribution lies above 25 s, so the mean falls a little.
        let average = values.reduce(0, +) / Double(values.count)
        #expect((8.4...9.0).contains(average))
        #expect(Spread(mean: 1000, variation: 0.1, cut: 5).seconds(using: &random) == 5)
    }

    @Test("A constant is constant and costs no luck")
    func constant() {
        var random = SplitMix64(seed: 7)
        let before = random
        #expect(Spread.constant(3).seconds(using: &random) == 3)
        #expect(Spread.constant(0).seconds(using: &random) == 0)
        var untouched = before
        #expect(random.next() == untouched.next())
    }
}
