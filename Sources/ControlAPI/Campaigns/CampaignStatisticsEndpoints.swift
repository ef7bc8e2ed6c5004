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
        let live = await self.environment.engine.liveStatistics(of: uuid)
        // None needs another: at once they take as long as the slowest.
        let store = self.environment.store
        async let counters = store.results.counters(campaign: uuid)
        async let engine = store.leases.engine(ofCampaign: uuid)
        async let plan = self.plan(of: campaign)
        async let lists = self.lists(of: campaign)
        async let kept = live?.day == nil ? store.results.answeredHours(campaigns: [uuid])[uuid] ?? [] : []
        let now = self.environment.now()
        var statistics = CampaignStatistics(campaign: campaign, counters: try await counters, now: now, live: live)
        statistics.callsPerMinute = self.rates.callsPerMinute(
            of: uuid, dialed: Int(statistics.counters.dialed), at: now)
        statistics.engine = try await engine
        statistics.plan = try await plan
        statistics.lists = try await lists
        statistics.kept = AbandonWindow(buckets: try await kept)
        return self.environment.envelope.response { statistics.write(to: &$0) }
    }

    private func plan(of campaign: Campaign) async throws -> Plan? {
        guard let plan = campaign.plan else { return nil }
        return try await self.environment.store.plans.find(plan)
    }

    private func lists(of campaign: Campaign) async throws -> ListCounts? {
        var sum: ListCounts?
        for dlma in campaign.dialedLists {
            let counts = try await self.environment.store.listCounts.counts(of: dlma, plan: campaign.plan)
            sum = sum.map { $0 + counts } ?? counts
        }
        return sum
    }
}
