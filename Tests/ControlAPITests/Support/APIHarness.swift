import ControlAPI
import DialerModel
import DialerStore
import HummingbirdTesting
import Logging
import PostgresClient
import TestSupport

/// The API over a database of its own and an engine a test can script.
struct APIHarness: Sendable {
    let client: APIClient
    let engine: FakeEngine
    let store: DialerStore
    /// Where a live server listens; nil when requests go to the router directly.
    let port: Int?
    let postgres: PostgresClient

    /// How many staging tables of uploads there are.
    func stagingTables() async throws -> Int {
        try await self.postgres.query(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 'upload_stage_%' AND relkind = 'r'")[0]
            .decode(Int.self, at: 0)
    }

    static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// Another server over the same store and engine.
    func server(
        _ configuration: ControlAPIConfiguration,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> ControlServer {
        ControlAPI(
            store: self.store, engine: self.engine, configuration: configuration, now: { Self.instant },
            logger: Self.logger
        ).buildServer(onListening: onListening)
    }

    /// A clock that stands still, so that answers can be compared as a whole.
    static let instant = Timestamp(microseconds: 1_520_473_360_600_000)

    static func run<Value: Sendable>(
        _ setup: TestingSetup = .router,
        metrics: MetricsRegistry? = nil,
        configure: @Sendable (inout ControlAPIConfiguration) -> Void = { _ in },
        _ test: @Sendable (APIHarness) async throws -> Value
    ) async throws -> Value {
        let database = try await TestDatabase.create()
        return try await Self.run(
            setup, databaseURL: database.url, metrics: metrics, configure: configure, test
        )
    }

    /// The same over a database that is there already.
    static func run<Value: Sendable>(
        _ setup: TestingSetup = .router,
        databaseURL: String,
        postgres: @Sendable (inout PostgresConfiguration) -> Void = { _ in },
        metrics: MetricsRegistry? = nil,
        configure: @Sendable (inout ControlAPIConfiguration) -> Void = { _ in },
        _ test: @Sendable (APIHarness) async throws -> Value
    ) async throws -> Value {
        var configuration = ControlAPIConfiguration()
        configuration.port = 0
        configure(&configuration)
        let settings = configuration
        let logger = Self.logger
        return try await TestDatabase.withClient(url: databaseURL, logger: logger, configure: postgres) { client in
            let engine = FakeEngine()
            let store = DialerStore(client: client, logger: logger)
            try await store.migrate()
            let api = ControlAPI(
                store: store, engine: engine, configuration: settings, now: { Self.instant }, metrics: metrics,
                logger: logger
            )
            return try await api.buildApplication().test(setup) { testClient in
                try await test(
                    APIHarness(
                        client: APIClient(client: testClient), engine: engine, store: store, port: testClient.port,
                        postgres: client
                    )
                )
            }
        }
    }
}
