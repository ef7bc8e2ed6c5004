import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// Orders change and lists are rearranged while several claim: nobody is called twice, nobody is lost.
@Suite struct ContactOrderRaceTests {
    @Test func anOrderThatChangesWhileOthersClaimLosesNobody() async throws {
        try await Site.with(maximumConnections: 12) { site in
            let size = 3_000
            try await site.addContacts(size)
            try await site.client.execute("UPDATE dial_list_entry SET priority = seq % 10")
            let orders: [ContactOrder] = [.random, .priority, .random, .newest, .random, .upload, .leastTried]
            let claimed = try await withThrowingTaskGroup(of: [UUID].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var mine: [UUID] = []
                        while true {
                            let dialings = try await site.claim(25)
                            mine += dialings.map(\.entry)
                            if !dialings.isEmpty { continue }
                            // Those being rearranged just now are passed over.
                            let idle = try await site.integer("SELECT count(*) FROM dial_list_entry WHERE status = 0")
                            if idle == 0 { return mine }
                        }
                    }
                }
                group.addTask {
                    for (turn, order) in orders.enumerated() {
                        _ = try await site.store.dlmas.update(site.dlma.uuid) {
                            $0.order = order
                            $0.orderSeed = turn
                        }
                        while try await site.store.dlmas.rearrange() {}
                    }
                    return []
                }
                var all: [[UUID]] = []
                for try await mine in group { all.append(mine) }
                return all
            }
            #expect(claimed.reduce(0) { $0 + $1.count } == size)
            #expect(Set(claimed.joined()).count == size)
            #expect(try await site.integer("SELECT count(*) FROM dialing") == size)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE trycnt_1 <> 1") == 0)
            // Whoever rearranged last has left nobody behind.
            while try await site.store.dlmas.rearrange() {}
            #expect(
                try await site.integer("SELECT count(*) FROM dial_list_entry WHERE rank IS NOT NULL OR uses_priority")
                    == 0)
        }
    }

    /// Several claimers share a list whatever its order: each gets its part, and the urgent are gone before the others.
    @Test(arguments: ContactOrder.allCases) func severalClaimersShareAList(_ order: ContactOrder) async throws {
        try await Site.with(maximumConnections: 12) { site in
            try await site.addContacts(2_000)
            try await site.client.execute("UPDATE dial_list_entry SET priority = 9 WHERE seq % 2 = 0")
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.order = order }
            while try await site.store.dlmas.rearrange() {}
            let shares = try await withThrowingTaskGroup(of: [Dialing].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var mine: [Dialing] = []
                        for _ in 0..<10 { mine += try await site.claim(20) }
                        return mine
                    }
                }
                var all: [[Dialing]] = []
                for try await mine in group { all.append(mine) }
                return all
            }
            #expect(shares.map(\.count) == [200, 200, 200, 200])
            #expect(Set(shares.joined().map(\.entry)).count == 800)
            let urgent = try await site.integer(
                "SELECT count(*) FROM dial_list_entry WHERE priority = 9 AND trycnt_1 = 1")
            if order == .priority { #expect(urgent == 800) } else { #expect(urgent < 800) }
        }
    }
}
