import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct ClaimTests {
    @Test func aClaimCarriesEverythingAnOriginateNeeds() async throws {
        try await Site.with(plan: {
            $0.trunkName = "trk"; $0.callerID = "\"Shop\" <4711>"; $0.dialTimeout = 20_000
        }) { site in
            var entry = DialListEntry(uuid: UUID(), dlma: site.dlma.uuid)
            entry.numbers[2] = "300"
            let variables = try JSONValue.parse(Array(#"{"zeta":"1","alpha":"2"}"#.utf8))
            entry.variables = variables
            entry = try await site.store.dls.create(entry)
            let dialing = try #require(try await site.claim().first)
            #expect(dialing.dialAddress == "300")
            #expect(dialing.dialIndex == 2)
            #expect(dialing.dialTry == 1)
            #expect(dialing.dialChannel == "Local/300@trk/n")
            #expect(dialing.callerID == "\"Shop\" <4711>")
            #expect(dialing.dialTimeout == 20_000)
            #expect(dialing.application == "Queue")
            #expect(dialing.data == "sales")
            #expect(dialing.pbx == "pbx1")
            #expect(dialing.createdAt == Site.start)
            #expect(dialing.variables == variables)
            #expect(dialing.variables.text == #"{"zeta":"1","alpha":"2"}"#)
            #expect(dialing.snapshot.entry == entry)
            #expect(dialing.snapshot.plan == site.plan)
            #expect(dialing.snapshot.dlma == site.dlma)
            #expect(dialing.snapshot.destination == site.destination)
            #expect(dialing.snapshot.campaign == site.campaign)

            let marked = try #require(try await site.store.dls.find(entry.uuid))
            #expect(marked.status == .dialing)
            #expect(marked.dialing == dialing.uuid)
            #expect(marked.dialingCampaign == site.campaign.uuid)
            #expect(marked.dialingPlan == site.plan.uuid)
            #expect(marked.tries[2] == 1)
            #expect(marked.lastDialAt == Site.start)

            #expect(try await site.store.dialings.find(dialing.uuid) == dialing)
            // A process that has never seen the snapshot reads the same.
            let other = DialerStore(client: site.client, logger: TestDatabase.logger)
            #expect(try await other.dialings.open() == [dialing])
            #expect(try await other.dialings.open(campaign: site.campaign.uuid) == [dialing])
            #expect(try await other.dialings.openCount(campaign: site.campaign.uuid) == 1)
            #expect(try await other.dialings.page(PageRequest(limit: 10)).items == [dialing])
        }
    }

    /// The list is worked breadth first; a contact's number_1 is used up before number_2.
    @Test func everyoneOnceThenEveryoneAgain() async throws {
        try await Site.with(plan: {
            $0.retryDelay = 0; $0.maxTries[1] = 2; $0.maxTries[2] = 1
        }) { site in
            try await site.addContact("201", "202")
            try await site.addContact("301")
            var order: [String] = []
            for turn in 0..<10 {
                guard let dialing = try await site.claim(at: turn * 10).first else { break }
                order.append(dialing.dialAddress)
                try await site.finish([dialing], at: turn * 10 + 5)
            }
            #expect(order == ["201", "301", "201", "301", "202"])
            let outlook = try await site.store.claims.outlook(
                campaign: site.campaign.uuid, plan: site.plan.uuid, lists: [site.dlma.uuid])
            #expect(outlook == ListOutlook(hasOpenContacts: false, nextDue: nil))
        }
    }

    @Test func contactsWithOtherNumbersKeepTheOrderOfCreation() async throws {
        try await Site.with { site in
            try await site.addContact("1", "11")
            try await site.addContact("2")
            try await site.addContact(nil, "3")
            try await site.addContact("4", nil, "44")
            try await site.addContact("5")
            try await site.addContact(nil, nil)
            #expect(try await site.claim(3).map(\.dialAddress) == ["1", "2", "3"])
            #expect(try await site.claim(9).map(\.dialAddress) == ["4", "5"])
        }
    }

    @Test func theRetryDelayIsKeptToTheMicrosecond() async throws {
        try await Site.with(plan: { $0.retryDelay = 60 }) { site in
            try await site.addContact("1")
            try await site.finish(try await site.claim(), at: 0)
            #expect(try await site.claim(at: 60).isEmpty)
            let outlook = try await site.store.claims.outlook(
                campaign: site.campaign.uuid, plan: site.plan.uuid, lists: [site.dlma.uuid])
            #expect(outlook.hasOpenContacts)
            let due = try #require(outlook.nextDue)
            #expect(due == Site.start + .seconds(60) + .microseconds(1))
            var request = site.request()
            request.now = due
            #expect(try await site.store.claims.claim(request).dialings.count == 1)
        }
    }

    @Test func aChangedRetryDelayCountsAtOnce() async throws {
        try await Site.with(plan: { $0.retryDelay = 3600 }) { site in
            try await site.addContact("1")
            try await site.finish(try await site.claim(), at: 0)
            #expect(try await site.claim(at: 10).isEmpty)
            _ = try await site.store.plans.update(site.plan.uuid) { $0.retryDelay = 5 }
            #expect(try await site.claim(at: 10).count == 1)
        }
    }

    @Test func whoMustNotBeCalledIsNotCalled() async throws {
        try await Site.with(plan: { $0.retryDelay = 0 }) { site in
            let answered = try await site.addContact("1")
            try await site.finish(try await site.claim(), at: 1, dialResult: 4)
            let deleted = try await site.addContact("2")
            _ = try await site.store.dls.delete(deleted.uuid, force: false)
            var reserved = DialListEntry(uuid: UUID(), dlma: site.dlma.uuid)
            reserved.numbers[1] = "3"
            reserved.status = .reserved
            _ = try await site.store.dls.create(reserved)
            #expect(try await site.claim(10, at: 100).isEmpty)

            // Resetting the result makes an answered contact one to call again.
            _ = try await site.store.dls.update(answered.uuid) { $0.dialResult = 0 }
            #expect(try await site.claim(10, at: 100).map(\.dialAddress) == ["1"])
        }
    }

    /// Contacts that wait, are used up or are deleted stand before others in the list and do not hold them up.
    @Test func nobodyBlocksTheLine() async throws {
        try await Site.with(plan: {
            $0.retryDelay = 100; $0.maxTries[2] = 0
        }) { site in
            let deleted = try await site.addContact("1")
            try await site.addContact(nil, "2")
            try await site.addContact("3")
            try await site.addContact("4")
            _ = try await site.store.dls.delete(deleted.uuid, force: true)
            let first = try await site.claim(at: 0)
            #expect(first.map(\.dialAddress) == ["3"])
            try await site.finish(first, at: 1)
            #expect(try await site.claim(5, at: 2).map(\.dialAddress) == ["4"])
            #expect(try await site.claim(5, at: 102).map(\.dialAddress) == ["3"])
        }
    }

    @Test func limitsChangedOnThePlanCountAtOnce() async throws {
        try await Site.with(plan: {
            $0.retryDelay = 0; $0.maxTries[1] = 2
        }) { site in
            try await site.addContact("1")
            try await site.finish(try await site.claim(at: 0), at: 0)
            _ = try await site.store.plans.update(site.plan.uuid) { $0.maxTries[1] = 1 }
            #expect(try await site.claim(at: 10).isEmpty)
            let ended = try await site.store.claims.outlook(
                campaign: site.campaign.uuid, plan: site.plan.uuid, lists: [site.dlma.uuid])
            #expect(!ended.hasOpenContacts)
            _ = try await site.store.plans.update(site.plan.uuid) { $0.maxTries[1] = 5 }
            #expect(try await site.claim(at: 10).map(\.dialTry) == [2])
        }
    }

    @Test func manyTriesAreCountedExactly() async throws {
        try await Site.with(plan: {
            $0.retryDelay = 0; $0.maxTries[1] = 70
        }) { site in
            let entry = try await site.addContact("1")
            for tries in [60, 61, 62, 63, 69] {
                _ = try await site.store.dls.update(entry.uuid) { $0.tries[1] = tries }
                let claimed = try await site.claim(at: tries * 10)
                #expect(claimed.map(\.dialTry) == [tries + 1])
                try await site.finish(claimed, at: tries * 10)
            }
            #expect(try await site.claim(at: 9000).isEmpty)
            let outlook = try await site.store.claims.outlook(
                campaign: site.campaign.uuid, plan: site.plan.uuid, lists: [site.dlma.uuid])
            #expect(!outlook.hasOpenContacts)
        }
    }

    @Test func oneListServesTwoPlansWithOtherLimits() async throws {
        try await Site.with(plan: {
            $0.retryDelay = 0; $0.maxTries[1] = 1
        }) { site in
            var patient = Plan(blank: UUID())
            patient.retryDelay = 0
            patient = try await site.store.plans.create(patient)
            var other = site.campaign
            other.uuid = UUID()
            other.plan = patient.uuid
            other = try await site.store.campaigns.create(other)
            try await site.addContacts(20)
            for second in 0..<6 {
                let brief = try await site.claim(100, at: second * 10)
                #expect(brief.count == (second == 0 ? 20 : 0))
                try await site.finish(brief, at: second * 10)
                let long = try await site.claim(100, at: second * 10 + 1, campaign: other)
                #expect(long.count == (second < 4 ? 20 : 0))
                try await site.finish(long, at: second * 10 + 1)
            }
        }
    }

    @Test(arguments: [CampaignStatus.stop, .pause, .stopping, .starting, .pausing, .stoppingForcedly])
    func onlyAStartedCampaignClaims(_ status: CampaignStatus) async throws {
        try await Site.with { site in
            try await site.addContact("1")
            _ = try await site.store.campaigns.update(site.campaign.uuid) { $0.status = status }
            #expect(try await site.claim().isEmpty)
            _ = try await site.store.campaigns.update(site.campaign.uuid) { $0.status = .start }
            #expect(try await site.claim().count == 1)
        }
    }

    @Test func aCampaignWithOtherPartsByNowClaimsNothing() async throws {
        try await Site.with { site in
            try await site.addContact("1")
            let plan = try await site.store.plans.create(Plan(blank: UUID()))
            _ = try await site.store.campaigns.update(site.campaign.uuid) { $0.plan = plan.uuid }
            #expect(try await site.claim().isEmpty)
            _ = try await site.store.campaigns.delete(site.campaign.uuid, force: false)
            #expect(try await site.claim().isEmpty)
            #expect(try await site.claim(0).isEmpty)
            #expect(try await site.claim(-5).isEmpty)
        }
    }

    @Test func noContactIsClaimedTwiceHoweverManyClaim() async throws {
        try await Site.with(maximumConnections: 12) { site in
            try await site.addContacts(500)
            let claimed = try await withThrowingTaskGroup(of: [Dialing].self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        var mine: [Dialing] = []
                        while true {
                            let batch = try await site.claim(7)
                            mine.append(contentsOf: batch)
                            if batch.isEmpty { return mine }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append(contentsOf: $1) }
            }
            #expect(claimed.count == 500)
            #expect(Set(claimed.map(\.entry)).count == 500)
            #expect(Set(claimed.map(\.uuid)).count == 500)
            #expect(try await site.store.dialings.open().count == 500)
        }
    }

    /// Once a change of status has returned, no claim made before can still turn into calls.
    @Test func nothingIsClaimedAfterAStopHasReturned() async throws {
        try await Site.with(maximumConnections: 8) { site in
            try await site.addContacts(2000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !(try await site.claim(5)).isEmpty {}
                    }
                }
                while try await site.integer("SELECT count(*) FROM dialing") < 50 {}
                _ = try await site.store.campaigns.setStatus(site.campaign.uuid, from: [.start], to: .stopping)
                let stopped = try await site.integer("SELECT count(*) FROM dialing")
                try await group.waitForAll()
                #expect(try await site.integer("SELECT count(*) FROM dialing") == stopped)
                #expect(stopped < 2000)
            }
        }
    }

    @Test func aSnapshotNeverChanges() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("1")
            let dialing = try #require(try await site.claim().first)
            _ = try await site.store.plans.update(site.plan.uuid) { $0.callerID = "changed" }
            _ = try await site.store.destinations.update(site.destination.uuid) { $0.data = "changed" }
            _ = try await site.store.dlmas.update(site.dlma.uuid) { $0.name = "changed" }
            _ = try await site.store.campaigns.update(site.campaign.uuid) { $0.name = "changed" }
            _ = try await site.store.dls.update(contact.uuid) { $0.numbers[1] = "2" }
            let other = DialerStore(client: site.client, logger: TestDatabase.logger)
            #expect(try await other.dialings.find(dialing.uuid) == dialing)
            // The next call has the new values.
            try await site.addContact("3")
            let next = try #require(try await site.claim().first)
            #expect(next.snapshot.plan.callerID == "changed")
            #expect(next.snapshot.destination.data == "changed")
            #expect(next.snapshot.dlma.name == "changed")
            #expect(next.snapshot.campaign.name == "changed")
            #expect(try await site.integer("SELECT count(*) FROM call_snapshot") == 2)
        }
    }

    @Test func anOutlookTellsWhoIsStillThere() async throws {
        try await Site.with(plan: { $0.maxTries[1] = 1 }) { site in
            func outlook() async throws -> ListOutlook {
                try await site.store.claims.outlook(
                    campaign: site.campaign.uuid, plan: site.plan.uuid, lists: [site.dlma.uuid])
            }
            #expect(try await outlook() == ListOutlook(hasOpenContacts: false, nextDue: nil))
            try await site.addContact("1")
            let waiting = try await outlook()
            #expect(waiting.hasOpenContacts)
            #expect(try #require(waiting.nextDue) < Site.start)
            let dialings = try await site.claim()
            #expect(try await outlook() == ListOutlook(hasOpenContacts: true, nextDue: nil))
            try await site.finish(dialings, at: 1)
            #expect(try await outlook() == ListOutlook(hasOpenContacts: false, nextDue: nil))
        }
    }
}
