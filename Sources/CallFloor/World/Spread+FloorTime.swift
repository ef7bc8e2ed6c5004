import Chance

extension Spread {
    /// One value on the floor's clock.
    func sample(using generator: inout SplitMix64) -> FloorTime { .seconds(self.seconds(using: &generator)) }
}
