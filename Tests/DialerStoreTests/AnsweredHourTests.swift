import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

/// What people's answers came to, hour by hour.
@Suite struct AnsweredHourTests {
    private static let hour = AnsweredHour.hour(of: Site.start)

    private func answered(
        _ dialing: Dialing, at seconds: Int, _ outcome: AnswerOutcome, endedAfter talk: Int = 10
    ) -> FinishedDialing {
        var finished = Site.finished(dialing, at: seconds + talk, dialResult: 4)
        finished.result.answeredAt = Site.start + .seconds(seconds)
        finished.result.outcome = outcome
        return finished
    }

    @Test func peoplesAnswersAreCountedByTheHourOfTheAnswer() async throws {
        try await Site.with { site in
            try await site.addContacts(6)
            let dialings = try await site.claim(6)
            // The start is no full hour; two hours later is two hours further, whenever the call ends.
            let batch = [
                self.answered(dialings[0], at: 0, .kept, endedAfter: 90_000),
                self.answered(dialings[1], at: 1, .abandoned),
                self.answered(dialings[2], at: 7200, .kept),
                self.answered(dialings[3], at: 2, .machine),
                Site.finished(dialings[4], at: 3, dialResult: 5),
            ]
            #expect(try await site.store.results.finish(batch) == 5)
            // Written once, however often it is told.
            #expect(try await site.store.results.finish(batch) == 0)
            #expect(try await site.store.results.finish([self.answered(dialings[5], at: 3, .abandoned)]) == 1)
            let campaign = site.campaign.uuid
            let hours = try await site.store.results.answeredHours(campaigns: [campaign, UUID()])
            #expect(
                hours == [
                    campaign: [
                        AnsweredHour(hour: Self.hour, live: 3, abandoned: 2),
                        AnsweredHour(hour: Self.hour + 2, live: 1, abandoned: 0),
                    ]
                ])
            let counters = try await site.store.results.counters(campaign: campaign)
            #expect(counters.answered == 5)
            #expect(counters.abandoned == 2)
        }
    }

    @Test func aCampaignKeepsTheNewest744Hours() async throws {
        try await Site.with { site in
            let other = UUID()
            try await site.client.execute(
                """
                INSERT INTO campaign_hour (campaign, hour, live)
                SELECT c, \(Self.hour) - i, 1 FROM generate_series(1, 900) i, unnest(\([site.campaign.uuid, other])) c
                """
            )
            try await site.addContacts(2)
            let dialings = try await site.claim(2)
            #expect(try await site.store.results.finish([self.answered(dialings[0], at: 0, .kept)]) == 1)
            let hours = try await site.store.results.answeredHours(campaigns: [site.campaign.uuid, other])
            #expect(hours[site.campaign.uuid]?.count == 744)
            #expect(hours[site.campaign.uuid]?.last == AnsweredHour(hour: Self.hour, live: 1, abandoned: 0))
            #expect(hours[other]?.count == 900)
            // The hour is known already: nothing is looked through again.
            #expect(try await site.store.results.finish([self.answered(dialings[1], at: 1, .abandoned)]) == 1)
            let later = try await site.store.results.answeredHours(campaigns: [site.campaign.uuid])
            #expect(later[site.campaign.uuid]?.last == AnsweredHour(hour: Self.hour, live: 2, abandoned: 1))
        }
    }

    @Test func manyEnginesWorthOfResultsAddUpWithoutADeadlock() async throws {
        try await Site.with(maximumConnections: 8) { site in
            try await site.addContacts(200)
            let dialings = try await site.claim(200)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for index in stride(from: worker, to: 200, by: 8) {
                            let outcome: AnswerOutcome = index % 4 == 0 ? .abandoned : .kept
                            _ = try await site.store.results.finish([
                                self.answered(dialings[index], at: (index % 3) * 3600, outcome)
                            ])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let hours = try await site.store.results.answeredHours(campaigns: [site.campaign.uuid])
            #expect(hours[site.campaign.uuid]?.reduce(0) { $0 + $1.live } == 200)
            #expect(hours[site.campaign.uuid]?.reduce(0) { $0 + $1.abandoned } == 50)
        }
    }
}
