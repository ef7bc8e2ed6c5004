import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

@Suite struct PageTests {
    @Test func aCursorSurvivesItsText() {
        for sequence in [0, 1, 35, 36, 1_000_000, Int64.max] {
            let cursor = PageCursor(sequence: sequence)
            #expect(PageCursor(text: cursor.text) == cursor)
        }
    }

    @Test(arguments: [
        "", "c", "x1", "c-1", "c+1", "c1 ", "C1", "c01", "cZ", "c'", "c1y2p0ij32e8e8", "c1\u{0}", "c١", "cc 1",
        "c99999999999999999999",
    ])
    func whatIsNoCursorIsRefused(_ text: String) {
        #expect(PageCursor(text: text) == nil)
    }

    @Test func everythingIsSeenOnceWhileOthersAreCreated() async throws {
        try await Site.with { site in
            try await site.addContacts(95)
            let before = try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 1000)).items
            #expect(before.count == 95)
            #expect(before.map { $0.numbers[1] ?? "" } == (1...95).map { String(1_000_000 + $0) })

            var seen: [DialListEntry] = []
            var cursor: PageCursor?
            var pages = 0
            repeat {
                let page = try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 10, cursor: cursor))
                #expect(page.items.count <= 10)
                seen.append(contentsOf: page.items)
                cursor = page.next
                pages += 1
                if pages < 8 { try await site.addContacts(3) }
                // Whoever is deleted does not move the others.
                if pages == 3 { _ = try await site.store.dls.delete(before[0].uuid, force: false) }
            } while cursor != nil
            #expect(Array(seen.prefix(95)).map(\.uuid) == before.map(\.uuid))
            #expect(Set(seen.map(\.uuid)).count == seen.count)
            #expect(seen.count == 95 + 21)
        }
    }

    @Test func theLastFullPageSaysThatNothingFollows() async throws {
        try await Site.with { site in
            try await site.addContacts(20)
            let first = try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 10))
            let second = try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 10, cursor: first.next))
            #expect(first.next != nil)
            #expect(second.items.count == 10)
            #expect(second.next == nil)
        }
    }

    @Test func everyKindIsPagedInTheOrderOfCreation() async throws {
        try await Site.with { site in
            let store = site.store
            var plans = [site.plan.uuid]
            var destinations = [site.destination.uuid]
            var dlmas = [site.dlma.uuid]
            var campaigns = [site.campaign.uuid]
            for _ in 0..<4 {
                plans.append(try await store.plans.create(Plan(blank: UUID())).uuid)
                destinations.append(try await store.destinations.create(Destination(uuid: UUID())).uuid)
                dlmas.append(try await store.dlmas.create(DialListMaster(uuid: UUID())).uuid)
                campaigns.append(try await store.campaigns.create(Campaign(uuid: UUID())).uuid)
            }
            func walk<R: Resource>(_ page: (PageRequest) async throws(StoreError) -> Page<R>) async throws -> [UUID] {
                var seen: [UUID] = []
                var cursor: PageCursor?
                repeat {
                    let answer = try await page(PageRequest(limit: 2, cursor: cursor))
                    seen.append(contentsOf: answer.items.map(\.uuid))
                    cursor = answer.next
                } while cursor != nil
                return seen
            }
            #expect(try await walk { (request) throws(StoreError) in try await store.plans.page(request) } == plans)
            #expect(
                try await walk { (request) throws(StoreError) in try await store.destinations.page(request) }
                    == destinations)
            #expect(try await walk { (request) throws(StoreError) in try await store.dlmas.page(request) } == dlmas)
            #expect(
                try await walk { (request) throws(StoreError) in try await store.campaigns.page(request) } == campaigns)

            // Contacts of several lists, by turns.
            var contacts: [UUID] = []
            for index in 0..<9 {
                contacts.append(
                    try await store.dls.create(DialListEntry(uuid: UUID(), dlma: dlmas[index % 3])).uuid)
            }
            #expect(try await walk { (request) throws(StoreError) in try await store.dls.page(request) } == contacts)
        }
    }

    @Test func oddLimitsAreMovedIntoTheRange() async throws {
        try await Site.with { site in
            try await site.addContacts(3)
            #expect(try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: 0)).items.count == 1)
            #expect(try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: -7)).items.count == 1)
            #expect(try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest(limit: .max)).items.count == 3)
            let beyond = PageRequest(limit: 5, cursor: PageCursor(sequence: .max))
            #expect(try await site.store.dls.page(dlma: site.dlma.uuid, beyond).items.isEmpty)
        }
    }

    @Test func openDialingsArePagedInTheOrderOfTheirClaims() async throws {
        try await Site.with { site in
            try await site.addContacts(7)
            let claimed = try await site.claim(7)
            let first = try await site.store.dialings.page(PageRequest(limit: 4))
            let second = try await site.store.dialings.page(PageRequest(limit: 4, cursor: first.next))
            #expect(first.items + second.items == claimed)
            #expect(second.next == nil)
        }
    }
}
