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
            #expect(known == Migration.embedded.last?.version)
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

    /// A database from before the do-not-call list, with contacts in every stage and a call in progress, goes on where it was.
    @Test func theDoNotCallListComesToADatabaseInUse() async throws {
        try await with { client, store in
            try await store.migrate(Array(Migration.embedded.prefix(4)))
            try await client.execute("INSERT INTO plan (uuid, retry_delay) VALUES (gen_random_uuid(), 0)")
            try await client.execute(
                "INSERT INTO destination (uuid, type, application, data) VALUES (gen_random_uuid(), 1, 'Queue', 'sales')"
            )
            try await client.execute("INSERT INTO dial_list_master (uuid) VALUES (gen_random_uuid())")
            try await client.execute(
                """
                INSERT INTO campaign (uuid, plan, dest, dlma, status)
                SELECT gen_random_uuid(), p.uuid, d.uuid, l.uuid, 1 FROM plan p, destination d, dial_list_master l
                """
            )
            try await client.execute(
                """
                INSERT INTO dial_list_entry (uuid, dlma_uuid, number_1, number_3, number_8, trycnt_1, trycnt_3, trycnt_8)
                SELECT gen_random_uuid(), l.uuid, (100 + i)::text, CASE WHEN i % 2 = 0 THEN (300 + i)::text END,
                    CASE WHEN i % 3 = 0 THEN (800 + i)::text END, i % 4, i % 70, i % 5
                FROM dial_list_master l, generate_series(1, 200) i
                """
            )
            try await client.execute(
                """
                CREATE TABLE before AS SELECT e.uuid, e.stage FROM dial_list_entry e
                """
            )
            let opened = try await client.query(
                """
                SELECT d.o_dialing FROM campaign c,
                    claim_dialings(c.uuid, c.plan, c.dest, c.dlma, 1, 'pbx1', timestamptz '2027-01-15', NULL, NULL) d
                """
            )[0].decode(UUID.self, at: 0)

            try await store.migrate(Array(Migration.embedded.prefix(6)))
            let changed = try await client.query(
                """
                SELECT count(*) FROM before b JOIN dial_list_entry e USING (uuid)
                WHERE e.stage <> b.stage AND e.status = 0
                """
            )[0].decode(Int.self, at: 0)
            #expect(changed == 0)
            try await store.migrate()
            let functions = try await client.query(
                """
                SELECT count(*), count(DISTINCT proname) FROM pg_proc
                WHERE proname IN ('claim_dialings', 'reserve_contact', 'finish_dialings', 'contact_number', 'block_numbers')
                """
            )[0].decode((Int, Int).self)
            #expect(functions == (5, 5))

            let dialing = try #require(try await store.dialings.find(opened))
            let campaign = try #require(try await store.campaigns.find(dialing.campaign))
            #expect(try await store.results.counters(campaign: campaign.uuid) == CampaignCounters())
            #expect(try await store.results.finish([Site.finished(dialing, at: 0)]) == 1)
            let request = ClaimRequest(
                campaign: campaign.uuid, plan: try #require(campaign.plan),
                destination: try #require(campaign.destination),
                dlma: try #require(campaign.dlma), count: 300, pbx: "pbx1", now: Site.start + .seconds(10)
            )
            _ = try await store.doNotCall.add("104", reason: nil, expiresAt: nil, now: Site.start)
            let claim = try await store.claims.claim(request)
            #expect(claim.blocked == 1)
            #expect(claim.dialings.count == 199)
            #expect(!claim.dialings.contains { $0.dialAddress == "104" })
        }
    }

    /// A database with contacts in every state begins with their counts, and counts on from there.
    @Test func theCountsOfListsComeToADatabaseInUse() async throws {
        try await with { client, store in
            try await store.migrate(Migration.embedded.filter { $0.version <= 6 })
            for _ in 0..<2 {
                try await client.execute("INSERT INTO dial_list_master (uuid) VALUES (gen_random_uuid())")
            }
            try await client.execute(
                """
                INSERT INTO dial_list_entry (
                    uuid, dlma_uuid, number_1, number_2, trycnt_1, trycnt_2, res_dial, status, in_use, blocked_slots
                )
                SELECT gen_random_uuid(), l.uuid, (100 + i)::text, CASE WHEN i % 2 = 0 THEN (300 + i)::text END, i % 4, i % 70,
                    i % 6, CASE WHEN i % 9 = 0 THEN 2 ELSE 0 END, i % 10 > 0, i % 3
                FROM dial_list_master l, generate_series(1, 200) i
                """
            )
            try await store.migrate()
            let site = try await Site(client: client)
            #expect(try await ListCountTests.differences(site) == 0)
            let lists = try await store.dlmas.page(PageRequest()).items
            #expect(lists.count == 3)
            for list in lists.prefix(2) {
                let counts = try await store.listCounts.counts(of: list.uuid)
                #expect(counts.total == 180)
                #expect(counts.reserved == 20)
                #expect(counts.untouched == 180 - counts.tried && counts.tried > 170)
            }
            try await site.addContacts(5, to: lists[0].uuid)
            try await client.execute("UPDATE dial_list_entry SET in_use = false WHERE res_dial = 4")
            #expect(try await ListCountTests.differences(site) == 0)
        }
    }
}
