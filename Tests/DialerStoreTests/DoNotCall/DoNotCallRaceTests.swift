import DialerModel
import DialerStore
import Foundation
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Numbers are added while campaigns claim.
@Suite struct DoNotCallRaceTests {
    /// Claimers work through a list while its numbers are added one after the other. Of each number that was added, the open dialings are
    /// counted right after the addition returned and once more at the end: nothing may have come behind it.
    @Test func noDialingOfANumberAppearsAfterItWasAdded() async throws {
        try await Site.with(maximumConnections: 14) { site in
            let count = 600
            try await site.addContacts(count)
            let isDone = NIOLockedValueBox(false)
            let atAddition = NIOLockedValueBox<[String: Int]>([:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        while !isDone.withLockedValue({ $0 }) {
                            _ = try await site.store.claims.claim(site.request(count: 3))
                        }
                    }
                }
                try await withThrowingTaskGroup(of: Void.self) { adders in
                    for adder in 0..<5 {
                        adders.addTask {
                            // From the list's end, so that claimers and adders meet in the middle.
                            for place in stride(from: count - adder, to: 0, by: -5) {
                                let number = String(1_000_000 + place)
                                _ = try await site.store.doNotCall.add(
                                    number, reason: nil, expiresAt: nil, now: Site.start)
                                let open = try await Self.dialings(of: number, site)
                                atAddition.withLockedValue { $0[number] = open }
                            }
                        }
                    }
                    try await adders.waitForAll()
                }
                isDone.withLockedValue { $0 = true }
                try await group.waitForAll()
            }
            // Whatever is due now is claimed or blocked.
            while try await site.store.claims.claim(site.request(count: 100)) != Claim() {}
            let seen = atAddition.withLockedValue { $0 }
            #expect(seen.count == count)
            for (number, open) in seen { #expect(try await Self.dialings(of: number, site) == open, "\(number)") }
            let dialed = try await site.integer("SELECT count(*) FROM dialing")
            let blocked = try await site.integer("SELECT count(*) FROM dialing_result WHERE status = 20")
            #expect(dialed + blocked == count)
            #expect(blocked > 0)
        }
    }

    private static func dialings(of number: String, _ site: Site) async throws -> Int {
        try await site.integer(
            "SELECT count(*) FROM dialing WHERE entry IN (SELECT uuid FROM dial_list_entry WHERE number_1 = \(number))")
    }

    /// An addition that is not committed waits for the claims that cannot see it.
    @Test func anAdditionWaitsForTheClaimUnderWay() async throws {
        try await Site.with { site in
            try await site.addContact("100")
            let added = NIOLockedValueBox(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await site.client.withTransaction { transaction in
                    let claimed = try await transaction.query(
                        """
                        SELECT count(*) FROM claim_dialings(
                            \(site.campaign.uuid), \(site.plan.uuid), \(site.destination.uuid), \([site.dlma.uuid]), 1, 1, 'pbx',
                            \(PostgresTimestamp(microseconds: Site.start.microseconds)), NULL, NULL
                        )
                        """
                    )[0].decode(Int.self, at: 0)
                    #expect(claimed == 1)
                    group.addTask {
                        _ = try await site.store.doNotCall.add("100", reason: nil, expiresAt: nil, now: Site.start)
                        added.withLockedValue { $0 = true }
                    }
                    // It waits for the lock the claim holds. Who looks needs a connection nothing else is sent over.
                    let isWaiting = try await eventually(within: .seconds(25)) {
                        try await site.client.withTransaction { watcher in
                            try await watcher.query(
                                """
                                SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                                WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
                                """
                            )[0].decode(Int.self, at: 0) == 1
                        }
                    }
                    #expect(isWaiting)
                    #expect(!added.withLockedValue { $0 })
                    let listed = try await transaction.query("SELECT count(*) FROM do_not_call")[0]
                    #expect(try listed.decode(Int.self, at: 0) == 0)
                }
                try await group.waitForAll()
            }
            #expect(added.withLockedValue { $0 })
            #expect(try await site.store.doNotCall.find("100") != nil)
            #expect(try await site.integer("SELECT count(*) FROM dialing") == 1)
        }
    }

    /// Whatever order blocking and taking off come in, a number that is off the list holds nobody back at the end.
    @Test func blockingAndTakingOffLeaveNobodyBehind() async throws {
        try await Site.with(maximumConnections: 12) { site in
            try await site.addContacts(100)
            let numbers = (1...100).map { String(1_000_000 + $0) }
            for _ in 0..<3 {
                for number in numbers {
                    _ = try await site.store.doNotCall.add(number, reason: nil, expiresAt: nil, now: Site.start)
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 {
                        group.addTask {
                            for _ in 0..<20 { _ = try await site.store.claims.claim(site.request(count: 5)) }
                        }
                    }
                    for half in 0..<2 {
                        group.addTask {
                            for number in numbers where Int(number).map({ $0 % 2 == half }) == true {
                                _ = try await site.store.doNotCall.remove(number)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await site.integer("SELECT count(*) FROM do_not_call") == 0)
                #expect(try await site.integer("SELECT count(*) FROM blocked_number") == 0)
                let held = try await site.integer("SELECT count(*) FROM dial_list_entry WHERE blocked_slots <> 0")
                #expect(held == 0)
                let open = try await site.store.dialings.open()
                try await site.finish(open, at: 0)
                try await site.client.execute("UPDATE dial_list_entry SET tm_last_hangup = NULL, trycnt_1 = 0")
            }
        }
    }
}
