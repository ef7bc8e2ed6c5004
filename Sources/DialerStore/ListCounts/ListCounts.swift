/// How many contacts a list has, and where they stand.
///
/// A contact being dialed or reserved counts as that, whatever its tries: so ``dialing``, ``reserved``, ``answered``, ``left`` and
/// ``exhausted`` add up to ``total``.
package struct ListCounts: Sendable, Hashable {
    package var total = 0
    /// Contacts without a try on any number.
    package var untouched = 0
    package var dialing = 0
    package var reserved = 0
    /// Idle ones that were answered and are not called again.
    package var answered = 0
    /// Idle ones of which a number may still be called; nil when no plan says how often. A number with 62 tries or more counts as one that
    /// may, when the plan allows more than that.
    package var left: Int?
    /// Contacts of which a number is held back for the do-not-call list.
    package var blocked = 0

    package init() {}

    /// The counts of two lists together.
    package static func + (lhs: ListCounts, rhs: ListCounts) -> ListCounts {
        var sum = lhs
        sum.total += rhs.total
        sum.untouched += rhs.untouched
        sum.dialing += rhs.dialing
        sum.reserved += rhs.reserved
        sum.answered += rhs.answered
        sum.left = lhs.left.flatMap { left in rhs.left.map { left + $0 } }
        sum.blocked += rhs.blocked
        return sum
    }

    /// Contacts with a try on any number.
    package var tried: Int { self.total - self.untouched }

    /// Idle ones that were not answered and have no number that may still be called; nil when no plan says how often.
    package var exhausted: Int? {
        self.left.map { self.total - self.dialing - self.reserved - self.answered - $0 }
    }

    /// The share of contacts that were tried, 0 to 1; nil for an empty list.
    package var penetration: Double? {
        self.total > 0 ? Double(self.tried) / Double(self.total) : nil
    }
}
