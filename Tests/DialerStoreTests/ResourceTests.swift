import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

@Suite struct ResourceTests {
    /// Texts that break what is glued together, cut, or counted wrongly.
    static let hostile = [
        "'; DROP TABLE plan; --", "\\", "$1", "{\"a\":1}", "{a,b}", "%s%n", "\u{FEFF}", "\u{202E}txt", "💣👨‍👩‍👧", "ﷺ",
        "a\nb\r\tc", "\u{1}\u{7f}", "NULL", "''", "\"", String(repeating: "ä", count: 5_000), " ",
    ]

    @Test func everyFieldOfEveryResourceComesBack() async throws {
        try await Site.with { site in
            let variables = try JSONValue.parse(
                Array(#"{"b":"1","a":{"x":[1,2.5,null,true]},"\u0000":"\u0000'"}"#.utf8))
            let time = Timestamp(microseconds: 1_712_345_678_901_234)

            var plan = Plan(uuid: UUID())
            (plan.name, plan.detail, plan.variables) = ("n", "d", variables)
            (plan.dialMode, plan.dialTimeout, plan.callerID) = (.power, 12_345, "<1>")
            (plan.listEndHandling, plan.retryDelay, plan.trunkName) = (.keep, 7, "t")
            (plan.techName, plan.serviceLevel, plan.earlyMedia) = ("SIP", 9, "true")
            (plan.codecs, plan.pacingRatio, plan.createdAt) = ("alaw", 1.25, time)
            for index in NumberSlots<Int>.indexes { plan.maxTries[index] = index * 3 }
            (plan.pacing, plan.abandonTarget, plan.abandonGrace) = (.jade, 0.015, 1.25)
            (plan.abandonDestination, plan.machineDestination) = (site.destination.uuid, site.destination.uuid)
            plan.machineHandling = .divert
            #expect(try await site.store.plans.create(plan) == plan)
            #expect(try await site.store.plans.find(plan.uuid) == plan)

            var destination = Destination(uuid: UUID())
            (destination.name, destination.detail, destination.variables) = ("n", "d", variables)
            (destination.kind, destination.context, destination.exten) = (.extension, "c", "e")
            (destination.priority, destination.application, destination.data) = ("2", "Park", "x")
            (destination.queue, destination.createdAt) = ("sales", time)
            #expect(try await site.store.destinations.create(destination) == destination)
            #expect(try await site.store.destinations.find(destination.uuid) == destination)

            var dlma = DialListMaster(uuid: UUID())
            (dlma.name, dlma.detail, dlma.variables, dlma.createdAt) = ("n", "d", variables, time)
            #expect(try await site.store.dlmas.create(dlma) == dlma)
            #expect(try await site.store.dlmas.find(dlma.uuid) == dlma)

            var entry = DialListEntry(uuid: UUID(), dlma: dlma.uuid)
            (entry.name, entry.detail, entry.variables, entry.createdAt) = ("n", "d", variables, time)
            (entry.status, entry.reservedTarget, entry.ukey, entry.email) = (.reserved, "r", "u", "e@x")
            (entry.dialResult, entry.dialResultDetail) = (4, "rd")
            (entry.hangupCause, entry.hangupCauseDetail) = (16, "rh")
            (entry.lastDialAt, entry.lastHangupAt) = (time + .seconds(1), time + .seconds(2))
            for index in NumberSlots<Int>.indexes {
                entry.numbers[index] = "n\(index)"
                entry.tries[index] = index
            }
            #expect(try await site.store.dls.create(entry) == entry)
            #expect(try await site.store.dls.find(entry.uuid) == entry)

            var campaign = Campaign(uuid: UUID())
            (campaign.name, campaign.detail, campaign.variables) = ("n", "d", variables)
            (campaign.status, campaign.nextCampaign, campaign.createdAt) = (.pause, site.campaign.uuid, time)
            (campaign.plan, campaign.destination, campaign.dlma) = (plan.uuid, destination.uuid, dlma.uuid)
            campaign.schedule.isOn = true
            (campaign.schedule.dateStart, campaign.schedule.dateEnd) = ("2026-01-01", "2026-02-01")
            (campaign.schedule.dateList, campaign.schedule.dateListExcept) = ("2026-01-03", "2026-01-04")
            (campaign.schedule.timeStart, campaign.schedule.timeEnd) = ("08:00:00", "17:00:00")
            (campaign.schedule.dayList, campaign.schedule.timeZone) = ("1, 2", "Europe/Berlin")
            #expect(try await site.store.campaigns.create(campaign) == campaign)
            #expect(try await site.store.campaigns.find(campaign.uuid) == campaign)
        }
    }

    @Test func hostileTextsComeBackAsTheyWere() async throws {
        try await Site.with { site in
            for text in Self.hostile {
                var plan = Plan(uuid: UUID())
                (plan.name, plan.detail, plan.callerID, plan.trunkName) = (text, text, text, text)
                (plan.techName, plan.earlyMedia, plan.codecs, plan.variables) = (text, text, text, .string(text))
                plan.variables = try JSONValue.parse(Array(#"{"k":\#(JSONValue.string(text).text)}"#.utf8))
                let stored = try await site.store.plans.create(plan)
                #expect(stored.name == text && stored.codecs == text && stored.variables == plan.variables)

                var destination = Destination(uuid: UUID())
                (destination.name, destination.context, destination.exten) = (text, text, text)
                (destination.priority, destination.application, destination.data) = (text, text, text)
                _ = try await site.store.destinations.create(destination)
                let found = try #require(try await site.store.destinations.find(destination.uuid))
                #expect(found.data == text && found.priority == text)

                var entry = DialListEntry(uuid: UUID(), dlma: site.dlma.uuid)
                (entry.name, entry.ukey, entry.email, entry.reservedTarget) = (text, text, text, text)
                (entry.numbers[1], entry.numbers[8]) = (text, text)
                let contact = try await site.store.dls.create(entry)
                #expect(contact.numbers[8] == text && contact.ukey == text)

                let list = try await site.store.dlmas.update(site.dlma.uuid) { $0.name = text }
                #expect(list.name == text)
                var campaign = Campaign(uuid: UUID())
                (campaign.name, campaign.schedule.dayList) = (text, text)
                #expect(try await site.store.campaigns.create(campaign).schedule.dayList == text)
            }
            // They pass through snapshots as well.
            let claimed = try await site.claim(100)
            let other = DialerStore(client: site.client, logger: TestDatabase.logger)
            #expect(try await other.dialings.open() == claimed)
            #expect(claimed.count == Self.hostile.count)
            #expect(try await site.store.results.exportPosition(file: Self.hostile[0]) == nil)
        }
    }

    @Test func whatCannotBeStoredIsRefusedByName() async throws {
        try await Site.with { site in
            let store = site.store
            var plan = Plan(uuid: UUID())
            plan.detail = "a\u{0}b"
            let nul = plan
            #expect(
                await storeError { () throws(StoreError) in _ = try await store.plans.create(nul) }?.invalidField
                    == "detail")
            plan.detail = nil
            plan.dialTimeout = Int(Int32.max) + 1
            let large = plan
            #expect(
                await storeError { () throws(StoreError) in _ = try await store.plans.create(large) }?.invalidField
                    == "dial_timeout")
            plan.dialTimeout = -1
            let negative = plan
            #expect(
                await storeError { () throws(StoreError) in _ = try await store.plans.create(negative) }?.invalidField
                    == "dial_timeout")
            plan.dialTimeout = 1000
            plan.maxTries[8] = 40_000
            let many = plan
            #expect(
                await storeError { () throws(StoreError) in _ = try await store.plans.create(many) }?.invalidField
                    == "max_retry_cnt_8")
            plan.maxTries[8] = 1
            plan.variables = .string("no object")
            let text = plan
            #expect(
                await storeError { () throws(StoreError) in _ = try await store.plans.create(text) }?.invalidField
                    == "variables")
            plan.variables = .null
            plan.pacingRatio = .nan
            let odd = plan
            #expect(
                await storeError { () throws(StoreError) in _ = try await store.plans.create(odd) }?.invalidField
                    == "pacing_ratio")
            #expect(
                await storeError { () throws(StoreError) in _ = try await store.plans.create(site.plan) }?.invalidField
                    == "uuid")
            #expect(
                await storeError { () throws(StoreError) in
                    _ = try await store.plans.update(site.plan.uuid) { (plan: inout Plan) throws(ValidationError) in
                        throw ValidationError(field: "x", message: "x: no")
                    }
                }?.invalidField == "x")
            #expect(
                await storeError { () throws(StoreError) in
                    _ = try await store.dls.update(site.dlma.uuid) { $0.name = "no such contact" }
                } != nil)
            let page = try await site.store.plans.page(PageRequest(limit: 10))
            #expect(page.items == [site.plan])
        }
    }

    @Test func anUpdateTouchesOnlyWhatItMay() async throws {
        try await Site.with { site in
            let updated = try await site.store.plans.update(site.plan.uuid) {
                $0.name = "new"
                $0.uuid = UUID()
                $0.inUse = false
                $0.createdAt = nil
                $0.deletedAt = Timestamp(microseconds: 0)
            }
            var expected = site.plan
            expected.name = "new"
            expected.updatedAt = updated.updatedAt
            #expect(updated == expected)
            #expect(updated.updatedAt != nil)
            #expect(try await site.store.plans.find(site.plan.uuid) == updated)
            // A change without a change still counts as one.
            let again = try await site.store.plans.update(site.plan.uuid) { _ in }
            #expect(try #require(again.updatedAt) > (try #require(updated.updatedAt)))
            let stamped = try await site.store.plans.update(site.plan.uuid) { $0.updatedAt = Site.start }
            #expect(stamped.updatedAt == Site.start)
        }
    }

    @Test func whatIsDeletedIsGone() async throws {
        try await Site.with { site in
            let store = site.store
            let plan = try await store.plans.create(Plan(blank: UUID()))
            let deleted = try await store.plans.delete(plan.uuid, force: false)
            #expect(!deleted.inUse)
            #expect(deleted.deletedAt != nil)
            #expect(try await store.plans.find(plan.uuid) == nil)
            #expect(try await store.plans.page(PageRequest(limit: 10)).items == [site.plan])
            for error in [
                await storeError { () throws(StoreError) in _ = try await store.plans.delete(plan.uuid, force: true) },
                await storeError { () throws(StoreError) in _ = try await store.plans.update(plan.uuid) { _ in } },
            ] {
                guard case .notFound(.plan, plan.uuid) = error else {
                    Issue.record("got \(String(describing: error))")
                    continue
                }
            }
            let contact = try await site.addContact("1")
            _ = try await store.dls.delete(contact.uuid, force: false)
            #expect(try await store.dls.find(contact.uuid) == nil)
            let gone = await storeError { () throws(StoreError) in
                _ = try await store.dls.delete(contact.uuid, force: true)
            }
            guard case .notFound(.dl, _) = gone else {
                Issue.record("got \(String(describing: gone))")
                return
            }
        }
    }

    @Test func aContactBeingDialedKeepsItsStatus() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("1")
            let dialing = try #require(try await site.claim().first)
            let refused = await storeError { () throws(StoreError) in
                _ = try await site.store.dls.update(contact.uuid) { $0.status = .idle }
            }
            #expect(refused?.invalidField == "status")
            let updated = try await site.store.dls.update(contact.uuid) {
                $0.name = "other"
                $0.dialing = nil
                $0.tries[1] = 0
            }
            #expect(updated.dialing == dialing.uuid)
            #expect(updated.tries[1] == 0)
            try await site.finish([dialing], at: 1)
            let marked = await storeError { () throws(StoreError) in
                _ = try await site.store.dls.update(contact.uuid) { $0.status = .dialing }
            }
            #expect(marked?.invalidField == "status")
        }
    }

    @Test func aContactNeedsAListThatIsInUse() async throws {
        try await Site.with { site in
            let missing = UUID()
            let created = await storeError { () throws(StoreError) in
                _ = try await site.store.dls.create(DialListEntry(uuid: UUID(), dlma: missing))
            }
            guard case .danglingReference("dlma_uuid", .dlma, missing) = created else {
                Issue.record("got \(String(describing: created))")
                return
            }
            let contact = try await site.addContact("1")
            let moved = await storeError { () throws(StoreError) in
                _ = try await site.store.dls.update(contact.uuid) { $0.dlma = missing }
            }
            guard case .danglingReference = moved else {
                Issue.record("got \(String(describing: moved))")
                return
            }
            let other = try await site.store.dlmas.create(DialListMaster(uuid: UUID()))
            _ = try await site.store.dls.update(contact.uuid) { $0.dlma = other.uuid }
            #expect(try await site.store.dls.page(dlma: site.dlma.uuid, PageRequest()).items.isEmpty)
            #expect(try await site.store.dls.page(dlma: other.uuid, PageRequest()).items.map(\.uuid) == [contact.uuid])
            #expect(try await site.store.dls.page(dlma: missing, PageRequest()).items.isEmpty)
        }
    }
}
