/// Whatever single statements can be run on: the client itself, a leased connection, a transaction.
public protocol PostgresQuerying: Sendable {
    /// Runs one statement and returns its rows.
    func query(_ sql: PostgresQuery) async throws(PostgresError) -> PostgresRows

    /// Runs one statement and returns the number of rows it affected.
    func execute(_ sql: PostgresQuery) async throws(PostgresError) -> Int
}

extension PostgresQuerying {
    @discardableResult
    public func execute(_ sql: PostgresQuery) async throws(PostgresError) -> Int {
        try await query(sql).affectedRows
    }
}
