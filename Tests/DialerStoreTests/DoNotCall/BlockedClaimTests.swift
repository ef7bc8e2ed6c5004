import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// What claims do with numbers on the do-not-call list.
@Suite struct BlockedClaimTests {
    private func add(_ number: String, to site: Site, until seconds: Int? = nil) async throws {
        _ = try await site.store.doNotCall.add(
            number, reason: nil, expiresAt: seconds.map { Site.start + .seconds($0) }, now: Site.start)
    }

    private func claim(_ count: Int, at seconds: Int = 0, _ site: Site) async throws -> Claim {
        try await site.store.claims.claim(site.request(count: count, at: seconds))
    }

    private func lines(_ site: Site) async throws -> [JSONValue] {
        try await site.store.results.pending(after: 0, limit: 1_000).map { try JSONValue.parse($0.line) }
    }

    @Test func aListedNumberIsNotDialedAndHasOneResult() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("100")
            try await site.addContact("200")
            try await self.add("100", to: site)
            let claim = try await self.claim(5, at: 3, site)
            #expect(claim.dialings.map(\.dialAddress) == ["200"])
            #expect(claim.blocked == 1)

            let after = try #require(try await site.store.dls.find(contact.uuid))
            #expect(after.status == .idle)
            #expect(after.dialing == nil)
            #expect(after.tries[1] == 0)
            #expect(after.lastDialAt == nil)
            #expect(after.dialResult == 0)
            #expect(after.dialResultDetail == "Not dialed: the number is on the do-not-call list.")

            let line = try #require(try await self.lines(site).first)
            #expect(line["status"] == .integer(20))
            #expect(line["res_dial"] == .integer(0))
            #expect(line["res_dial_detail"] == .string("Not dialed: the number is on the do-not-call list."))
            #expect(line["uuid_dl_list"] == .string(contact.uuid.wire))
            #expect(line["uuid_camp"] == .string(site.campaign.uuid.wire))
            #expect(line["dial_addr"] == .string("100"))
            #expect(line["dial_index"] == .integer(1))
            #expect(line["dial_trycnt"] == .integer(1))
            #expect(line["answered"] == .bool(false))
            #expect(line["tm_end"] == .string((Site.start + .seconds(3)).wire))

