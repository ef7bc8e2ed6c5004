import DialerModel

/// What reserving a contact for an agent brought.
package struct Reservation: Sendable, Hashable {
    /// nil when nobody is due or the campaign is not started.
    package var entry: DialListEntry?
    /// Numbers that were due and are on the do-not-call list; their results are written.
    package var blocked: Int

    package init(entry: DialListEntry? = nil, blocked: Int = 0) {
        self.entry = entry
        self.blocked = blocked
    }
}
