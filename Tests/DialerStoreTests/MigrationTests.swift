import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

@Suite struct MigrationTests {
    private func with(_ body: (PostgresClient, DialerStore) async throws -> Void) async throws {
        let database = try await TestDatabase.create()
        try await database.withClient { client in
            try await body(client, DialerStore(client: client, logger: TestDatabase.logger))
        }
    }

    @Test func theFilesAreNumberedFromOneWithoutAGap() {
        #expect(!Migration.embedded.isEmpty)
        #expect(Migration.embedded.map(\.version) == Array(1...Migration.embedded.count))
        #expect(Migration(name: "schema", sql: "") == nil)
        #expect(Migration(name: "0012_more", sql: "")?.version == 12)
    }

    @Test func migratingAgainChangesNothing() async throws {
        try await with { client, store in
            try await store.migrate()
            let before = try await client.query(
                "SELECT array_agg(tm_applied::text ORDER BY version) FROM schema_migration")[0]
                .decode([String].self, at: 0)
            let plan = try await store.plans.create(Plan(blank: UUID()))
            try await store.migrate()
            let after = try await client.query(
                "SELECT array_agg(tm_applied::text ORDER BY version) FROM schema_migration")[0]
                .decode([String].self, at: 0)
            #expect(before == after)
            #expect(try await store.plans.find(plan.uuid) == plan)
            try await store.ping()
        }
    }

    @Test func programsThatStartTogetherMigrateOnce() async throws {
        try await with { client, store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { try await store.migrate() } }
                try await group.waitForAll()
            }
            let count = try await client.query("SELECT count(*) FROM schema_migration")[0].decode(Int.self, at: 0)
            #expect(count == Migration.embedded.count)
        }
    }

    @Test func aNewerDatabaseIsRefused() async throws {
        try await with { client, store in
            try await store.migrate()
            try await client.execute("INSERT INTO schema_migration VALUES (9000, '9000_future', 'x')")
            let error = await storeError { () throws(StoreError) in try await store.migrate() }
            guard case .newerSchema(let found, let known) = error else {
                Issue.record("got \(String(describing: error))")
                return
            }
            #expect(found == 9000)
            #expect(known == Migration.embedded.count)
        }
    }

    @Test func anEditedFileIsRefused() async throws {
        try await with { client, store in
            let first = Migration(version: 1, name: "0001_a", sql: "CREATE TABLE a (x integer)")
            try await store.migrate([first])
            let edited = Migration(version: 1, name: "0001_a", sql: "CREATE TABLE a (x bigint)")
            let error = await storeError { () throws(StoreError) in try await store.migrate([edited]) }
            guard case .incompatibleSchema(let reason) = error else {
                Issue.record("got \(String(describing: error))")
                return
            }
            #expect(reason.contains("0001_a"))
        }
    }

    @Test func aFileThatFailsLeavesNothingBehind() async throws {
        try await with { client, store in
            let good = Migration(
                version: 1, name: "0001_a", sql: "CREATE TABLE a (x integer); INSERT INTO a VALUES (1);")
            let bad = Migration(version: 2, name: "0002_b", sql: "CREATE TABLE b (x integer); SELECT 1 / 0;")
            let error = await storeError { () throws(StoreError) in try await store.migrate([good, bad]) }
            #expect(error != nil)
            let names = try await client.query(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            ).decode((String).self).map { $0 }
            #expect(names == ["a", "schema_migration"])
            // Mended, it goes on from there.
            let mended = Migration(version: 2, name: "0002_b", sql: "CREATE TABLE b (x integer)")
            try await store.migrate([good, mended])
            let late = await storeError { () throws(StoreError) in
                try await store.migrate([mended, Migration(version: 3, name: "0003_c", sql: "SELECT 1")])
            }
            guard case .incompatibleSchema = late else {
                Issue.record("got \(String(describing: late))")
                return
            }
        }
    }

    @Test func aDatabaseThatIsNotUnicodeIsRefused() async throws {
        let server = try await PostgresTestServer.shared()
        let name = "latin_" + UUID().uuidString.prefix(8).lowercased()
        _ = try await TestDatabase.withClient(url: server.url()) { client in
            try await client.execute(
                "CREATE DATABASE \(unescaped: name) ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        }
        try await TestDatabase.withClient(url: server.url(database: name)) { client in
            let store = DialerStore(client: client, logger: TestDatabase.logger)
            let error = await storeError { () throws(StoreError) in try await store.migrate() }
            guard case .incompatibleSchema(let reason) = error else {
                Issue.record("got \(String(describing: error))")
                return
            }
            #expect(reason.contains("LATIN1"))
        }
    }
}
