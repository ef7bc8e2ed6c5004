import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

/// What several lists of a campaign mean, told by small ones.
@Suite struct CampaignListTests {
    private func numbers(_ dialings: [Dialing]) -> [String] { dialings.compactMap(\.dialAddress) }

    // MARK: Whose turn it is

    @Test func aListIsBegunWhenNobodyIsDueBeforeIt() async throws {
        try await Site.with { site in
            let first = try await site.list("10", "11")
            let second = try await site.list("20", "21", "22")
            let campaign = try await site.dial([first, second])
            let early = try await site.claim(1, campaign: campaign)
            #expect(self.numbers(early) == ["10"])
            try await site.finish(early, at: 1)
            // The first waits for its retry, the second is begun meanwhile.
            #expect(self.numbers(try await site.claim(3, at: 2, campaign: campaign)) == ["11", "20", "21"])
            // And then the retry comes before those nobody has called.
            #expect(self.numbers(try await site.claim(2, at: 100, campaign: campaign)) == ["10", "22"])
            // Turned around it is the other way.
            try await site.add("12", to: first)
            try await site.add("23", to: second)
            let turned = try await site.dial([second, first])
            #expect(self.numbers(try await site.claim(2, at: 101, campaign: turned)) == ["23", "12"])
        }
    }

    @Test func mixedListsTakeTurns() async throws {
        try await Site.with { site in
            let heavy = try await site.list("10", "11", "12", "13", "14", "15", "16")
            let light = try await site.list("20", "21", "22", "23", "24", order: .newest)
            var campaign = try await site.dial([heavy, light], weights: [3, 1], .mixed)
            #expect(self.numbers(try await site.claim(4, campaign: campaign)) == ["10", "11", "24", "12"])
            // It goes on where it was, however few are claimed.
            var single: [String] = []
            for _ in 0..<4 { single += self.numbers(try await site.claim(1, campaign: campaign)) }
            #expect(single == ["13", "14", "23", "15"])
            // The heavy list is used up: its share goes to the other.
            #expect(self.numbers(try await site.claim(3, campaign: campaign)) == ["16", "22", "21"])
            // It makes up for nothing when somebody is added to it, and is asked at once.
            for number in ["17", "18", "19"] { try await site.add(number, to: heavy) }
            for number in ["25", "26"] { try await site.add(number, to: light) }
            campaign = try await site.dial([heavy, light], weights: [1, 1], .mixed)
            let mixed = self.numbers(try await site.claim(9, campaign: campaign))
            #expect(mixed.count == 6)
            #expect(Set(mixed.prefix(4)) == ["17", "18", "26", "25"])
        }
    }

    @Test func oneListInUseIsDialedAsIfItWereAlone() async throws {
        try await Site.with { site in
            let only = try await site.list("10", "11")
            let campaign = try await site.dial([only], weights: [7], .mixed)
            #expect(self.numbers(try await site.claim(5, campaign: campaign)) == ["10", "11"])
            #expect(try await site.integer("SELECT count(*) FROM campaign_turn") == 0)
        }
    }

    @Test func aNumberOnTheDoNotCallListUsesItsListsTurn() async throws {
        try await Site.with { site in
            let first = try await site.list("10", "11", "12", "13")
            let second = try await site.list("20", "21", "22", "23")
            for number in ["10", "11", "12", "13"] {
                _ = try await site.store.doNotCall.add(number, reason: nil, expiresAt: nil, now: Site.start)
            }
            let campaign = try await site.dial([first, second], .mixed)
            let claim = try await site.store.claims.claim(site.request(count: 4, campaign: campaign))
            #expect(self.numbers(claim.dialings) == ["20", "21"])
            #expect(claim.blocked == 2)
            // The results say of which list the numbers were.
            let lists = try await site.client.query("SELECT dlma, line FROM dialing_result").decode((UUID, String).self)
            #expect(lists.map(\.0) == [first, first])
            #expect(lists.allSatisfy { $0.1.contains("\"uuid_dlma\":\"\(first.wire)\"") })
            // Nobody but listed numbers is next: they are met in one go, and then the other list is dialed.
            let next = try await site.store.claims.claim(site.request(count: 1, campaign: campaign))
            #expect(self.numbers(next.dialings) == ["22"])
            #expect(next.blocked == 2)
        }
    }

