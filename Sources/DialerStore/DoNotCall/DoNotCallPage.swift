/// Some numbers of the do-not-call list, in the order of their characters.
///
/// Walking from page to page shows every number that was there at the start and stays there exactly once.
package struct DoNotCallPage: Sendable, Hashable {
    package var entries: [DoNotCallEntry]
    /// Leads to what follows; nil when nothing does.
    package var next: DoNotCallCursor?

    package init(entries: [DoNotCallEntry], next: DoNotCallCursor? = nil) {
        self.entries = entries
        self.next = next
    }
}
