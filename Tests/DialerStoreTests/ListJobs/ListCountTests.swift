import Chance
import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// The counts that are kept say what counting would.
@Suite struct ListCountTests {
    @Test func everyContactCountsWhereItStands() async throws {
        try await Site.with(plan: { $0.maxTries[1] = 2 }) { site in
            let counts = site.store.listCounts
            #expect(try await counts.counts(of: site.dlma.uuid).penetration == nil)
            for number in 0..<8 { try await site.addContact("30\(number)") }
            #expect(try await counts.counts(of: site.dlma.uuid).untouched == 8)

            let answered = try await site.claim(1, at: 0)
            try await site.finish(answered, at: 1, dialResult: 4)
            // Two tries each, and the plan allows no more.
            let tried = try await site.claim(2, at: 2)
            try await site.finish(tried, at: 3)
            for dialing in tried { _ = try await site.store.dls.update(dialing.entry) { $0.tries[1] = 2 } }
            _ = try await site.claim(1, at: 4)
            let blocked = try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 8)).items[4]
            _ = try await site.store.doNotCall.add(
                try #require(blocked.numbers[1]), reason: nil, expiresAt: nil, now: Site.start)
            #expect(
                try await site.store.claims.claim(site.request(count: 1, at: 5)).blocked == 1)
            let reserved = try await site.store.claims.reserve(
                site.request(at: 6), target: "agent", until: Site.start + .seconds(60))
            #expect(reserved.entry != nil)

