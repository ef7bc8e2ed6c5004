import EventLoop
import Foundation
import Logging
import PostgresClient

/// An empty database of its own on the shared test server.
package struct TestDatabase: Sendable {
    package let name: String
    /// A libpq URL, as `database.url` takes it.
    package let url: String

    /// Creates a database; it goes with the server at the end of the test process.
    package static func create() async throws -> TestDatabase {
        let server = try await PostgresTestServer.shared()
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let loop = try EventLoop(name: "create-database")
        let client = PostgresClient(
            configuration: PostgresConfiguration(url: server.url()), eventLoop: loop, logger: Self.logger)
        let result: Result<Int, PostgresError>
        do throws(PostgresError) {
            result = .success(try await client.execute("CREATE DATABASE \(unescaped: name) TEMPLATE template0"))
        } catch {
            result = .failure(error)
        }
        await client.close()
        await loop.shutdown()
        _ = try result.get()
        return TestDatabase(name: name, url: server.url(database: name))
    }

    /// Runs `body` with a running client of this database, and closes it afterwards.
    @discardableResult
    package func withClient<R: Sendable>(
        maximumConnections: Int = 8, logger: Logger = Self.logger,
        configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        try await Self.withClient(
            url: url, maximumConnections: maximumConnections, logger: logger, configure: configure, body)
    }

    /// The same for any URL.
    @discardableResult
    package static func withClient<R: Sendable>(
        url: String, maximumConnections: Int = 8, logger: Logger = Self.logger,
        configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresClient) async throws -> R
    ) async throws -> R {
        var configuration = PostgresConfiguration(url: url)
        configuration.maximumConnections = maximumConnections
        configuration.reconnectDelay = .milliseconds(10) ... .milliseconds(200)
        configure(&configuration)
        let loop = try EventLoop(name: "test-postgres")
        let client = PostgresClient(configuration: configuration, eventLoop: loop, logger: logger)
        let running = Task { try await client.run() }
        let result: Result<R, any Error>
        do {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        try? await running.value
        await loop.shutdown()
        return try result.get()
    }

    /// Says nothing below errors.
    package static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return logger
    }
}
