import PostgresClient
import TestSupport
import Testing

@Suite struct TransactionTests {
    private struct Stop: Error {}

    @Test func whatABodyDidIsKeptWhenItReturns() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            let answer = try await client.withTransaction { transaction in
                try await transaction.execute("INSERT INTO t VALUES (\(1))")
                try await transaction.pipeline(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"])
                return "done"
            }
            #expect(answer == "done")
            #expect(try await client.query("SELECT * FROM t").count == 3)
        }
    }

    @Test func whatABodyDidIsUndoneWhenItThrows() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE t (a int PRIMARY KEY)")
            await #expect(throws: Stop.self) {
                try await client.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    throw Stop()
                }
            }
            await #expect {
                try await client.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                }
            } throws: { ($0 as? PostgresError)?.sqlState == .uniqueViolation }
            #expect(try await client.query("SELECT * FROM t").isEmpty)
        }
    }

    @Test func aSwallowedErrorDoesNotPassForACommit() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            await #expect {
                try await client.withTransaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    _ = try? await transaction.execute("SELECT 1/0")
                }
            } throws: { ($0 as? PostgresError)?.code == .transactionAborted }
            #expect(try await client.query("SELECT * FROM t").isEmpty)
        }
    }

    @Test func aFailingFirstStatementDoesNotEscapeTheTransaction() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1) { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            await #expect {
                try await client.withTransaction { transaction in
                    _ = try? await transaction.execute("SELECT 1/0")
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                }
            } throws: { ($0 as? PostgresError)?.sqlState == .inFailedTransaction }
            #expect(try await client.query("SELECT * FROM t").isEmpty)
        }
    }

    @Test func serializableTransactionsReportTheirConflict() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            try await client.execute("INSERT INTO t VALUES (1)")
            await #expect {
                try await client.withTransaction(isolation: .serializable) { first in
                    _ = try await first.query("SELECT * FROM t")
                    try await client.withTransaction(isolation: .serializable) { second in
                        _ = try await second.query("SELECT * FROM t")
                        try await second.execute("UPDATE t SET a = a + 1")
                    }
                    try await first.execute("UPDATE t SET a = a + 1")
                }
            } throws: {
                let error = $0 as? PostgresError
                return error?.sqlState == .serializationFailure && error?.isTransient == true
            }
        }
    }

    @Test func aPipelineIsOneTransaction() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.execute("CREATE TABLE t (a int)")
            await #expect(throws: PostgresError.self) {
                try await client.pipeline(["INSERT INTO t VALUES (1)", "SELECT 1/0", "INSERT INTO t VALUES (2)"])
            }
            #expect(try await client.query("SELECT * FROM t").isEmpty)
            let results = try await client.pipeline(["INSERT INTO t VALUES (7)", "SELECT a FROM t"])
            #expect(try results[1][0].decode(Int.self, at: 0) == 7)
        }
    }

    @Test func aLeaseLeavesNothingBehind() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 1) { (client) async throws in
            try await client.withConnection { (connection) async throws in
                try await connection.script(
                    "CREATE TABLE t (a int); SET search_path = nowhere; BEGIN; SET statement_timeout = 1")
                try await connection.query("SELECT pg_advisory_lock(7)")
            }
            let rows = try await client.query(
                """
                SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout,
                    (SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                        WHERE l.locktype = 'advisory' AND d.datname = current_database()) AS locks,
                    to_regclass('t') IS NULL AS gone
                """)
            #expect(try rows[0]["path", as: String.self] == "\"$user\", public")
            #expect(try rows[0]["timeout", as: String.self] == "30s")
            #expect(try rows[0]["locks", as: Int.self] == 0)
            #expect(try rows[0]["gone", as: Bool.self])
        }
    }

    @Test func aConnectionIsNotUsableAfterItsLease() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            let kept = try await client.withConnection { $0 }
            await #expect { try await kept.query("SELECT 1") } throws: { ($0 as? PostgresError)?.code == .closed }
        }
    }

    @Test func leasesAreServedWhileStatementsKeepEveryConnectionBusy() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: 2) { (client) async throws in
            @Sendable func statements() async throws {
                for _ in 0..<50 { try await client.query("SELECT 1") }
            }
            @Sendable func transaction() async throws {
                _ = try await client.withTransaction { try await $0.execute("SELECT 1") }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await statements() }
                    group.addTask { try await transaction() }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aScriptIsOneTransactionUnlessItSaysOtherwise() async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { (client) async throws in
            try await client.withConnection { (connection) async throws in
                await #expect { try await connection.script("CREATE TABLE a (x int); SELECT 1/0;") } throws: {
                    ($0 as? PostgresError)?.sqlState == .divisionByZero
                }
                try await connection.script("CREATE TABLE b (x int); INSERT INTO b VALUES (1);")
                #expect(
                    try await connection.query("SELECT to_regclass('a') IS NULL, (SELECT x FROM b)")[0].decode(
                        (Bool, Int).self) == (true, 1))
            }
        }
    }
}
