import DialerStore
import EventLoop
import Logging
import PostgresClient

/// A connected store for the length of a command: the private PostgreSQL when no URL is set, one event loop, one pool.
struct DatabaseSession {
    var configuration: ServiceConfiguration
    var logger: Logger
    /// For a command that only reads: the schema stays as it is, and the private PostgreSQL of a running service is used as well.
    var onlyReads = false

    /// Starts what is needed, hands the store, migrated unless it is only read, to `body`, and stops everything in reverse.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (DialerStore) async throws -> Result
    ) async throws -> Result {
        guard self.configuration.database.url.isEmpty else {
            return try await self.run(url: self.configuration.database.url, body)
        }
        let postgres = PrivatePostgres(
            dataDirectory: self.configuration.dataDirectory,
            poolSize: self.configuration.database.maximumConnections,
            logger: self.logger
        )
        let url: String
        do {
            url = try await postgres.start()
        } catch PrivatePostgresError.inUse where self.onlyReads {
            guard let running = await postgres.runningURL() else { throw PrivatePostgresError.notReady }
            return try await self.run(url: running, body)
        }
        let keeper = Task { await postgres.keepRunning() }
        do {
            let result = try await self.run(url: url, body)
            await Self.end(postgres, keptBy: keeper)
            return result
        } catch {
            await Self.end(postgres, keptBy: keeper)
            throw error
        }
    }

    private static func end(_ postgres: PrivatePostgres, keptBy keeper: Task<Void, Never>) async {
        keeper.cancel()
        await keeper.value
        await postgres.stop()
    }

    private func run<Result: Sendable>(
        url: String,
        _ body: @escaping @Sendable (DialerStore) async throws -> Result
    ) async throws -> Result {
        var pool = PostgresConfiguration(url: url)
        pool.maximumConnections = self.configuration.database.maximumConnections
        pool.statementTimeout = self.configuration.database.statementTimeout
        pool.connectTimeout = self.configuration.database.connectTimeout
        let loop = try EventLoop(name: "postgresql")
        let client = PostgresClient(configuration: pool, eventLoop: loop, logger: self.logger)
        let store = DialerStore(
            client: client,
            logger: self.logger,
            engine: self.configuration.engine.name,
            defaultTechName: self.configuration.dialing.defaultTechnology
        )
        do {
            let result = try await self.run(client, store, body)
            await loop.shutdown()
            return result
        } catch {
            await loop.shutdown()
            throw error
        }
    }

    /// The pool works beside `body` and has ended when this returns, so that the loop may be shut down after it.
    private func run<Result: Sendable>(
        _ client: PostgresClient,
        _ store: DialerStore,
        _ body: @escaping @Sendable (DialerStore) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await client.run()
                return nil
            }
            group.addTask {
                if !self.onlyReads { try await store.migrate() }
                return try await body(store)
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                guard let finished else { continue }
                await client.close()
                return finished
            }
            throw CancellationError()
        }
    }
}
