/// Who ends calls, and under which leases it may.
package struct LeaseHolder: Sendable, Hashable {
    /// The engine's name.
    package var engine: String
    package var fences: [Int64]

    package init(engine: String, fences: [Int64]) {
        self.engine = engine
        self.fences = fences
    }
}
