import PostgresClient

/// What puts the contacts of a list into their places.
struct ListArrangement: Hashable, Sendable {
    /// The wire value of the list's `dial_order`.
    var order: String
    var seed: Int

    /// Reads `dial_order` and `order_seed`, the columns from `first` on.
    init(row: PostgresRow, from first: Int = 0) throws(PostgresError) {
        self.order = try row.decode(String.self, at: first)
        self.seed = try row.decode(Int.self, at: first + 1)
    }
}
