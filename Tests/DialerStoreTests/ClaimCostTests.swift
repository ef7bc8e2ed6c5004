import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// A claim's work must not grow with the list.
@Suite struct ClaimCostTests {
    /// What one claim did in the database, counted by the server inside its transaction.
    private struct Cost {
        var sequentialScans: Int
        var rowsFetched: Int
        var buffers: Int
    }

    /// Autovacuum would look at the list at a moment of its own: what it has a snapshot of the test's VACUUM cannot remove.
    private func withQuietSite(_ body: (Site) async throws -> Void) async throws {
        try await Site.with { site in
            try await site.client.execute("ALTER TABLE dial_list_entry SET (autovacuum_enabled = false)")
            try await body(site)
        }
    }

    private func cost(of function: String, _ site: Site) async throws -> Cost {
        try await site.client.withTransaction { transaction in
            let explain = PostgresQuery(
                unescaped: "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM \(function)")
            // The first call on a connection also reads the catalogue.
            try await transaction.query(explain)
            let before = try await Self.counts(transaction)
            let plan = try await transaction.query(explain)[0].decode(String.self, at: 0)
            let after = try await Self.counts(transaction)
            func number(_ key: String) -> Int {
                guard let range = plan.range(of: "\"\(key)\": ") else { return 0 }
                return Int(plan[range.upperBound...].prefix { $0.isNumber }) ?? 0
            }
            return Cost(
                sequentialScans: after.scans - before.scans,
                rowsFetched: after.fetched - before.fetched,
                buffers: number("Shared Hit Blocks") + number("Shared Read Blocks")
            )
        }
    }

    /// What this connection has done to the tables that grow, since its counts were last sent to the server's own.
    private static func counts(_ transaction: PostgresTransaction) async throws -> (scans: Int, fetched: Int) {
        try await transaction.query(
            """
            SELECT coalesce(sum(seq_scan), 0)::bigint, coalesce(sum(idx_tup_fetch), 0)::bigint
            FROM pg_stat_xact_user_tables
            WHERE relname IN ('dial_list_entry', 'dialing', 'campaign_turn', 'call_snapshot', 'do_not_call', 'blocked_number',
                'dialing_result')
            """
        )[0].decode((Int, Int).self)
    }

    private func claimCall(_ site: Site, count: Int, scan: Int? = nil, lists: [UUID]? = nil) -> String {
        let lists = (lists ?? [site.dlma.uuid]).map(\.wire).joined(separator: ",")
        return """
            claim_dialings('\(site.campaign.uuid)', '\(site.plan.uuid)', '\(site.destination.uuid)', '{\(lists)}',
                \(count), \(scan ?? count), 'pbx', '2027-02-01', NULL, NULL)
            """
    }

    /// Ten priorities, and an order by which the claim has to go.
    private func arrange(_ site: Site, _ order: ContactOrder) async throws {
        _ = try await site.store.dlmas.update(site.dlma.uuid) {
            $0.order = order
            $0.orderSeed = 4711
        }
        while try await site.store.dlmas.rearrange() {}
        try await site.client.execute("UPDATE dial_list_entry SET priority = seq / 10 % 10")
    }

    /// Nine in ten of the contacts are done with in every way there is; the rest waits behind them.
    private func wear(_ site: Site) async throws {
        try await site.client.execute(
            """
            UPDATE dial_list_entry SET
                res_dial = CASE WHEN seq % 10 < 4 THEN 4 ELSE 3 END,
                trycnt_1 = CASE WHEN seq % 10 < 7 THEN 5 ELSE 1 END,
                in_use = seq % 10 <> 7,
                tm_last_hangup = CASE WHEN seq % 10 = 8 THEN timestamptz '2027-01-31 23:59:30' ELSE '2027-01-01' END
            WHERE seq % 10 <> 9
            """
        )
        try await site.client.execute("VACUUM ANALYZE dial_list_entry")
    }

    @Test(arguments: ContactOrder.allCases)
    func aClaimCostsTheSameOnAListOfOneHundredThousand(_ order: ContactOrder) async throws {
        var costs: [Cost] = []
        for size in [5_000, 100_000] {
            try await self.withQuietSite { site in
                try await site.addContacts(size)
                try await self.arrange(site, order)
                try await self.wear(site)
                #expect(try await site.claim(20).count == 20)
                let cost = try await self.cost(of: self.claimCall(site, count: 50), site)
                #expect(cost.sequentialScans == 0)
                #expect(cost.rowsFetched < 400)
                costs.append(cost)
            }
        }
        // One level of an index more, at most, for each of the probes.
        #expect(costs[1].buffers < costs[0].buffers * 3 / 2)
        #expect(costs[1].buffers < 2_500)
    }

