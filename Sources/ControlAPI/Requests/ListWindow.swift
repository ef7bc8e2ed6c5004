import DialerStore

/// Which part of a list a client asked for.
struct ListWindow: Sendable {
    /// Items in one answer at most.
    var limit: Int
    var cursor: PageCursor?

    /// Reads `limit` and `cursor`.
    ///
    /// Without `limit` a list call answers as jade's did, with everything, up to `maximum` items.
    init(_ query: QueryParameters, maximum: Int) throws(APIError) {
        self.limit = try query.integer("limit", in: 1...maximum) ?? maximum
        self.cursor = try Self.cursor(query)
    }

    /// Reads jade's `count` beside `limit` and `cursor`. A `count` above `maximum` is taken as `maximum`.
    init(countedBy query: QueryParameters, maximum: Int) throws(APIError) {
        let count = try query.integer("count", in: 1...Int(Int32.max))
        if count != nil, try query.text("limit") != nil {
            throw .badRequest("query parameters count and limit say the same; give one of them")
        }
        try self.init(query, maximum: maximum)
        if let count { self.limit = min(count, maximum) }
    }

    var request: PageRequest { PageRequest(limit: self.limit, cursor: self.cursor) }

    private static func cursor(_ query: QueryParameters) throws(APIError) -> PageCursor? {
        guard let text = try query.text("cursor") else { return nil }
        guard let cursor = PageCursor(text: text) else {
            throw .badRequest(
                "query parameter cursor must be the next_cursor of an earlier answer, not \(quoted(text))"
            )
        }
        return cursor
    }
}
