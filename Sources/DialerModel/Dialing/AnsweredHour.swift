/// What a campaign's answers of one hour came to: the unit abandonment is kept in.
package struct AnsweredHour: Sendable, Hashable {
    /// Hours since 1970-01-01T00:00Z.
    package var hour: Int64
    /// Calls a person answered.
    package var live: Int
    /// Of these, the abandoned ones.
    package var abandoned: Int

    package init(hour: Int64, live: Int, abandoned: Int) {
        self.hour = hour
        self.live = live
        self.abandoned = abandoned
    }

    /// The hour that holds an instant.
    package static func hour(of instant: Timestamp) -> Int64 {
        let (hour, rest) = instant.microseconds.quotientAndRemainder(dividingBy: 3_600_000_000)
        return rest < 0 ? hour - 1 : hour
    }
}