    /// A used-up list before two others: whoever has nobody due costs a look, and nothing depends on how long the lists are.
    @Test(arguments: ListMode.allCases) func aClaimCostsTheSameOnSeveralLongLists(_ mode: ListMode) async throws {
        var costs: [Cost] = []
        for size in [2_000, 40_000] {
            try await self.withQuietSite { site in
                let lists = [try await site.list(), site.dlma.uuid, try await site.list()]
                for list in lists { try await site.addContacts(size, to: list) }
                try await self.wear(site)
                try await site.client.execute(
                    "UPDATE dial_list_entry SET trycnt_1 = 5 WHERE dlma_uuid = \(lists[0]) AND trycnt_1 < 5")
                try await site.client.execute("VACUUM dial_list_entry")
                let campaign = try await site.dial(lists, weights: [1, 2, 1], mode)
                #expect(try await site.claim(20, campaign: campaign).count == 20)
                let cost = try await self.cost(of: self.claimCall(site, count: 50, lists: lists), site)
                #expect(cost.sequentialScans == 0)
                #expect(cost.rowsFetched < 600)
                costs.append(cost)
            }
        }
        #expect(costs[1].buffers < costs[0].buffers * 3 / 2)
        #expect(costs[1].buffers < 4_000)
    }

    /// Before statistics are gathered the planner knows nothing of the list; the claim's plan must not depend on it.
    @Test(arguments: ContactOrder.allCases) func aListFreshlyLoadedIsNotScanned(_ order: ContactOrder) async throws {
        try await self.withQuietSite { site in
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.order = order }
            try await site.addContacts(50_000)
            for _ in 0..<8 {
                let cost = try await self.cost(of: self.claimCall(site, count: 10), site)
                #expect(cost.sequentialScans == 0)
                #expect(cost.rowsFetched < 100)
            }
        }
    }

    @Test func anOutlookCostsTheSameOnALongList() async throws {
        try await self.withQuietSite { site in
            try await site.addContacts(100_000)
            try await self.wear(site)
            let cost = try await self.cost(of: "list_outlook('\(site.plan.uuid)', '\(site.dlma.uuid)')", site)
            #expect(cost.sequentialScans == 0)
            #expect(cost.buffers < 100)
        }
    }

    /// Every number but one in ten is on the do-not-call list, and claims have met them all.
    @Test func blockedContactsThatWereMetCostNothing() async throws {
        var costs: [Cost] = []
        for size in [5_000, 100_000] {
            try await self.withQuietSite { site in
                try await site.addContacts(size)
                try await self.list(site, size: size)
                try await site.client.execute(
                    "UPDATE dial_list_entry e SET blocked_slots = 1 FROM do_not_call n WHERE n.number = e.number_1 COLLATE \"C\""
                )
                #expect(try await site.claim(20).count == 20)
                let cost = try await self.cost(of: self.claimCall(site, count: 50), site)
                #expect(cost.sequentialScans == 0)
                #expect(cost.rowsFetched < 400)
                costs.append(cost)
                let outlook = try await self.cost(of: "list_outlook('\(site.plan.uuid)', '\(site.dlma.uuid)')", site)
                #expect(outlook.sequentialScans == 0)
                #expect(outlook.buffers < 100)
            }
        }
        #expect(costs[1].buffers < costs[0].buffers * 3 / 2)
        #expect(costs[1].buffers < 2_500)
    }

    /// A claim looks at as many contacts as it was told to and at no other, however many numbers are listed, and whatever the planner
    /// believes of the list before statistics are gathered.
    @Test(arguments: [true, false]) func blockedContactsAreMetAFewAtATime(isAnalyzed: Bool) async throws {
        var costs: [Cost] = []
        for size in [5_000, 100_000] {
            try await self.withQuietSite { site in
                try await site.addContacts(size)
                try await self.list(site, size: size)
                if isAnalyzed { try await site.client.execute("VACUUM ANALYZE dial_list_entry, do_not_call") }
                for _ in 0..<7 {
                    let cost = try await self.cost(of: self.claimCall(site, count: 1, scan: 500), site)
                    #expect(cost.sequentialScans == 0)
                    #expect(cost.rowsFetched < 1_200)
                    costs.append(cost)
                }
            }
        }
        #expect(costs[13].buffers < costs[6].buffers * 3 / 2)
        #expect(costs[13].buffers < 6_000)
    }

    private func list(_ site: Site, size: Int) async throws {
        try await site.client.execute(
            """
            INSERT INTO do_not_call (number) SELECT (1000000 + i)::text FROM generate_series(1, \(size)) i WHERE i % 10 <> 0
            """
        )
    }
}
