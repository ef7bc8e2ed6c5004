import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
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
                    + #""failed":0,"talk_seconds":0.0,"wait_seconds":0.0,"calls_per_minute":null,"running_here":false,"#
                    + #""in_progress":0,"ringing":0,"waiting":0,"connected":0,"agents":null,"agents_idle":null,"#
                    + #""agents_talking":null,"agents_paused":null}}"#
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

    @Test("The abandon rate is abandoned calls in answered ones")
    func abandonRate() {
        var statistics = CampaignStatistics(campaign: Campaign(blank: UUID()), counters: .init())
        #expect(statistics.abandonRate == nil)
        statistics.counters.answered = 200
        statistics.counters.abandoned = 5
        #expect(statistics.abandonRate == 0.025)
    }
}
