/// A small deterministic random number generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
/// Each call and agent draws from a stream of its own, so that one call's luck never depends on what happened to another.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        self.state = seed
    }

    /// The stream number `index` of the family `seed`: far from its neighbours, always the same.
    package init(seed: UInt64, stream index: UInt64) {
        var mixer = SplitMix64(seed: seed ^ (index &* 0xD1B5_4A32_D192_ED03))
        self.state = mixer.next() ^ index
    }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A uniform number in 0..<1.
    package mutating func unit() -> Double {
        Double(self.next() >> 11) * 0x1p-53
    }
}
