import DialerModel

/// A number for the do-not-call list, checked.
package struct DoNotCallRow: Sendable, Hashable {
    /// As it is dialed.
    package var number: String
    package var reason: String?
    /// nil means never.
    package var expiresAt: Timestamp?

    /// The fields as they are named on the wire.
    package enum Field: String, Sendable, CaseIterable {
        case number, reason, expire, region
    }

    /// In characters.
    package static let longestReason = 255

    /// Checks what somebody wrote.
    ///
    /// - Parameters:
    ///   - texts: The fields that are given.
    ///   - region: Whose national numbers are read where the row names no region itself; nil: none.
    ///   - now: An expiry must lie behind it.
    package init(_ texts: [Field: String], region: String?, now: Timestamp) throws(RowRefusal) {
        for field in Field.allCases where texts[field]?.utf8.contains(0) == true {
            throw RowRefusal(field.rawValue, "a NUL character is not allowed")
        }
        guard let number = texts[.number] else { throw RowRefusal(Field.number.rawValue, "a number is required") }
        let place = texts[.region] ?? region
        if let place, !NumberRules.isKnown(region: place) {
            throw RowRefusal(
                Field.region.rawValue,
                "no numbers are known of \(JSONValue.string(place).excerpt); give a country's code of ISO 3166-1 like DE"
            )
        }
        do throws(NumberRules.Refusal) {
            self.number = try NumberRules.doNotCallNumber(number, region: place)
        } catch {
            throw RowRefusal(Field.number.rawValue, error.reason)
        }
        if let reason = texts[.reason] {
            guard reason.count <= Self.longestReason else {
                throw RowRefusal(
                    Field.reason.rawValue, "expected at most \(Self.longestReason) characters, got \(reason.count)")
            }
            self.reason = reason
        }
        if let expire = texts[.expire] { self.expiresAt = try Self.expiry(expire, now: now) }
    }

    /// A day alone means its beginning in UTC.
    private static func expiry(_ text: String, now: Timestamp) throws(RowRefusal) -> Timestamp {
        guard let expiry = Timestamp(wire: text.utf8.count == 10 ? text + "T00:00:00Z" : text) else {
            throw RowRefusal(
                Field.expire.rawValue,
                "expected a time like 2027-01-31T18:00:00Z or a day like 2027-01-31, got "
                    + JSONValue.string(text).excerpt
            )
        }
        guard expiry > now else { throw RowRefusal(Field.expire.rawValue, "\(expiry.wire) is over already") }
        return expiry
    }
}
