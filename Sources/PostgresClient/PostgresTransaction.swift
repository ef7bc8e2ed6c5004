/// An open transaction; each statement sees what those before it did. Valid inside `withTransaction`'s closure only.
public struct PostgresTransaction: PostgresQuerying {
    let connection: PostgresConnection

    /// Runs one statement. After an error the transaction takes no further statement (SQLSTATE 25P02).
    @discardableResult
    public func query(_ sql: PostgresQuery) async throws(PostgresError) -> PostgresRows {
        try await connection.query(sql)
    }

    @discardableResult
    public func execute(_ sql: PostgresQuery) async throws(PostgresError) -> Int {
        try await connection.execute(sql)
    }

    /// Runs statements in one round trip; see ``PostgresConnection/pipeline(_:)``.
    @discardableResult
    public func pipeline(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresRows] {
        try await connection.pipeline(queries)
    }

    /// Runs a text of many statements; see ``PostgresConnection/script(_:)``. It must not end the transaction.
    public func script(_ sql: String) async throws(PostgresError) {
        try await connection.script(sql)
    }

    /// See ``PostgresConnection/copyIn(_:_:)``.
    @discardableResult
    public func copyIn(_ sql: String, _ body: (PostgresCopyWriter) async throws -> Void) async throws -> Int {
        try await connection.copyIn(sql, body)
    }

    /// See ``PostgresConnection/copyOut(_:)``.
    public func copyOut(_ sql: String) -> PostgresCopyChunks {
        connection.copyOut(sql)
    }
}