            var expected = ListCounts()
            expected.total = 8
            expected.untouched = 3
            expected.dialing = 2
            expected.reserved = 1
            expected.answered = 1
            expected.left = 1
            expected.blocked = 1
            let found = try await counts.counts(of: site.dlma.uuid)
            #expect(found == expected)
            #expect(found.tried == 5)
            #expect(found.exhausted == 3)
            #expect(found.penetration == 0.625)
            // Folding them changes nothing, and neither does folding again.
            for _ in 0..<2 {
                try await counts.fold()
                #expect(try await counts.counts(of: site.dlma.uuid) == expected)
            }
            #expect(try await site.integer("SELECT count(*) FROM list_count_change") == 0)
        }
    }

    @Test func whoIsLeftDependsOnThePlan() async throws {
        try await Site.with(plan: { $0.maxTries[1] = 1 }) { site in
            try await site.addContact("300", "301")
            try await site.addContact("302")
            let counts = site.store.listCounts
            try await site.finish(try await site.claim(2, at: 0), at: 1)
            // The first contact's second number is left.
            #expect(try await counts.counts(of: site.dlma.uuid).left == 1)
            var patient = Plan(blank: UUID())
            patient.maxTries[1] = 3
            patient.maxTries[2] = 0
            patient = try await site.store.plans.create(patient)
            #expect(try await counts.counts(of: site.dlma.uuid, plan: patient.uuid).left == 2)
            #expect(try await counts.counts(of: site.dlma.uuid).left == 1)
            // A second campaign, whose plan allows more: now somebody may call both.
            var second = Campaign(uuid: UUID())
            second.plan = patient.uuid
            second.dlma = site.dlma.uuid
            second = try await site.store.campaigns.create(second)
            #expect(try await counts.counts(of: site.dlma.uuid).left == 2)
            _ = try await site.store.campaigns.delete(second.uuid, force: false)
            _ = try await site.store.campaigns.delete(site.campaign.uuid, force: true)
            let nobodys = try await counts.counts(of: site.dlma.uuid)
            #expect(nobodys.left == nil && nobodys.exhausted == nil && nobodys.total == 2)
        }
    }

    /// Whatever changes contacts, in whatever order and at the same time, committed or not: at every moment the counts are those that
    /// counting all contacts gives. Both are asked for in one statement, so they are of the same moment.
    @Test(arguments: [1, 2] as [UInt64]) func theCountsAreExactWhateverHappens(seed: UInt64) async throws {
        try await Site.with(maximumConnections: 14, plan: { $0.retryDelay = 0 }) { site in
            let other = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            try await site.addContacts(200)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<5 {
                    group.addTask {
                        var chance = SplitMix64(seed: seed, stream: UInt64(worker))
                        for turn in 0..<40 {
                            try await Self.change(site, other.uuid, at: turn, &chance)
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<30 {
                        try await site.store.listCounts.fold()
                        #expect(try await Self.differences(site) == 0)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.differences(site) == 0)
            while try await site.store.listCounts.fold() > 0 {}
            #expect(try await Self.differences(site) == 0)
            #expect(try await site.integer("SELECT count(*) FROM list_count WHERE contacts <= 0") == 0)
            let total = try await site.integer(
                "SELECT count(*) FROM dial_list_entry WHERE in_use AND dlma_uuid = \(site.dlma.uuid)")
            #expect(try await site.store.listCounts.counts(of: site.dlma.uuid).total == total)
        }
    }

    private struct RolledBack: Error {}

    private static func change(
        _ site: Site, _ other: UUID, at turn: Int, _ chance: inout SplitMix64
    ) async throws {
        let lists = [site.dlma.uuid, other]
        switch Int.random(in: 0..<10, using: &chance) {
        case 0...2:
            let dialings = try await site.claim(Int.random(in: 1...10, using: &chance), at: turn * 10)
            let result = [0, 3, 3, 4, 5, 8].randomElement(using: &chance) ?? 3
            try await site.finish(dialings, at: turn * 10 + 1, dialResult: result)
        case 3:
            _ = try await site.claim(1, at: turn * 10)
        case 4:
            try await site.addContacts(
                Int.random(in: 1...40, using: &chance), to: lists.randomElement(using: &chance))
        case 5:
            var entry = DialListEntry(uuid: UUID(), dlma: lists[Int.random(in: 0...1, using: &chance)])
            entry.numbers[Int.random(in: 1...8, using: &chance)] = "9\(turn)"
            let made = try await site.store.dls.create(entry)
            let tries = Int.random(in: 0...70, using: &chance)
            _ = try await site.store.dls.update(made.uuid) {
                $0.tries[1] = tries
                $0.status = .reserved
            }
            if tries % 2 == 0 { _ = try await site.store.dls.delete(made.uuid, force: false) }
        case 6:
            await #expect(throws: RolledBack.self) {
                try await site.client.withTransaction { transaction in
                    try await transaction.execute(
                        """
                        UPDATE dial_list_entry SET trycnt_2 = trycnt_2 + 1
                        WHERE uuid IN (SELECT uuid FROM dial_list_entry WHERE status = 0 LIMIT 20 FOR UPDATE SKIP LOCKED)
                        """
                    )
                    throw RolledBack()
                }
            }
        case 7:
            let number = "\(1_000_000 + Int.random(in: 1...40, using: &chance))"
            _ = try await site.store.doNotCall.add(number, reason: nil, expiresAt: nil, now: Site.start)
            _ = try await site.claim(2, at: turn * 10)
            _ = try await site.store.doNotCall.remove(number)
        default:
            let kinds: [ListJobKind] = [.recycle(isWhole: turn % 2 == 0), .move(to: lists[1]), .delete]
            var filter = ListJobFilter()
            filter.dialResults = [[3, 5], [4], [8]].randomElement(using: &chance)
            do throws(StoreError) {
                let job = try await site.store.listJobs.create(
                    UUID(), kinds[Int.random(in: 0...2, using: &chance)], of: lists[0], filter)
                while let step = try await site.store.listJobs.step(job.uuid, size: 50), !step.isHeldUp {}
                _ = try await site.store.listJobs.cancel(job.uuid)
            } catch {
                guard case .jobInProgress = error else { throw error }
            }
        }
    }

    /// How many groups of contacts are counted wrongly.
    static func differences(_ site: Site) async throws -> Int {
        try await site.integer(
            """
            SELECT count(*)
            FROM (
                SELECT c.dlma, c.stage, c.status, c.is_answered, c.is_blocked, sum(c.contacts) AS contacts
                FROM (SELECT * FROM list_count UNION ALL SELECT * FROM list_count_change) AS c
                GROUP BY 1, 2, 3, 4, 5
                HAVING sum(c.contacts) <> 0
            ) AS kept
            FULL JOIN (
                SELECT e.dlma_uuid AS dlma, e.stage, e.status, e.res_dial = 4 AS is_answered, e.blocked_slots <> 0 AS is_blocked,
                    count(*) AS contacts
                FROM dial_list_entry e WHERE e.in_use GROUP BY 1, 2, 3, 4, 5
            ) AS counted USING (dlma, stage, status, is_answered, is_blocked)
            WHERE kept.contacts IS DISTINCT FROM counted.contacts
            """
        )
    }

    @Test func theCountsOfALongListAreReadWithoutLookingAtIt() async throws {
        try await Site.with { site in
            try await site.addContacts(50_000)
            let looks = try await site.client.withTransaction { transaction in
                let looks: PostgresQuery =
                    "SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'dial_list_entry'"
                let before = try await transaction.query(looks)[0].decode(Int.self, at: 0)
                let counts = try await transaction.query("SELECT o_total FROM list_counts(\(site.dlma.uuid), NULL)")
                #expect(try counts[0].decode(Int.self, at: 0) == 50_000)
                return try await transaction.query(looks)[0].decode(Int.self, at: 0) - before
            }
            #expect(looks == 0)
            // One note for the one statement that added them all.
            #expect(try await site.integer("SELECT count(*) FROM list_count_change") == 1)
        }
    }
}
