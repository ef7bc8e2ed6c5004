import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore
import Pacing

import struct Foundation.UUID

/// `/campaigns/{uuid}/stats`: what a campaign has done and does at this moment.
struct CampaignStatisticsEndpoints: Sendable {
    private let environment: APIEnvironment
    private let rates = CallRateMeter()

    init(_ environment: APIEnvironment) {
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get, "/campaigns/{uuid}/stats",
                Operation(
                    id: "get_campaign_stats",
                    tag: "campaigns",
                    summary: "Count what a campaign has done, and what it does at this moment.",
                    result: .schema("CampaignStatistics"),
                    errors: [404]
                )
            ) { _, context in
                try await self.show(try context.uuid())
            }
        ]
    }

    private func show(_ uuid: UUID) async throws -> Response {
        guard let campaign = try await self.environment.store.campaigns.find(uuid) else {
            throw StoreError.notFound(.campaign, uuid)
        }
        let counters = try await self.environment.store.results.counters(campaign: uuid)
        let live = await self.environment.engine.liveStatistics(of: uuid)
        let now = self.environment.now()
        let rate = self.rates.callsPerMinute(of: uuid, dialed: Int(counters.dialed), at: now)
        var statistics = CampaignStatistics(
            campaign: campaign, counters: counters, now: now, live: live, callsPerMinute: rate
        )
        statistics.engine = try await self.environment.store.leases.engine(ofCampaign: uuid)?.name
        if let plan = campaign.plan { statistics.plan = try await self.environment.store.plans.find(plan) }
        for dlma in campaign.dialedLists {
            let counts = try await self.environment.store.listCounts.counts(of: dlma, plan: campaign.plan)
            statistics.lists = statistics.lists.map { $0 + counts } ?? counts
        }
        if live?.day == nil {
            let hours = try await self.environment.store.results.answeredHours(campaigns: [uuid])
            statistics.kept = AbandonWindow(buckets: hours[uuid] ?? [])
        }
        return self.environment.envelope.response { statistics.write(to: &$0) }
    }
}
