import Chance
import DialerModel
import DialerStore
import NIOConcurrencyHelpers
import PostgresClient
import Testing

import struct Foundation.UUID

/// Holders that do not know yet that they are none any more, against those who took over.
@Suite struct LeaseRaceTests {
    /// What one engine believes.
    private struct Belief: Sendable {
        var name: String
        var fence: Int64
    }

    @Test func claimsAndResultsOfTheOldHolderRaceWithTakeovers() async throws {
        try await Site.with(maximumConnections: 12) { site in
            try await site.addContacts(400)
            let engines = [
                (name: "first", uuid: try await site.engine("first")),
                (name: "second", uuid: try await site.engine("second")),
            ]
            let fence = try #require(try await site.giveSales(to: engines[0].uuid))
            // Each engine's last fence, right or wrong, and every call it was told it may place.
            let beliefs = NIOLockedValueBox([Belief(name: "first", fence: fence), Belief(name: "second", fence: 0)])
            let claimed = NIOLockedValueBox<[Dialing]>([])
            let ended = NIOLockedValueBox<[UUID: Int]>([:])
            let isOver = NIOLockedValueBox(false)

            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        var chance = SplitMix64(seed: 7, stream: UInt64(worker))
                        while !isOver.withLockedValue({ $0 }) {
                            let belief = beliefs.withLockedValue { $0[worker % 2] }
                            do {
                                let calls = try await site.claim(
                                    Int(chance.next() % 3) + 1, fence: belief.fence, engine: belief.name)
                                claimed.withLockedValue { $0 += calls }
                            } catch StoreError.leaseLost {
                                try await site.store.ping()
                            }
                        }
                    }
                    group.addTask {
                        var chance = SplitMix64(seed: 8, stream: UInt64(worker))
                        while !isOver.withLockedValue({ $0 }) {
                            let belief = beliefs.withLockedValue { $0[worker % 2] }
                            let calls = claimed.withLockedValue { $0.suffix(8) }
                            let batch = calls.filter { _ in chance.next() % 2 == 0 }
                            guard !batch.isEmpty else {
                                try await site.store.ping()
                                continue
                            }
                            let count = try await site.store.results.finish(
                                batch.map { Site.finished($0, at: 1) },
                                by: LeaseHolder(engine: belief.name, fences: [belief.fence]))
                            ended.withLockedValue { $0[UUID()] = count }
                        }
                    }
                }
                for turn in 1...30 {
                    let (old, new) = (engines[(turn + 1) % 2], engines[turn % 2])
                    // Both live; the old one is silent long enough.
                    _ = try await site.store.leases.renew(new.uuid, lease: .seconds(3600))
                    try await site.silence(old.uuid)
                    var taken: Int64?
                    while taken == nil { taken = try await site.giveSales(to: new.uuid) }
                    let fence = try #require(taken)
                    beliefs.withLockedValue { $0[turn % 2].fence = fence }
                    // From here on nothing is under any other fence, whatever the old holder still tries.
                    #expect(try await site.integer("SELECT count(*) FROM dialing WHERE fence <> \(fence)") == 0)
                }
                isOver.withLockedValue { $0 = true }
                try await group.waitForAll()
            }

            let open = Set(try await site.store.dialings.open().map(\.uuid))
            let rows = try await site.store.results.pending(after: 0, limit: 10_000)
            let all = claimed.withLockedValue { $0 }
            #expect(!all.isEmpty)
            #expect(Set(all.map(\.uuid)).count == all.count, "a call was claimed twice")
            #expect(Set(rows.map(\.dialing)).count == rows.count, "a call has two results")
            #expect(open.union(rows.map(\.dialing)) == Set(all.map(\.uuid)), "a call is neither open nor ended")
            #expect(open.isDisjoint(with: rows.map(\.dialing)))
            #expect(ended.withLockedValue { $0.values.reduce(0, +) } == rows.count, "everybody was told what it ended")
            let tries = try await site.integer("SELECT sum(trycnt_1) FROM dial_list_entry")
            #expect(tries == all.count)
        }
    }

    @Test func aClaimUnderWayIsSeenByTheTakeoverThatWaitsForIt() async throws {
        try await Site.with { site in
            try await site.addContacts(1)
            let first = try await site.engine("first")
            let second = try await site.engine("second")
            let fence = try #require(try await site.giveSales(to: first))
            try await site.silence(first)
            let pids = try await site.client.withTransaction { claim in
                _ = try await claim.query(
                    "SELECT hold_lease(\(site.campaign.uuid), \(site.destination.uuid), \(fence)::bigint, 'first')")
                // It is in use at this moment: others pass it over, and do not wait.
                #expect(try await site.giveSales(to: second) == nil)
                let rows = try await claim.query(
                    """
                    SELECT o_dialing FROM claim_dialings(
                        \(site.campaign.uuid), \(site.plan.uuid), \(site.destination.uuid), \([site.dlma.uuid]), 1, 1, 'pbx1',
                        timestamptz '2027-02-01', '{}', NULL)
                    """
                )
                return try rows.map { try $0.decode(UUID.self, at: 0) }
            }
            let new = try #require(try await site.giveSales(to: second))
            #expect(try await site.store.dialings.open(fences: [new]).map(\.uuid) == pids)
        }
    }

    @Test func oneOfManyTakesALeaseOver() async throws {
        try await Site.with(maximumConnections: 12) { site in
            let dead = try await site.engine("dead")
            _ = try #require(try await site.giveSales(to: dead))
            var others: [UUID] = []
            for index in 0..<6 { others.append(try await site.engine("e\(index)")) }
            try await site.silence(dead)
            let need = try #require(try await site.store.leases.picture().needs.first { $0.key == Site.salesKey })
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for engine in others {
                    group.addTask {
                        try await site.store.leases.assign([
                            LeaseMove(key: Site.salesKey, fence: need.fence, engine: engine)
                        ])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.reduce(0, +) == 1)
            var holders = 0
            for engine in others where try await site.fence(of: engine) != nil { holders += 1 }
            #expect(holders == 1)
        }
    }
}
