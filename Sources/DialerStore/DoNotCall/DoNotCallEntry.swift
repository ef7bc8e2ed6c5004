import DialerModel

/// A number on the do-not-call list.
package struct DoNotCallEntry: Sendable, Hashable {
    /// As it is dialed; see ``NumberRules/doNotCallNumber(_:region:)``.
    package var number: String
    package var reason: String?
    /// From when it may be dialed again; nil means never.
    package var expiresAt: Timestamp?
    package var createdAt: Timestamp
    /// When the list last changed what it says of the number; nil when it never did.
    package var updatedAt: Timestamp?

    package init(
        number: String, reason: String? = nil, expiresAt: Timestamp? = nil, createdAt: Timestamp,
        updatedAt: Timestamp? = nil
    ) {
        self.number = number
        self.reason = reason
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