    // MARK: What a call carries

    @Test func aCallCarriesTheListItsContactCameFrom() async throws {
        try await Site.with { site in
            let lists = [try await site.list("10", "11"), try await site.list("20", "21")]
            for (place, list) in lists.enumerated() {
                _ = try await site.store.dlmas.update(list) { $0.name = "list \(place)" }
            }
            let campaign = try await site.dial(lists, .mixed)
            var seen: [Dialing] = []
            // The first claim reads the snapshots, the second knows them.
            for _ in 0..<2 { seen += try await site.claim(2, campaign: campaign) }
            #expect(seen.map(\.snapshot.dlma.name) == ["list 0", "list 1", "list 0", "list 1"])
            #expect(seen.map(\.dlma) == [lists[0], lists[1], lists[0], lists[1]])
            #expect(seen.allSatisfy { $0.snapshot.campaign == campaign })
            #expect(try await site.integer("SELECT count(*) FROM call_snapshot") == 2)
            // Another process, which knows none of them, reads the same.
            let other = DialerStore(client: site.client, logger: TestDatabase.logger)
            #expect(try await other.dialings.open() == seen)
            #expect(try await site.finish(seen, at: 1) == 4)
            let results = try await site.client.query("SELECT dlma, entry FROM dialing_result ORDER BY sequence")
                .decode((UUID, UUID).self)
            #expect(results.map(\.0) == seen.map(\.dlma))
        }
    }

    /// One list's change makes one new snapshot; the database sends that one and no other.
    @Test func onlyWhatChangedIsReadAgain() async throws {
        try await Site.with { site in
            let lists = [try await site.list("10", "11", "12"), try await site.list("20", "21", "22")]
            let campaign = try await site.dial(lists, .mixed)
            _ = try await site.claim(2, campaign: campaign)
            let known = site.store.claims.maker.snapshots.latest(of: campaign.uuid, lists: lists)
            #expect(Set(known.values.map(\.dlma.uuid)) == Set(lists))
            _ = try await site.store.dlmas.update(lists[1]) { $0.name = "renamed" }
            let request = site.request(campaign: campaign)
            let rows = try await site.client.query(
                """
                SELECT o_snapshot, o_dlma IS NOT NULL FROM claim_dialings(
                    \(request.campaign), \(request.plan), \(request.destination), \(lists), 4, 4, 'pbx1',
                    \(PostgresTimestamp(request.now)), \(Array(known.keys))::bigint[], NULL)
                """
            ).decode((Int64, Bool).self).map { $0 }
            #expect(rows.map(\.1) == [false, true, false, false])
            #expect(Set(rows.map(\.0)).count == 2)
        }
    }

