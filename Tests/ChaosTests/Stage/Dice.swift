import Chance

/// Luck of one run.
struct Dice {
    private var generator: SplitMix64

    init(seed: UInt64, stream: UInt64) { self.generator = SplitMix64(seed: seed, stream: stream) }

    mutating func seed() -> UInt64 { self.generator.next() }

    mutating func whole(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self.generator) }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(self.whole(range)) }

    mutating func happens(_ share: Double) -> Bool { self.generator.unit() < share }

    mutating func pick<Choices: Collection>(_ choices: Choices) -> Choices.Element? {
        choices.randomElement(using: &self.generator)
    }
}
