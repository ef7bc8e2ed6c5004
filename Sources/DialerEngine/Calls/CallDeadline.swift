import struct Foundation.UUID

/// An entry of a desk's heap: when to look at a call again. Entries of calls that moved on are skipped when they come up.
struct CallDeadline: Comparable, Sendable {
    /// Uptime.
    var at: Duration
    var dialing: UUID

    static func < (lhs: CallDeadline, rhs: CallDeadline) -> Bool { lhs.at < rhs.at }
}
