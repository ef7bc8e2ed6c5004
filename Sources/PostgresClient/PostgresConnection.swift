import EventLoop

/// A connection that its holder has alone, for the time of ``PostgresClient/withConnection(_:)``.
public struct PostgresConnection: PostgresQuerying {
    let session: LeasedSession

    /// Runs one statement. Cancelling the task stops it on the server.
    @discardableResult
    public func query(_ sql: PostgresQuery) async throws(PostgresError) -> PostgresRows {
        try session.checkOpen()
        guard let result = try await session.channel.run([sql]).first else {
            throw PostgresError(.unexpectedResult, "the server gave no result")
        }
        return PostgresRows(result: result)
    }

    @discardableResult
    public func execute(_ sql: PostgresQuery) async throws(PostgresError) -> Int {
        try await query(sql).affectedRows
    }

    /// Runs statements in one round trip, with one Sync at the end. Outside a transaction they are one: when one fails,
    /// none has happened. The results come in the order of the statements.
    ///
    /// - Throws: The error of the first statement that failed; those behind it were not executed.
    @discardableResult
    public func pipeline(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresRows] {
        try session.checkOpen()
        guard !queries.isEmpty else { return [] }
        return try await session.channel.run(queries).map(PostgresRows.init(result:))
    }

    /// Runs a text of many statements, such as a migration, without parameters and without a time limit. Unless the text
    /// says otherwise, or a transaction is open, it is one transaction.
    public func script(_ sql: String) async throws(PostgresError) {
        try session.checkOpen()
        try await session.channel.liftStatementTimeout()
        let outcome: Result<Void, PostgresError>
        do throws(PostgresError) {
            outcome = .success(try await session.channel.script(sql))
        } catch {
            outcome = .failure(error)
        }
        await session.channel.restoreStatementTimeout()
        try outcome.get()
    }

    /// Runs `COPY … FROM STDIN` with the data `body` writes, and returns the number of rows. When `body` throws, nothing
    /// is copied and its error is thrown on. The server's statement time-out doesn't apply.
    @discardableResult
    public func copyIn(_ sql: String, _ body: (PostgresCopyWriter) async throws -> Void) async throws -> Int {
        try session.checkOpen()
        let channel = session.channel
        try await channel.liftStatementTimeout()
        let outcome: Result<Int, any Error>
        do {
            let id = try await channel.beginCopy(.copyIn(sql))
            outcome = .success(
                try await withTaskCancellationHandler {
                    try await copy(id, body)
                } onCancel: {
                    channel.eventLoop.execute { channel.assumeIsolated { $0.cancel(id) } }
                })
        } catch {
            outcome = .failure(error)
        }
        await channel.restoreStatementTimeout()
        return try outcome.get()
    }

    private func copy(_ id: UInt64, _ body: (PostgresCopyWriter) async throws -> Void) async throws -> Int {
        let writer = PostgresCopyWriter(channel: session.channel, id: id)
        do {
            try await body(writer)
            try await writer.flush()
        } catch {
            _ = try? await session.channel.endCopy(id, failure: "the client gave up")
            throw error
        }
        return try await session.channel.endCopy(id)
    }

    /// Runs `COPY … TO STDOUT`; the COPY starts with the first piece that is asked for.
    public func copyOut(_ sql: String) -> PostgresCopyChunks {
        PostgresCopyChunks(session: session, sql: sql)
    }

    /// Runs `body` in a transaction on this connection; see ``PostgresClient/withTransaction(isolation:_:)``.
    @discardableResult
    public func withTransaction<R>(
        isolation: IsolationLevel = .readCommitted, _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        try session.checkOpen()
        let channel = session.channel
        // Goes with the first statement, so that a transaction costs no round trip of its own for it.
        await channel.prefixNextRequest("BEGIN ISOLATION LEVEL \(isolation.rawValue)")
        let value: R
        do {
            value = try await body(PostgresTransaction(connection: self))
        } catch {
            await rollBack()
            throw error
        }
        try await commit()
        return value
    }

    private func commit() async throws(PostgresError) {
        let channel = session.channel
        await channel.abandonAnyCopy()
        if await channel.takePrefix() { return }
        let tag: String?
        do throws(PostgresError) {
            tag = try await channel.run(["COMMIT"], cancellable: false).first?.commandTag
        } catch {
            guard error.code == .connectionLost || error.code == .timeout else { throw error }
            var unknown = error
            unknown.code = .commitOutcomeUnknown
            throw unknown
        }
        guard tag == "COMMIT" else {
            throw PostgresError(
                .transactionAborted, "the transaction was rolled back: an earlier statement in it had failed")
        }
    }

    private func rollBack() async {
        let channel = session.channel
        await channel.abandonAnyCopy()
        if await channel.takePrefix() { return }
        do {
            _ = try await channel.run(["ROLLBACK"], cancellable: false)
        } catch {
            // Without an answer the server ends the transaction when it sees the connection go.
            await channel.close()
        }
    }
}