            // However often claims come by.
            for turn in 1..<5 { #expect(try await self.claim(5, at: turn * 1_000, site) == Claim()) }
            #expect(try await self.lines(site).count == 1)
            #expect(try await site.integer("SELECT count(*) FROM dialing WHERE entry = \(contact.uuid)") == 0)
        }
    }

    @Test func blockedNumbersCountAsBlockedAndAsNothingElse() async throws {
        try await Site.with { site in
            for number in ["1", "2", "3"] { try await site.addContact(number) }
            try await self.add("1", to: site)
            try await self.add("3", to: site)
            let claim = try await self.claim(3, site)
            try await site.finish(claim.dialings, at: 5)
            let counters = try await site.store.results.counters(campaign: site.campaign.uuid)
            #expect(counters.blocked == 2)
            #expect(counters.dialed == 1)
            #expect(counters.noAnswer == 1)
            #expect(counters.failed == 0)
            #expect(counters.answered == 0)
            #expect(try await site.integer("SELECT count(*) FROM campaign_hour") == 0)
        }
    }

    @Test func anotherNumberOfTheContactIsDialedAtOnce() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("100", "101", "102")
            try await self.add("100", to: site)
            try await self.add("101", to: site)
            // One look meets each of the two, the third number is free.
            let claim = try await self.claim(1, site)
            #expect(claim.dialings.map(\.dialAddress) == ["102"])
            #expect(claim.dialings.map(\.dialIndex) == [3])
            #expect(claim.dialings.map(\.entry) == [contact.uuid])
            #expect(claim.blocked == 2)
            let indexes = try await self.lines(site).map { $0["dial_index"] }
            #expect(indexes == [.integer(1), .integer(2)])
        }
    }

    @Test func aContactBlockedOnOneNumberKeepsItsPlaceInTheList() async throws {
        try await Site.with { site in
            try await site.addContact("100", "101")
            try await site.addContacts(5)
            try await self.add("100", to: site)
            let claim = try await self.claim(1, site)
            #expect(claim.dialings.map(\.dialAddress) == ["101"])
            #expect(claim.blocked == 1)
            #expect(try await site.claim(9).map(\.dialAddress) == (1...5).map { String(1_000_000 + $0) })
        }
    }

    @Test func manyBlockedContactsDoNotHideTheOneBehindThem() async throws {
        try await Site.with { site in
            try await site.addContacts(3_000)
            try await site.addContact("free")
            try await site.client.execute(
                "INSERT INTO do_not_call (number) SELECT (1000000 + i)::text FROM generate_series(1, 3000) i")
            let claim = try await self.claim(1, site)
            #expect(claim.dialings.map(\.dialAddress) == ["free"])
            #expect(claim.blocked == 3_000)
            #expect(try await site.integer("SELECT count(*) FROM dialing_result WHERE status = 20") == 3_000)
            #expect(try await site.integer("SELECT count(DISTINCT entry) FROM dialing_result") == 3_000)
        }
    }

    @Test func aListWhoseContactsAreAllBlockedIsUsedUp() async throws {
        try await Site.with { site in
            try await site.addContacts(20)
            try await site.client.execute(
                "INSERT INTO do_not_call (number) SELECT (1000000 + i)::text FROM generate_series(1, 20) i")
            let (campaign, plan, dlma) = (site.campaign.uuid, site.plan.uuid, site.dlma.uuid)
            let claims = site.store.claims
            #expect(try await claims.outlook(campaign: campaign, plan: plan, lists: [dlma]).hasOpenContacts)
            #expect(try await self.claim(5, site) == Claim(dialings: [], blocked: 20))
            let outlook = try await claims.outlook(campaign: campaign, plan: plan, lists: [dlma])
            #expect(outlook == ListOutlook(hasOpenContacts: false, nextDue: nil))
        }
    }

    @Test func aNumberIsDialedAgainFromItsExpiry() async throws {
        try await Site.with { site in
            try await site.addContact("100")
            try await site.addContact("200")
            try await self.add("100", to: site, until: 100)
            #expect(try await self.claim(1, at: 99, site).dialings.map(\.dialAddress) == ["200"])
            // It was met and held back; the purge gives it back.
            #expect(try await site.store.doNotCall.purge(now: Site.start + .seconds(99)) == 0)
            #expect(try await self.claim(1, at: 99, site) == Claim())
            #expect(try await site.store.doNotCall.purge(now: Site.start + .seconds(100)) == 1)
            #expect(try await site.claim(1, at: 100).map(\.dialAddress) == ["100"])
            #expect(try await site.store.doNotCall.find("100") == nil)
        }
    }

    @Test func anExpiredNumberNobodyMetIsDialedWithoutAPurge() async throws {
        try await Site.with { site in
            try await site.addContact("100")
            try await self.add("100", to: site, until: 50)
            #expect(try await self.claim(1, at: 50, site).dialings.map(\.dialAddress) == ["100"])
        }
    }

    @Test func aNumberTakenOffTheListKeepsTheTriesItHad() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("100", nil, "300", "100")
            try await site.finish(try await site.claim(1), at: 0)
            try await self.add("100", to: site)
            try await self.add("300", to: site)
            #expect(try await self.claim(1, at: 1_000, site) == Claim(dialings: [], blocked: 3))
            #expect(try await site.store.doNotCall.remove("100")?.number == "100")
            #expect(try await site.store.doNotCall.remove("100") == nil)
            let claim = try await self.claim(1, at: 2_000, site)
            #expect(claim.dialings.map(\.dialIndex) == [1])
            #expect(claim.dialings.map(\.dialTry) == [2])
            #expect(claim.blocked == 0)
            // The other number is still held back, and the slot with the same number is not.
            let mask = try await site.integer("SELECT blocked_slots FROM dial_list_entry WHERE uuid = \(contact.uuid)")
            #expect(mask == 4)
        }
    }

    @Test func anotherNumberInABlockedSlotIsDialed() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("100")
            try await self.add("100", to: site)
            #expect(try await self.claim(1, site).blocked == 1)
            _ = try await site.store.dls.update(contact.uuid) { $0.name = "same number" }
            #expect(try await self.claim(1, site) == Claim())
            _ = try await site.store.dls.update(contact.uuid) { $0.numbers[1] = "101" }
            #expect(try await self.claim(1, site).dialings.map(\.dialAddress) == ["101"])
            // What is left of the first block frees nothing it should not.
            #expect(try await site.store.doNotCall.remove("100") != nil)
            #expect(try await site.integer("SELECT count(*) FROM blocked_number") == 0)
        }
    }

    @Test func severalClaimersWriteOneResultForEachBlockedContact() async throws {
        try await Site.with(maximumConnections: 12) { site in
            try await site.addContacts(400)
            try await site.client.execute(
                """
                INSERT INTO do_not_call (number) SELECT (1000000 + i)::text FROM generate_series(1, 400) i WHERE i % 2 = 0
                """
            )
            let claims = try await withThrowingTaskGroup(of: [Claim].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var claims: [Claim] = []
                        // Others may hold what is due at the moment of one look.
                        var misses = 0
                        while misses < 20 {
                            let claim = try await site.store.claims.claim(site.request(count: 7))
                            misses = claim == Claim() ? misses + 1 : 0
                            claims.append(claim)
                        }
                        return claims
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let dialings = claims.flatMap(\.dialings)
            #expect(dialings.count == 200)
            #expect(Set(dialings.map(\.entry)).count == 200)
            #expect(dialings.allSatisfy { Int($0.dialAddress).map { $0 % 2 == 1 } ?? false })
            #expect(claims.map(\.blocked).reduce(0, +) == 200)
            let rows = try await site.store.results.pending(after: 0, limit: 1_000)
            #expect(rows.map(\.sequence) == Array(1...200))
            #expect(try await site.integer("SELECT count(DISTINCT entry) FROM dialing_result WHERE status = 20") == 200)
            #expect(try await site.store.results.counters(campaign: site.campaign.uuid).blocked == 200)
        }
    }

    @Test func aPreviewShowsNobodyOnTheList() async throws {
        try await Site.with { site in
            let claims = site.store.claims
            try await site.addContact("100")
            try await site.addContact("200")
            try await self.add("100", to: site)
            let reservation = try await claims.reserve(site.request(), target: "a", until: Site.start)
            #expect(reservation.entry?.numbers[1] == "200")
            #expect(reservation.blocked == 1)
            let entry = try #require(reservation.entry)
            #expect(try await site.store.dls.find(entry.uuid) == entry)

            // The number is added while the agent looks at the contact.
            try await self.add("200", to: site)
            let claim = try await claims.dialReserved(site.request(), entry: entry.uuid)
            #expect(claim == Claim(dialings: [], blocked: 1))
            #expect(try await site.integer("SELECT count(*) FROM dialing") == 0)
            #expect(try await claims.dialReserved(site.request(), entry: entry.uuid) == Claim())
            #expect(try await claims.reserve(site.request(), target: "a", until: Site.start) == Reservation())
        }
    }

    @Test func aReservedContactIsDialedOnItsNextNumber() async throws {
        try await Site.with { site in
            let claims = site.store.claims
            let contact = try await site.addContact("100", "101")
            #expect(try await claims.reserve(site.request(), target: "a", until: Site.start).entry != nil)
            try await self.add("100", to: site)
            let claim = try await claims.dialReserved(site.request(), entry: contact.uuid)
            #expect(claim.dialings.map(\.dialAddress) == ["101"])
            #expect(claim.blocked == 1)
        }
    }

    @Test func aCampaignThatIsNotStartedBlocksNobody() async throws {
        try await Site.with { site in
            try await site.addContact("100")
            try await self.add("100", to: site)
            _ = try await site.store.campaigns.update(site.campaign.uuid) { $0.status = .stop }
            #expect(try await self.claim(1, site) == Claim())
            #expect(try await site.store.results.pending(after: 0, limit: 1).isEmpty)
        }
    }

    /// What was claimed is handed out although the blocked ones could not be written; those are met again.
    @Test func aBlockThatFailsLosesNoCall() async throws {
        try await Site.with { site in
            try await site.addContact("100")
            try await site.addContact("200")
            try await self.add("100", to: site)
            try await site.client.execute("ALTER TABLE blocked_number ADD CONSTRAINT broken CHECK (false)")
            let claim = try await self.claim(2, site)
            #expect(claim.dialings.map(\.dialAddress) == ["200"])
            #expect(claim.blocked == 0)
            let error = await storeError { () throws(StoreError) in
                _ = try await site.store.claims.claim(site.request(count: 2))
            }
            #expect(error != nil)
            #expect(try await self.lines(site).isEmpty)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE blocked_slots <> 0") == 0)
            try await site.client.execute("ALTER TABLE blocked_number DROP CONSTRAINT broken")
            #expect(try await self.claim(2, site) == Claim(dialings: [], blocked: 1))
            #expect(try await self.lines(site).count == 1)
        }
    }
}
