import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct RaceTests {
    @Test func changesOfOtherFieldsAtOnceAreAllKept() async throws {
        try await Site.with { site in
            let store = site.store
            for round in 0..<5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await store.plans.update(site.plan.uuid) { $0.name = "n\(round)" } }
                    group.addTask { _ = try await store.plans.update(site.plan.uuid) { $0.detail = "d\(round)" } }
                    group.addTask { _ = try await store.plans.update(site.plan.uuid) { $0.retryDelay = round } }
                    for index in 1...8 {
                        group.addTask {
                            _ = try await store.plans.update(site.plan.uuid) { $0.maxTries[index] = round }
                        }
                    }
                    try await group.waitForAll()
                }
                let plan = try #require(try await store.plans.find(site.plan.uuid))
                #expect(plan.name == "n\(round)" && plan.detail == "d\(round)" && plan.retryDelay == round)
                #expect((1...8).allSatisfy { plan.maxTries[$0] == round })
            }
        }
    }

    @Test func twoHundredWritersLoseNothing() async throws {
        try await Site.with { site in
            let store = site.store
            let counter = try await site.addContact("1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<200 {
                    group.addTask {
                        _ = try await store.dls.create(DialListEntry(uuid: UUID(), dlma: site.dlma.uuid))
                        _ = try await store.dls.update(counter.uuid) { $0.tries[2] += 1 }
                        _ = try await store.campaigns.update(site.campaign.uuid) { $0.detail = "\(writer)" }
                        _ = try await store.plans.create(Plan(blank: UUID()))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.dls.find(counter.uuid)?.tries[2] == 200)
            #expect(try await store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 1000)).items.count == 201)
            #expect(try await store.plans.page(PageRequest(limit: 1000)).items.count == 201)
        }
    }

    /// Whichever comes first, no campaign in use ends up naming a deleted plan.
    @Test(arguments: [false, true])
    func deletingAPlanWhileCampaignsTakeItLeavesNothingDangling(_ force: Bool) async throws {
        try await Site.with(maximumConnections: 12) { site in
            for _ in 0..<15 {
                let plan = try await site.store.plans.create(Plan(blank: UUID()))
                let existing = try await site.store.campaigns.create(Campaign(uuid: UUID()))
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            var campaign = Campaign(uuid: UUID())
                            campaign.plan = plan.uuid
                            _ = try? await site.store.campaigns.create(campaign)
                        }
                    }
                    group.addTask {
                        _ = try? await site.store.campaigns.update(existing.uuid) { $0.plan = plan.uuid }
                    }
                    for _ in 0..<2 {
                        group.addTask { _ = try? await site.store.plans.delete(plan.uuid, force: force) }
                    }
                }
                let dangling = try await site.integer(
                    "SELECT count(*) FROM campaign c JOIN plan p ON p.uuid = c.plan WHERE c.in_use AND NOT p.in_use")
                #expect(dangling == 0)
                if force { #expect(try await site.store.plans.find(plan.uuid) == nil) }
            }
        }
    }

    @Test func deletingAListWhileContactsAreAddedLeavesNothingDangling() async throws {
        try await Site.with(maximumConnections: 12) { site in
            for round in 0..<15 {
                let list = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            _ = try? await site.store.dls.create(DialListEntry(uuid: UUID(), dlma: list.uuid))
                        }
                    }
                    group.addTask {
                        _ = try? await site.store.dlmas.delete(list.uuid, force: false, deleteEntries: round % 2 == 0)
                    }
                }
                let dangling = try await site.integer(
                    """
                    SELECT count(*) FROM dial_list_entry e JOIN dial_list_master l ON l.uuid = e.dlma_uuid
                    WHERE e.in_use AND NOT l.in_use
                    """
                )
                #expect(dangling == 0)
            }
        }
    }

    /// Claims, results, changes and deletions of the same contacts at once: locks are taken in many orders, and whatever the
    /// server breaks off is run again.
    @Test func everythingAtOnceComesToAnEnd() async throws {
        try await Site.with(maximumConnections: 12, plan: { $0.retryDelay = 0 }) { site in
            try await site.addContacts(300)
            let contacts = try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 300)).items
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        for turn in 0..<15 {
                            let dialings = try await site.claim(20, at: turn * 100 + worker)
                            try await site.finish(dialings.reversed(), at: turn * 100 + worker)
                        }
                    }
                }
                group.addTask {
                    for contact in contacts.reversed() {
                        _ = try await site.store.dls.update(contact.uuid) { $0.name = "changed" }
                    }
                }
                group.addTask {
                    for turn in 0..<20 {
                        _ = try await site.store.plans.update(site.plan.uuid) { $0.serviceLevel = turn }
                        _ = try await site.store.campaigns.update(site.campaign.uuid) { $0.detail = "\(turn)" }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await site.store.dialings.open().isEmpty)
            let tries = try await site.integer("SELECT sum(trycnt_1) FROM dial_list_entry")
            #expect(try await site.store.results.counters(campaign: site.campaign.uuid).dialed == tries)
            #expect(try await site.integer("SELECT count(*) FROM dialing_result") == tries)
            let last = try await site.integer("SELECT max(sequence) FROM dialing_result")
            #expect(last == tries)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE name = 'changed'") == 300)
        }
    }
}
