import EventLoop
import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct FailureTests {
    /// Waits until `condition` holds on the server's side.
    private func wait(for query: PostgresQuery, on client: PostgresClient) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await client.query(query)[0].decode(Bool.self, at: 0) == false {
            try #require(ContinuousClock.now < deadline, "the server never came to \(query)")
            await Task.yield()
        }
    }

    @Test func cancellingATaskStopsItsStatementOnTheServer() async throws {
        let database = try await TestDatabase.create()
        // Somebody else watches: on the same connection a question would stand behind the statement.
        try await database.withClient { (watcher) async throws in
            try await database.withClient { (client) async throws in
                let sleeper = Task { try await client.query("SELECT pg_sleep(600)") }
                try await wait(
                    for: """
                        SELECT count(*) = 1 FROM pg_stat_activity
                        WHERE datname = current_database() AND query = 'SELECT pg_sleep(600)' AND state = 'active'
                        """,
                    on: watcher)
                sleeper.cancel()
                await #expect { try await sleeper.value } throws: { ($0 as? PostgresError)?.code == .cancelled }
                try await wait(
                    for: """
                        SELECT count(*) = 0 FROM pg_stat_activity
                        WHERE datname = current_database() AND query = 'SELECT pg_sleep(600)' AND state = 'active'
                        """,
                    on: watcher)
            }
        }
    }

    @Test func aCancelledStatementTakesNoNeighbourWithIt() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1) { (client) async throws in
            for _ in 0..<20 {
                let victim = Task { try await client.query("SELECT pg_sleep(600)") }
                let neighbours = (0..<20).map { number in
                    Task { try await client.query("SELECT \(number)")[0].decode(Int.self, at: 0) }
                }
                victim.cancel()
                await #expect { try await victim.value } throws: { ($0 as? PostgresError)?.code == .cancelled }
                for (number, neighbour) in neighbours.enumerated() {
                    #expect(try await neighbour.value == number)
                }
            }
        }
    }

    @Test func aSlowStatementHoldsNobodyUpWhereAnotherConnectionIsFree() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (watcher) async throws in
            try await database.withClient(maximumConnections: 2) { (client) async throws in
                // Two leases at once open both connections.
                try await client.withConnection { _ in
                    try await client.withConnection { _ = try await $0.query("SELECT 1") }
                }
                let sleeper = Task { try await client.query("SELECT pg_sleep(600)") }
                try await wait(
                    for: """
                        SELECT count(*) = 1 FROM pg_stat_activity
                        WHERE datname = current_database() AND query = 'SELECT pg_sleep(600)' AND state = 'active'
                        """,
                    on: watcher)
                for number in 0..<16 { _ = try await client.query("SELECT \(number)") }
                let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 1...100 {
                        group.addTask { try await client.query("SELECT \(number)")[0].decode(Int.self, at: 0) }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(sum == 5050)
                sleeper.cancel()
                await #expect { try await sleeper.value } throws: { ($0 as? PostgresError)?.code == .cancelled }
            }
        }
    }

    @Test func aCancelledTransactionIsRolledBackAndItsConnectionUsable() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 2) { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            let task = Task {
                try await client.withTransaction { (transaction) async throws in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    try await transaction.query("SELECT pg_sleep(600)")
                }
            }
            try await wait(
                for:
                    "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(600)' AND state = 'active'",
                on: client)
            task.cancel()
            await #expect { try await task.value } throws: { ($0 as? PostgresError)?.code == .cancelled }
            #expect(try await client.query("SELECT * FROM t").isEmpty)
            try await client.withTransaction { _ = try await $0.execute("INSERT INTO t VALUES (2)") }
            #expect(try await client.query("SELECT * FROM t").count == 1)
        }
    }

    @Test func theServersStatementTimeoutIsATimeout() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(configure: { $0.statementTimeout = .milliseconds(500) }) {
            (client) async throws in
            await #expect { try await client.query("SELECT pg_sleep(600)") } throws: {
                let error = $0 as? PostgresError
                return error?.code == .timeout && error?.sqlState == .queryCanceled && error?.isTransient == true
            }
            #expect(try await client.query("SELECT 1").count == 1)
            // Scripts and COPY take the time they need.
            try await client.withConnection { (connection) async throws in
                try await connection.script("SELECT pg_sleep(0.8)")
                #expect(try await connection.query("SHOW statement_timeout")[0].decode(String.self, at: 0) == "500ms")
            }
        }
    }

    @Test func everyCallerIsAnsweredWhenTheServerIsKilledUnderLoad() async throws {
        let server = try await PostgresTestServer.start()
        try await TestDatabase.withClient(url: server.url()) { try await $0.execute("CREATE TABLE mark (a int)") }
        try await TestDatabase.withClient(
            url: server.url(), maximumConnections: 4,
            configure: { $0.acquireTimeout = .seconds(1) }
        ) { (client) async throws in
            let answers = AsyncStream.makeStream(of: PostgresError.Code?.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        for number in 0..<20 {
                            do throws(PostgresError) {
                                try await client.execute("INSERT INTO mark VALUES (\(number))")
                                answers.continuation.yield(nil)
                            } catch {
                                answers.continuation.yield(error.code)
                            }
                        }
                    }
                }
                var count = 0
                var failures: Set<PostgresError.Code> = []
                for await answer in answers.stream {
                    count += 1
                    if let answer { failures.insert(answer) }
                    if count == 300 { try await server.stop(.kill) }
                    if count == 4000 { break }
                }
                #expect(count == 4000)
                #expect(failures.isSubset(of: [.connectionLost, .connectionFailed, .server, .notSent]))
                #expect(!failures.isEmpty)
                try await group.waitForAll()
            }
            try await server.restart()
            // The pool may be in the middle of a back-off that is longer than a caller's patience here.
            let deadline = ContinuousClock.now + .seconds(60)
            var rows: PostgresRows?
            while rows == nil {
                do throws(PostgresError) {
                    rows = try await client.query("SELECT count(*) FROM mark")
                } catch {
                    try #require(ContinuousClock.now < deadline, "never connected again: \(error)")
                }
            }
            #expect(rows?.count == 1)
        }
        await server.remove()
    }

    @Test func callersWaitOutARestartOfTheServer() async throws {
        let server = try await PostgresTestServer.start()
        try await TestDatabase.withClient(url: server.url(), maximumConnections: 2) { (client) async throws in
            #expect(try await client.query("SELECT 1").count == 1)
            try await server.stop()
            let waiting = Task { try await client.query("SELECT 2")[0].decode(Int.self, at: 0) }
            try await server.restart()
            #expect(try await waiting.value == 2)
        }
        await server.remove()
    }

    @Test func listenersHearOfARestart() async throws {
        let server = try await PostgresTestServer.start()
        try await TestDatabase.withClient(url: server.url(), maximumConnections: 2) { (client) async throws in
            var events = client.listen("odd \"name\"").makeAsyncIterator()
            #expect(await events.next() == .listening)
            try await client.query("SELECT pg_notify('odd \"name\"', \("one"))")
            #expect(await events.next()?.payload == "one")
            var second = client.listen("other").makeAsyncIterator()
            #expect(await second.next() == .listening)
            try await server.stop(.immediate)
            try await server.restart()
            #expect(await events.next() == .reconnected)
            #expect(await second.next() == .reconnected)
            try await client.query("SELECT pg_notify('odd \"name\"', 'two')")
            try await client.query("NOTIFY other, 'three'")
            #expect(await events.next()?.payload == "two")
            #expect(await second.next()?.payload == "three")
        }
        await server.remove()
    }

    @Test func aWrongPasswordFailsAtOnceAndStaysSecret() async throws {
        let port = try FreePort.next()
        let server = try await PostgresTestServer.start(
            port: port,
            files: ["pg_hba.conf": "local all outpace trust\nhost all all 127.0.0.1/32 scram-sha-256\n"])
        let start = ContinuousClock.now
        try await TestDatabase.withClient(
            url: "postgresql://outpace:hunter2secret@127.0.0.1:\(port)/postgres",
            // What is tried again would be tried for this long.
            configure: { $0.acquireTimeout = .seconds(600) }
        ) { (client) async throws in
            await #expect {
                try await client.query("SELECT 1")
            } throws: { error in
                let error = error as? PostgresError
                return error?.code == .connectionFailed && error?.sqlState == .invalidPassword
                    && error?.isTransient == false && !"\(String(describing: error))".contains("hunter2secret")
            }
        }
        #expect(start.duration(to: .now) < .seconds(300))
        await server.remove()
    }

    @Test func badURLsAreExplainedWithoutTheirSecrets() async throws {
        for url in [
            "postgresql://outpace:hunter2 secret@host/db?sslmood=require", "host=x password=hunter2secret oops",
            "postgresql://u:hunter2secret@[::1/db",
        ] {
            try await TestDatabase.withClient(url: url) { (client) async throws in
                await #expect {
                    try await client.query("SELECT 1")
                } throws: { error in
                    let error = error as? PostgresError
                    return error?.code == .invalidConfiguration && !"\(String(describing: error))".contains("hunter2")
                }
            }
        }
        try await TestDatabase.withClient(url: "postgresql://h/db?sslmood=1") { (client) async throws in
            await #expect { try await client.query("SELECT 1") } throws: { "\($0)".contains("sslmood") }
        }
    }

    @Test func nobodyThereIsAConnectionFailureWithinTheWaitingTime() async throws {
        let port = try FreePort.next()
        try await TestDatabase.withClient(
            url: "postgresql://127.0.0.1:\(port)/x", configure: { $0.acquireTimeout = .seconds(5) }
        ) { (client) async throws in
            await #expect { try await client.query("SELECT 1") } throws: {
                let error = $0 as? PostgresError
                return error?.code == .connectionFailed && error?.isTransient == true
                    && error?.message.contains("refused") == true
            }
        }
    }

    @Test func theNextHostOfAListIsTaken() async throws {
        let dead = try FreePort.next()
        let server = try await PostgresTestServer.shared()
        try await TestDatabase.withClient(
            url: "host=localhost,\(server.directory) port=\(dead),5432 user=outpace dbname=postgres"
        ) { (client) async throws in
            #expect(try await client.query("SELECT 1").count == 1)
        }
    }

    @Test func anExhaustedPoolSaysSo() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(
            maximumConnections: 1, configure: { $0.acquireTimeout = .seconds(3) }
        ) { (client) async throws in
            try await client.withConnection { _ in
                await #expect { try await client.query("SELECT 1") } throws: {
                    ($0 as? PostgresError)?.code == .poolExhausted
                }
            }
            #expect(try await client.query("SELECT 1").count == 1)
        }
    }

    @Test func aClosedClientRefusesWork() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.query("SELECT 1")
            await client.close()
            await #expect { try await client.query("SELECT 1") } throws: { ($0 as? PostgresError)?.code == .closed }
            var events = client.listen("x").makeAsyncIterator()
            #expect(await events.next() == nil)
        }
    }

    @Test func aConnectionLostInCommitLeavesTheOutcomeOpen() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.withConnection { (connection) async throws in
                try await connection.script(
                    """
                    CREATE TABLE t (a int);
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW EXECUTE FUNCTION die();
                    """)
            }
            await #expect {
                try await client.withTransaction { _ = try await $0.execute("INSERT INTO t VALUES (1)") }
            } throws: {
                // The server may still say why it goes; without that the outcome is unknown.
                let error = $0 as? PostgresError
                return error?.sqlState == .adminShutdown || error?.code == .commitOutcomeUnknown
            }
            #expect(try await client.query("SELECT * FROM t").isEmpty)
        }
    }
}
