/// Some items of a list, in the order of their creation.
///
/// Walking from page to page shows every item that was there at the start and stays there exactly once, whatever is
/// created meanwhile.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    /// Leads to what follows; nil when nothing does.
    package var next: PageCursor?

    package init(items: [Item], next: PageCursor? = nil) {
        self.items = items
        self.next = next
    }

    /// Makes a page of up to `limit` items; one more item than `limit` shows that others follow.
    init(_ rows: [(item: Item, sequence: Int64)], limit: Int) {
        self.items = rows.prefix(limit).map(\.item)
        self.next = rows.count > limit ? PageCursor(sequence: rows[limit - 1].sequence) : nil
    }
}

extension Page: Equatable where Item: Equatable {}
