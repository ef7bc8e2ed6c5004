import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct PreviewTests {
    @Test func aReservedContactIsDialedOnRequest() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("1")
            try await site.addContact("2")
            let claims = site.store.claims
            let until = Site.start + .seconds(60)
            let reserved = try #require(try await claims.reserve(site.request(), target: "agent 7", until: until).entry)
            #expect(reserved.uuid == contact.uuid)
            #expect(reserved.status == .reserved)
            #expect(reserved.reservedTarget == "agent 7")
            #expect(reserved.tries[1] == 0)
            // Others get the next one.
            #expect(try await site.claim(5).map(\.dialAddress) == ["2"])
            #expect(try await claims.reserve(site.request(), target: nil, until: until).entry == nil)

            let dialing = try #require(
                try await claims.dialReserved(site.request(), entry: contact.uuid).dialings.first)
            #expect(dialing.entry == contact.uuid)
            #expect(dialing.dialTry == 1)
            let marked = try #require(try await site.store.dls.find(contact.uuid))
            #expect(marked.status == .dialing)
            #expect(marked.dialing == dialing.uuid)
            #expect(marked.reservedTarget == nil)
            #expect(try await claims.dialReserved(site.request(), entry: contact.uuid).dialings.isEmpty)
            #expect(try await claims.release(entry: contact.uuid, campaign: site.request().campaign) == false)
        }
    }

    @Test func aContactGivenBackCanBeClaimed() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("1")
            _ = try await site.store.claims.reserve(site.request(), target: "a", until: Site.start)
            #expect(try await site.claim().isEmpty)
            #expect(try await site.store.claims.release(entry: contact.uuid, campaign: site.request().campaign))
            #expect(
                try await site.store.claims.release(entry: contact.uuid, campaign: site.request().campaign) == false)
            #expect(try await site.store.claims.dialReserved(site.request(), entry: contact.uuid).dialings.isEmpty)
            #expect(try await site.claim().count == 1)
        }
    }

    @Test func reservationsRunOutUnlessMadeByHand() async throws {
        try await Site.with { site in
            try await site.addContact("1")
            var byHand = DialListEntry(uuid: UUID(), dlma: site.dlma.uuid)
            byHand.status = .reserved
            byHand = try await site.store.dls.create(byHand)
            let claims = site.store.claims
            _ = try await claims.reserve(site.request(), target: "a", until: Site.start + .seconds(60))
            #expect(try await claims.releaseExpired(now: Site.start + .seconds(59)) == 0)
            #expect(try await claims.releaseExpired(now: Site.start + .seconds(60)) == 1)
            #expect(try await site.claim().count == 1)
            #expect(try await site.store.dls.find(byHand.uuid)?.status == .reserved)
        }
    }

    @Test func aReservedContactKeepsTheListOpenWhileItCanBeDialed() async throws {
        try await Site.with { site in
            func isOpen() async throws -> Bool {
                try await site.store.claims.outlook(
                    campaign: site.campaign.uuid, plan: site.plan.uuid, lists: [site.dlma.uuid]
                ).hasOpenContacts
            }
            let contact = try await site.addContact("1")
            _ = try await site.store.claims.reserve(site.request(), target: nil, until: Site.start)
            #expect(try await isOpen())
            _ = try await site.store.dls.update(contact.uuid) { $0.dialResult = 4 }
            #expect(!(try await isOpen()))
            _ = try await site.store.dls.update(contact.uuid) {
                $0.dialResult = 0
                $0.tries[1] = 5
            }
            #expect(!(try await isOpen()))
        }
    }

    @Test func aStoppedCampaignNeitherReservesNorDials() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("1")
            try await site.addContact("2")
            _ = try await site.store.claims.reserve(site.request(), target: "a", until: Site.start)
            _ = try await site.store.campaigns.setStatus(site.campaign.uuid, from: [.start], to: .stop)
            #expect(try await site.store.claims.reserve(site.request(), target: "a", until: Site.start).entry == nil)
            #expect(try await site.store.claims.dialReserved(site.request(), entry: contact.uuid).dialings.isEmpty)
        }
    }

    @Test func severalAgentsNeverGetTheSameContact() async throws {
        try await Site.with { site in
            try await site.addContacts(60)
            let reserved = try await withThrowingTaskGroup(of: UUID?.self) { group in
                for agent in 0..<60 {
                    group.addTask {
                        try await site.store.claims.reserve(
                            site.request(), target: "agent \(agent)", until: Site.start
                        ).entry?.uuid
                    }
                }
                return try await group.reduce(into: Set<UUID>()) { if let uuid = $1 { $0.insert(uuid) } }
            }
            #expect(reserved.count == 60)
        }
    }

    @Test func orphansAreGivenBackAndOpenCallsAreNot() async throws {
        try await Site.with { site in
            try await site.addContacts(3)
            let dialings = try await site.claim(3)
            #expect(try await site.store.claims.releaseOrphans() == 0)
            try await site.client.execute("DELETE FROM dialing WHERE uuid = \(dialings[1].uuid)")
            #expect(try await site.store.claims.releaseOrphans() == 1)
            let freed = try #require(try await site.store.dls.find(dialings[1].entry))
            #expect(freed.status == .idle)
            #expect(freed.dialing == nil)
            #expect(try await site.store.dls.find(dialings[0].entry)?.status == .dialing)
        }
    }
}
