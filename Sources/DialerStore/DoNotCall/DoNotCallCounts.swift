/// What became of numbers that were put on the do-not-call list together.
package struct DoNotCallCounts: Sendable, Hashable {
    package var added: Int
    /// Numbers that were on the list already; what it says of them was replaced.
    package var updated: Int
    /// Rows whose number comes again further on.
    package var repeated: Int

    package init(added: Int = 0, updated: Int = 0, repeated: Int = 0) {
        self.added = added
        self.updated = updated
        self.repeated = repeated
    }

    package static func += (lhs: inout Self, rhs: Self) {
        lhs.added += rhs.added
        lhs.updated += rhs.updated
        lhs.repeated += rhs.repeated
    }
}
