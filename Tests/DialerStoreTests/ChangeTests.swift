import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

@Suite struct ChangeTests {
    @Test func everyChangeIsAnnounced() async throws {
        try await Site.with { site in
            let store = site.store
            var changes = store.campaigns.changes().makeAsyncIterator()
            #expect(await changes.next() == .everything)

            let plan = try await store.plans.create(Plan(blank: UUID()))
            #expect(await changes.next() == .plan(plan.uuid))
            _ = try await store.plans.update(plan.uuid) { $0.name = "x" }
            #expect(await changes.next() == .plan(plan.uuid))
            _ = try await store.plans.delete(plan.uuid, force: false)
            #expect(await changes.next() == .plan(plan.uuid))
            _ = try await store.destinations.update(site.destination.uuid) { $0.name = "x" }
            #expect(await changes.next() == .destination(site.destination.uuid))
            _ = try await store.dlmas.update(site.dlma.uuid) { $0.name = "x" }
            #expect(await changes.next() == .dlma(site.dlma.uuid))
            _ = try await store.campaigns.setStatus(site.campaign.uuid, from: [.start], to: .stopping)
            #expect(await changes.next() == .campaign(site.campaign.uuid))

            // Contacts, calls and what is rolled back are not announced; the next thing heard is the forced deletion.
            try await site.addContact("1")
            _ = try? await store.plans.delete(site.plan.uuid, force: false)
            _ = try await store.plans.delete(site.plan.uuid, force: true)
            let heard: Set<ResourceChange?> = [await changes.next(), await changes.next()]
            #expect(heard == [.campaign(site.campaign.uuid), .plan(site.plan.uuid)])
        }
    }

    @Test func aLostConnectionAsksForALookAtEverything() async throws {
        try await Site.with { site in
            var changes = site.store.campaigns.changes().makeAsyncIterator()
            #expect(await changes.next() == .everything)
            try await site.client.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ILIKE 'LISTEN%'
                """
            )
            #expect(await changes.next() == .everything)
            let plan = try await site.store.plans.create(Plan(blank: UUID()))
            #expect(await changes.next() == .plan(plan.uuid))
        }
    }

    @Test(arguments: ["", "plan", "plan:", "plan:x", "dl:6E9E5E3B-2C6E-4C57-8B6C-0D9C1B6D3C11", ":"])
    func whatIsNoAnnouncementAsksForALookAtEverything(_ payload: String) {
        #expect(ResourceChange(payload: payload) == .everything)
    }
}
