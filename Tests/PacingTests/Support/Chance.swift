import Chance
import Simulation

/// Seeded luck.
struct Chance: RandomNumberGenerator {
    private var random: SplitMix64

    init(seed: UInt64) { self.random = SplitMix64(seed: seed) }

    mutating func next() -> UInt64 { self.random.next() }

    mutating func unit() -> Double { self.random.unit() }
}