    @Test func anAgentsPreviewComesFromAnyOfTheLists() async throws {
        try await Site.with { site in
            let lists = [try await site.list("10"), try await site.list("20")]
            let campaign = try await site.dial(lists)
            let request = site.request(campaign: campaign)
            for (list, number) in zip(lists, ["10", "20"]) {
                let reserved = try await site.store.claims.reserve(request, target: "a", until: Site.start)
                #expect(reserved.entry?.dlma == list)
                let entry = try #require(reserved.entry)
                let dialed = try await site.store.claims.dialReserved(request, entry: entry.uuid)
                #expect(dialed.dialings.map(\.dlma) == [list])
                #expect(self.numbers(dialed.dialings) == [number])
            }
            // One reserved from a list the campaign has no more is not dialed for it.
            try await site.add("21", to: lists[1])
            let reserved = try #require(
                try await site.store.claims.reserve(request, target: "a", until: Site.start).entry)
            let other = try await site.dial([lists[0]])
            #expect(
                try await site.store.claims.dialReserved(site.request(campaign: other), entry: reserved.uuid)
                    .dialings.isEmpty)
        }
    }

    // MARK: Changes

    @Test func aClaimForOtherListsBringsNothing() async throws {
        try await Site.with { site in
            let (a, b) = (try await site.list("10"), try await site.list("20"))
            let before = try await site.dial([a])
            let after = try await site.dial([a, b])
            #expect(try await site.claim(5, campaign: before).isEmpty)
            #expect(self.numbers(try await site.claim(5, campaign: after)) == ["10", "20"])
        }
    }

    @Test func aListThatIsGoneIsLeftOut() async throws {
        try await Site.with { site in
            let lists = [try await site.list("10"), try await site.list("20"), try await site.list("30")]
            for mode in ListMode.allCases {
                let campaign = try await site.dial(lists, weights: [9, 1, 1], mode)
                // Nothing the service does leaves it so.
                try await site.client.execute("UPDATE dial_list_master SET in_use = false WHERE uuid = \(lists[0])")
                #expect(self.numbers(try await site.claim(9, campaign: campaign)) == ["20", "30"])
                try await site.client.execute("DELETE FROM dialing")
                try await site.client.execute(
                    "UPDATE dial_list_entry SET status = 0, dialing_uuid = NULL, trycnt_1 = 0")
            }
            try await site.client.execute("UPDATE dial_list_master SET in_use = false")
            let campaign = try #require(try await site.store.campaigns.find(site.campaign.uuid))
            #expect(try await site.claim(9, campaign: campaign).isEmpty)
        }
    }

    @Test func aListOfSeveralIsProtectedAndLetGoByForce() async throws {
        try await Site.with { site in
            let store = site.store
            let (a, b) = (try await site.list(), try await site.list())
            _ = try await store.campaigns.update(site.campaign.uuid) {
                $0.dlma = b
                $0.lists = [ListShare(dlma: a, weight: 5), ListShare(dlma: b)]
            }
            // It has nothing to do with its former list any more.
            _ = try await store.dlmas.delete(site.dlma.uuid, force: false, deleteEntries: false)
            for list in [a, b] {
                let error = await storeError { () throws(StoreError) in
                    _ = try await store.dlmas.delete(list, force: false, deleteEntries: false)
                }
                guard case .referenced(.dlma, list, let references) = error else {
                    Issue.record("got \(String(describing: error))")
                    continue
                }
                #expect(references == [Reference(kind: .campaign, uuid: site.campaign.uuid, name: nil)])
            }
            _ = try await store.dlmas.delete(b, force: true, deleteEntries: false)
            let one = try #require(try await store.campaigns.find(site.campaign.uuid))
            #expect(one.lists == [ListShare(dlma: a, weight: 5)])
            #expect(one.dlma == nil)
            #expect(one.updatedAt != nil)
            _ = try await store.dlmas.delete(a, force: true, deleteEntries: false)
            let none = try #require(try await store.campaigns.find(site.campaign.uuid))
            #expect(none.lists == nil && none.dialedLists.isEmpty)
        }
    }

    @Test func aListThatIsNotThereIsRefusedByItsPlace() async throws {
        try await Site.with { site in
            let (list, gone) = (try await site.list(), try await site.list())
            _ = try await site.store.dlmas.delete(gone, force: false, deleteEntries: false)
            for missing in [gone, UUID()] {
                let error = await storeError { () throws(StoreError) in
                    _ = try await site.store.campaigns.update(site.campaign.uuid) {
                        $0.dlma = nil
                        $0.lists = [ListShare(dlma: list), ListShare(dlma: missing)]
                    }
                }
                guard case .danglingReference("lists[1].dlma", .dlma, missing) = error else {
                    Issue.record("got \(String(describing: error))")
                    continue
                }
            }
            #expect(try await site.store.campaigns.find(site.campaign.uuid) == site.campaign)
        }
    }

    /// The plan of every campaign that has the list counts, whichever way it has it.
    @Test func whoIsLeftOnAListCountsItsCampaignsPlans() async throws {
        try await Site.with(plan: { $0.maxTries[1] = 2 }) { site in
            let list = try await site.list("10", "11")
            #expect(try await site.store.listCounts.counts(of: list).left == nil)
            let campaign = try await site.dial([try await site.list(), list])
            #expect(try await site.store.listCounts.counts(of: list).left == 2)
            for turn in 0..<2 {
                let dialings = try await site.claim(1, at: turn, campaign: campaign)
                for dialing in dialings { _ = try await site.store.dls.update(dialing.entry) { $0.tries[1] = 2 } }
                try await site.finish(dialings, at: turn)
            }
            #expect(try await site.store.listCounts.counts(of: list).left == 0)
            #expect(try await site.store.listCounts.counts(of: list).exhausted == 2)
        }
    }
}
