import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import Pacing
import PostgresClient
import TestSupport
import Testing

import struct Foundation.UUID

@testable import ControlAPI

@Suite("A campaign's figures")
struct CampaignStatisticsTests {
    @Test("Without an engine the live figures are zero, and every field is there")
    func idle() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns")
            let answer = try await api.client(.get, "/campaigns/\(campaign)/stats")
            #expect(answer.status == 200)
            #expect(
                Wire.normalized(answer.text)
                    == #"{"api_ver":"0.1","timestamp":"T","statuscode":200,"result":{"uuid":"U","status":0,"dialed":0,"#
                    + #""answered":0,"talked":0,"abandoned":0,"abandon_rate":null,"busy":0,"no_answer":0,"congested":0,"#
                    + #""failed":0,"blocked":0,"talk_seconds":0.0,"wait_seconds":0.0,"calls_per_minute":null,"running_here":false,"engine":null,"#
                    + #""in_progress":0,"ringing":0,"waiting":0,"connected":0,"agents":null,"agents_idle":null,"#
                    + #""agents_talking":null,"agents_paused":null,"pacing":null,"pacing_state":null,"#
                    + #""abandon_target":null,"live_24h":0,"abandoned_24h":0,"abandon_rate_24h":null,"live_30d":0,"abandoned_30d":0,"abandon_rate_30d":null,"#
                    + #""list_total":null,"list_left":null}}"#
            )
        }
    }

    @Test("What the engine sees now is shown beside what is stored")
    func live() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns", #"{"status":1}"#)
            var live = CampaignLiveStatistics()
            live.inProgress = 7
            live.ringing = 4
            live.waiting = 1
            live.connected = 2
            live.agents = 5
            live.agentsIdle = 3
            live.agentsTalking = 2
            live.agentsPaused = 0
            api.engine.script.liveStatistics[try #require(UUID(wire: campaign))] = live
            let result = try await api.client(.get, "/ob/campaigns/\(campaign)/stats").result
            let expected: [(String, Int64)] = [
                ("in_progress", 7), ("ringing", 4), ("waiting", 1), ("connected", 2), ("agents", 5), ("agents_idle", 3),
                ("agents_talking", 2), ("agents_paused", 0), ("status", 11),
            ]
            for (name, value) in expected { #expect(result[name] == .integer(value), "\(name)") }
            #expect(result["running_here"] == .bool(true))
        }
    }

    @Test("The abandonment of a campaign that runs is the engine's, of another what the database kept")
    func abandonment() async throws {
        let database = try await TestDatabase.create()
        try await APIHarness.run(databaseURL: database.url) { api in
            let plan = try await api.client.create("/plans", #"{"pacing":"jade","abandon_target":0.02}"#)
            let campaign = try await api.client.create("/campaigns", #"{"plan":"\#(plan)"}"#)
            let uuid = try #require(UUID(wire: campaign))
            let hour = AnsweredHour.hour(of: APIHarness.instant)
            try await database.withClient { client in
                try await client.execute(
                    """
                    INSERT INTO campaign_hour (campaign, hour, live, abandoned) VALUES
                        (\(uuid), \(hour), 40, 1), (\(uuid), \(hour - 100), 60, 4), (\(uuid), \(hour - 740), 1000, 500)
                    """
                )
            }
            let kept = try await api.client(.get, "/campaigns/\(campaign)/stats").result
            #expect(kept["pacing"] == "jade")
            #expect(kept["abandon_target"] == 0.02)
            #expect(kept["live_24h"] == 40)
            #expect(kept["abandoned_24h"] == 1)
            #expect(kept["abandon_rate_24h"] == 0.025)
            #expect(kept["live_30d"] == 100)
            #expect(kept["abandoned_30d"] == 5)
            #expect(kept["abandon_rate_30d"] == 0.05)

            var live = CampaignLiveStatistics()
            live.day = AbandonWindow.Counts(live: 50, abandoned: 2)
            live.thirtyDays = AbandonWindow.Counts(live: 110, abandoned: 6)
            api.engine.script.liveStatistics[uuid] = live
            let current = try await api.client(.get, "/campaigns/\(campaign)/stats").result
            #expect(current["abandoned_24h"] == 2)
            #expect(current["abandon_rate_24h"] == 0.04)
            #expect(current["live_30d"] == 110)
        }
    }

    @Test(
        "The pacing in force is the plan's in mode 1, the ratio in mode 3, and none where no agents are counted",
        arguments: [(1, "progressive"), (3, "ratio"), (2, nil), (4, nil), (0, nil)] as [(Int, String?)]
    )
    func pacingInForce(mode: Int, expected: String?) throws {
        var plan = Plan(blank: UUID())
        plan.pacing = .progressive
        plan.dialMode = try #require(DialMode(rawValue: mode))
        let statistics = CampaignStatistics(
            campaign: Campaign(blank: UUID()), counters: .init(), plan: plan, now: Timestamp(microseconds: 0))
        #expect(statistics.pacing?.rawValue == expected)
    }

    @Test("The abandon rate is abandoned calls in answered ones")
    func abandonRate() {
        var statistics = CampaignStatistics(
            campaign: Campaign(blank: UUID()), counters: .init(), now: Timestamp(microseconds: 0))
        #expect(statistics.abandonRate == nil)
        statistics.counters.answered = 200
        statistics.counters.abandoned = 5
        #expect(statistics.abandonRate == 0.025)
    }
}
