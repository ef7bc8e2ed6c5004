/// Which part of a list is wanted.
package struct PageRequest: Sendable, Hashable {
    /// The most items the store returns at once.
    package static let maximumLimit = 100_000

    /// How many items at most, from 1 to ``maximumLimit``; other values are moved into this range.
    package var limit: Int
    /// Where the page before ended; nil for the first one.
    package var cursor: PageCursor?

    package init(limit: Int = 100, cursor: PageCursor? = nil) {
        self.limit = limit
        self.cursor = cursor
    }

    var boundedLimit: Int { min(max(self.limit, 1), Self.maximumLimit) }
}
