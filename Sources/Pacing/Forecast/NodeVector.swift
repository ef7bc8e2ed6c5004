/// One value for each of the eight moments at which a call placed now is answered, if a person answers it: the middles of eight
/// equally likely stretches of time.
typealias NodeVector = SIMD8<Double>

extension NodeVector {
    /// The mean over the moments.
    var mean: Double { self.sum() / Double(Self.scalarCount) }
}
