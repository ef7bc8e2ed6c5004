import EventLoop
import Logging
import ServiceLifecycle

/// A PostgreSQL client: a pool of connections that live on an event loop.
///
/// Works as soon as it is made: connections open when they are needed. ``run()`` adds the upkeep — a minimum of open
/// connections, health checks, `listen` — and closes everything when it ends.
public final class PostgresClient: PostgresQuerying, Service {
    let configuration: PostgresConfiguration
    let eventLoop: EventLoop
    let logger: Logger
    let pool: ConnectionPool
    let listener: Listener

    /// - Parameters:
    ///   - eventLoop: Carries every connection; has to outlive the client.
    ///   - logger: For connections lost and regained, and the server's notices.
    public init(configuration: PostgresConfiguration, eventLoop: EventLoop, logger: Logger) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.pool = ConnectionPool(configuration: configuration, eventLoop: eventLoop, logger: logger)
        self.listener = Listener(configuration: configuration, eventLoop: eventLoop, logger: logger)
    }

    /// Runs one statement on a connection that may be shared with other statements, so it must not change the session
    /// (no SET, no BEGIN): lease a connection for that. Cancelling the task stops the statement on the server.
    ///
    /// A statement that was not sent because its connection broke is sent on another one; one that was sent is not
    /// repeated.
    @discardableResult
    public func query(_ sql: PostgresQuery) async throws(PostgresError) -> PostgresRows {
        try sql.validate()
        var attempts = 0
        while true {
            let lease = try await pool.acquire(.statement)
            do throws(PostgresError) {
                let results = try await lease.channel.run([sql], isShared: true)
                pool.release(lease)
                guard let result = results.first else {
                    throw PostgresError(.unexpectedResult, "the server gave no result")
                }
                return PostgresRows(result: result)
            } catch {
                pool.release(lease)
                attempts += 1
                guard error.code == .notSent, attempts < 5 else { throw error }
            }
        }
    }

    /// Runs one statement as ``query(_:)`` does and returns the number of rows it affected.
    @discardableResult
    public func execute(_ sql: PostgresQuery) async throws(PostgresError) -> Int {
        try await query(sql).affectedRows
    }

    /// Runs statements in one round trip as one implicit transaction; see ``PostgresConnection/pipeline(_:)``.
    @discardableResult
    public func pipeline(_ queries: [PostgresQuery]) async throws(PostgresError) -> [PostgresRows] {
        guard !queries.isEmpty else { return [] }
        for query in queries { try query.validate() }
        let lease = try await pool.acquire(.statement)
        defer { pool.release(lease) }
        return try await lease.channel.run(queries, isShared: true).map(PostgresRows.init(result:))
    }

    /// Runs `body` in a transaction: COMMIT when it returns, ROLLBACK when it throws. Nothing reaches the server before the
    /// first statement.
    ///
    /// - Throws: What `body` throws; ``PostgresError/Code/transactionAborted`` when `body` returned although a statement
    ///   had failed; ``PostgresError/Code/commitOutcomeUnknown`` when the connection broke during COMMIT.
    @discardableResult
    public func withTransaction<R: Sendable>(
        isolation: IsolationLevel = .readCommitted, _ body: (PostgresTransaction) async throws -> R
    ) async throws -> R {
        let lease = try await pool.acquire(.lease)
        let session = LeasedSession(channel: lease.channel)
        do {
            let value = try await PostgresConnection(session: session).withTransaction(isolation: isolation, body)
            await end(lease, session, resetting: false)
            return value
        } catch {
            await end(lease, session, resetting: false)
            throw error
        }
    }

    /// Runs `body` with a connection of its own. Whatever it does to the session is undone afterwards: transactions are
    /// rolled back, advisory locks released, settings and LISTEN taken back.
    @discardableResult
    public func withConnection<R>(_ body: (PostgresConnection) async throws -> R) async throws -> R {
        let lease = try await pool.acquire(.lease)
        let session = LeasedSession(channel: lease.channel)
        do {
            let value = try await body(PostgresConnection(session: session))
            await end(lease, session, resetting: true)
            return value
        } catch {
            await end(lease, session, resetting: true)
            throw error
        }
    }

    private func end(_ lease: ConnectionPool.Lease, _ session: LeasedSession, resetting: Bool) async {
        session.end()
        await lease.channel.endLease(resetting: resetting)
        pool.release(lease)
    }

    /// The notifications on `channel`, from now until the stream is dropped or the client closes. Needs ``run()``.
    ///
    /// The stream begins with ``PostgresNotification/listening``. After ``PostgresNotification/reconnected`` notifications
    /// may be missing, so read again whatever they tell of; the same when a consumer falls 1,024 of them behind.
    public func listen(_ channel: String) -> AsyncStream<PostgresNotification> {
        listener.subscribe(to: channel)
    }

    /// Keeps connections open and healthy until the task is cancelled or the service shuts down, then closes everything.
    public func run() async throws {
        pool.keepMinimum()
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup { group in
                group.addTask { await self.listener.run() }
                group.addTask {
                    while (try? await Task.sleep(for: self.configuration.healthCheckInterval)) != nil {
                        self.listener.check()
                        await self.pool.maintain()
                    }
                }
            }
        }
        await close()
    }

    /// Refuses new work, lets work in progress finish for ``PostgresConfiguration/shutdownGrace``, then closes every
    /// connection. Safe to call twice.
    public func close() async {
        await listener.close()
        await pool.close(grace: configuration.shutdownGrace)
    }
}
