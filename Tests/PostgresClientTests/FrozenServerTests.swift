import Foundation
import PostgresClient
import TestSupport
import Testing

/// Servers that keep their connections and answer nothing.
@Suite(.timeLimit(.minutes(10))) struct FrozenServerTests {
    private static let place = "SHOW unix_socket_directories" as PostgresQuery

    private func url(_ servers: PostgresTestServer...) -> String {
        "host=\(servers.map(\.directory).joined(separator: ",")) port=5432 user=outpace dbname=postgres"
    }

    @Test("statements and listeners leave a frozen server for another one, long before a statement's time-out")
    func another() async throws {
        let first = try await PostgresTestServer.start()
        let second = try await PostgresTestServer.shared()
        try await TestDatabase.withClient(
            url: url(first, second),
            configure: {
                $0.statementTimeout = .seconds(600)
                $0.healthCheckInterval = .milliseconds(200)
                $0.silenceLimit = .milliseconds(300)
            }
        ) { (client) async throws in
            #expect(try await client.query(Self.place)[0].decode(String.self, at: 0) == first.directory)
            var notifications = client.listen("news").makeAsyncIterator()
            #expect(await notifications.next() == .listening)
            let sleeper = Task { try await client.query("SELECT pg_sleep(600)") }
            try await first.freeze()
            // Sent before, its outcome is unknown: it is not repeated.
            await #expect { try await sleeper.value } throws: { ($0 as? PostgresError)?.code == .connectionLost }
            #expect(await notifications.next() == .reconnected)
            var place: String?
            while place != second.directory {
                place = try? await client.query(Self.place)[0].decode(String.self, at: 0)
            }
            try await client.execute("SELECT pg_notify('news', 'here')")
            #expect(await notifications.next()?.payload == "here")
        }
        await first.remove()
    }

    /// PQcancel waits for the server to answer, however long that takes.
    @Test("statements cancelled on a frozen server keep nobody from going to another one")
    func cancelled() async throws {
        let first = try await PostgresTestServer.start()
        let second = try await PostgresTestServer.shared()
        // More than there are cores.
        let count = ProcessInfo.processInfo.activeProcessorCount + 6
        try await TestDatabase.withClient(url: first.url()) { (watcher) async throws in
            try await TestDatabase.withClient(
                url: url(first, second), maximumConnections: count,
                configure: { $0.healthCheckInterval = .milliseconds(200) }
            ) { (client) async throws in
                let sleepers = (0..<count).map { _ in
                    Task { try await client.withTransaction { try await $0.execute("SELECT pg_sleep(600)") } }
                }
                let allSleep = try await eventually {
                    let active = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                    return try await watcher.query("\(unescaped: active)")[0].decode(Int.self, at: 0) == count
                }
                try #require(allSleep)
                try await first.freeze()
                for sleeper in sleepers { sleeper.cancel() }
                let hasMoved = await eventually(within: .seconds(30)) {
                    let place = try? await client.query(Self.place)[0].decode(String.self, at: 0)
                    return place == second.directory
                }
                #expect(hasMoved)
                try await first.thaw()
                for sleeper in sleepers { _ = await sleeper.result }
            }
        }
        await first.remove()
    }

    @Test("a server with a long statement takes new connections, and is left alone")
    func longStatement() async throws {
        let server = try await PostgresTestServer.shared()
        try await TestDatabase.withClient(
            // Long enough for a new connection to a server that all tests share.
            url: url(server, server), configure: { $0.silenceLimit = .seconds(1) }
        ) { (client) async throws in
            let rows = try await client.query("SELECT 7 FROM pg_sleep(3)")
            #expect(try rows[0].decode(Int.self, at: 0) == 7)
        }
    }

    @Test("the only server there is is waited for")
    func onlyServer() async throws {
        let server = try await PostgresTestServer.start()
        try await TestDatabase.withClient(
            url: url(server), configure: { $0.silenceLimit = .milliseconds(50) }
        ) { (client) async throws in
            #expect(try await client.query("SELECT 1").count == 1)
            try await server.freeze()
            let answer = Task { try await client.query("SELECT 2")[0].decode(Int.self, at: 0) }
            // What must not happen has ten times the time it would take.
            try await Task.sleep(for: .seconds(1))
            try await server.thaw()
            #expect(try await answer.value == 2)
        }
        await server.remove()
    }

    @Test("while one server is silent, the others are asked again until one takes the work")
    func promotedMeanwhile() async throws {
        let silent = try SilentListener()
        let reader = try await PostgresTestServer.start(
            settings: ["default_transaction_read_only = on", "log_connections = on"])
        let place = try await TestDatabase.withClient(
            url: "host=127.0.0.1,\(reader.directory) port=\(silent.port),5432 user=outpace dbname=postgres "
                + "target_session_attrs=read-write application_name=seeker",
            configure: {
                $0.connectTimeout = .seconds(600)
                $0.acquireTimeout = .seconds(600)
            }
        ) { (client) async throws in
            let answer = Task { try await client.query(Self.place)[0].decode(String.self, at: 0) }
            let wasRefused = await eventually(within: .seconds(60)) {
                let log = try? String(contentsOfFile: "\(reader.directory)/log", encoding: .utf8)
                return log?.contains("connection authorized: user=outpace database=postgres application_name=seeker")
                    == true
            }
            #expect(wasRefused)
            try await TestDatabase.withClient(url: reader.url()) { (administrator) async throws in
                try await administrator.execute("ALTER SYSTEM SET default_transaction_read_only = off")
                try await administrator.execute("SELECT pg_reload_conf()")
            }
            return try await answer.value
        }
        #expect(place == reader.directory)
        await reader.remove()
    }
}
