import DialerModel
import DialerStore
import Foundation
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Claims of one campaign at once, while its lists change under them.
@Suite struct CampaignListRaceTests {
    @Test(arguments: ListMode.allCases)
    func nobodyIsClaimedTwiceAndNobodyIsLost(_ mode: ListMode) async throws {
        try await Site.with(maximumConnections: 12) { site in
            let lists = [try await site.list(), try await site.list(), try await site.list()]
            for list in lists { try await site.addContacts(120, to: list) }
            try await site.dial(lists, weights: [3, 2, 1], mode)
            let claimed = NIOLockedValueBox<[Dialing]>([])
            let isChanging = NIOLockedValueBox(true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        // Until everybody is claimed, and nothing changes any more.
                        while true {
                            let isLast = !isChanging.withLockedValue { $0 }
                            let campaign = try #require(try await site.store.campaigns.find(site.campaign.uuid))
                            let batch = try await site.claim(5, campaign: campaign)
                            claimed.withLockedValue { $0 += batch }
                            if batch.isEmpty, isLast { break }
                        }
                    }
                }
                group.addTask {
                    var random = SeededGenerator(seed: 7)
                    for _ in 0..<12 {
                        let some = Array(lists.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
                        try await site.dial(
                            some, weights: some.map { _ in Int.random(in: 1...9, using: &random) },
                            ListMode.allCases.randomElement(using: &random) ?? .mixed)
                        _ = try await site.store.dlmas.update(some[0]) { $0.order = .newest }
                    }
                    try await site.dial(lists, weights: [1, 2, 3], mode)
                    isChanging.withLockedValue { $0 = false }
                }
                try await group.waitForAll()
            }
            let dialings = claimed.withLockedValue { $0 }
            #expect(dialings.count == 360)
            #expect(Set(dialings.map(\.entry)).count == 360)
            #expect(Set(dialings.map(\.dlma)) == Set(lists))
            #expect(dialings.allSatisfy { $0.dlma == $0.snapshot.entry.dlma && $0.dlma == $0.snapshot.dlma.uuid })
            #expect(try await site.integer("SELECT count(*) FROM dialing") == 360)
            #expect(try await site.integer("SELECT sum(trycnt_1) FROM dial_list_entry") == 360)
        }
    }

    /// Together those who claim at once keep the weights, as one would.
    @Test func sharesHoldHoweverManyClaim() async throws {
        try await Site.with(maximumConnections: 12) { site in
            let lists = [try await site.list(), try await site.list()]
            for list in lists { try await site.addContacts(200, to: list) }
            let campaign = try await site.dial(lists, weights: [3, 1], .mixed)
            let counts = NIOLockedValueBox<[UUID: Int]>([:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<8 {
                            let dialings = try await site.claim(3, campaign: campaign)
                            counts.withLockedValue { for dialing in dialings { $0[dialing.dlma, default: 0] += 1 } }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(counts.withLockedValue { $0 } == [lists[0]: 144, lists[1]: 48])
        }
    }

    /// Whichever comes first, no campaign in use ends up naming a deleted list.
    @Test(arguments: [false, true])
    func deletingAListWhileCampaignsTakeItLeavesNothingDangling(_ force: Bool) async throws {
        try await Site.with(maximumConnections: 12) { site in
            for _ in 0..<15 {
                let (list, other) = (try await site.list(), try await site.list())
                let existing = try await site.store.campaigns.create(Campaign(uuid: UUID()))
                await withTaskGroup(of: Void.self) { group in
                    for place in 0..<4 {
                        group.addTask {
                            var campaign = Campaign(uuid: UUID())
                            campaign.lists = (place % 2 == 0 ? [list, other] : [other, list]).map {
                                ListShare(dlma: $0)
                            }
                            campaign.dlma = place < 2 ? list : nil
                            _ = try? await site.store.campaigns.create(campaign)
                        }
                    }
                    group.addTask {
                        _ = try? await site.store.campaigns.update(existing.uuid) { $0.lists = [ListShare(dlma: list)] }
                    }
                    for _ in 0..<2 {
                        group.addTask {
                            _ = try? await site.store.dlmas.delete(list, force: force, deleteEntries: false)
                        }
                    }
                }
                let dangling = try await site.integer(
                    """
                    SELECT count(*) FROM campaign c JOIN dial_list_master l ON l.uuid = ANY (c.dlmas)
                    WHERE c.in_use AND NOT l.in_use
                    """
                )
                #expect(dangling == 0)
                if force { #expect(try await site.store.dlmas.find(list) == nil) }
            }
        }
    }
}
