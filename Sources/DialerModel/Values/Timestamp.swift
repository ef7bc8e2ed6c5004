/// An instant in UTC, counted in microseconds since 1970-01-01T00:00:00Z: PostgreSQL's resolution, so a value survives
/// a round trip through the database unchanged.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Microseconds since the Unix epoch; negative before it.
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    /// This instant moved by `duration`, truncated to microseconds.
    package static func + (lhs: Timestamp, rhs: Duration) -> Timestamp {
        let (seconds, attoseconds) = rhs.components
        return Timestamp(microseconds: lhs.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    /// The time from `rhs` to `lhs`; negative when `lhs` is earlier.
    package static func - (lhs: Timestamp, rhs: Timestamp) -> Duration {
        .microseconds(lhs.microseconds - rhs.microseconds)
    }
}

extension Timestamp {
    /// Earlier than every event.
    package static let distantPast = Timestamp(microseconds: .min)
}
