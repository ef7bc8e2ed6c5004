import DialerModel
import DialerStore
import HTTPTypes
import Testing

import struct Foundation.UUID

@testable import ControlAPI

@Suite("Starting, pausing and stopping campaigns")
struct CampaignLifeTests {
    @Test("1, 0, 2 and 30 answer with what was asked for, store the way there, and tell the engine")
    func statuses() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns")
            let uuid = try #require(UUID(wire: campaign))
            #expect(api.engine.script.nudged == [uuid])
            let steps: [(asked: Int, shown: Int, stored: Int)] = [
                (1, 1, 11), (1, 1, 11), (2, 2, 12), (0, 0, 10), (0, 0, 10), (1, 1, 11), (30, 30, 30), (0, 0, 30),
                (2, 30, 30), (11, 11, 11), (12, 12, 12), (10, 10, 10),
            ]
            for (asked, shown, stored) in steps {
                let answer = try await api.client(.put, "/campaigns/\(campaign)", #"{"status":\#(asked)}"#)
                #expect(answer.status == 200)
                #expect(answer.result["status"] == .integer(Int64(shown)), "asked \(asked)")
                let now = try await api.client(.get, "/campaigns/\(campaign)")
                #expect(now.result["status"] == .integer(Int64(stored)), "asked \(asked)")
            }
            #expect(api.engine.script.nudged.count == 1 + steps.count)
        }
    }

    @Test(
        "The engine's own steps are respected: stopping a stopped campaign leaves it stopped, starting a started one started"
    )
    func idempotence() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns")
            let uuid = try #require(UUID(wire: campaign))
            let stopped = try await api.client(.put, "/campaigns/\(campaign)", #"{"status":0}"#)
            #expect(stopped.result["status"] == .integer(0))
            #expect(try await api.store.campaigns.find(uuid)?.status == .stop)

            _ = try await api.client(.put, "/campaigns/\(campaign)", #"{"status":1}"#)
            let taken = try await api.store.campaigns.setStatus(uuid, from: [.starting], to: .start)
            #expect(taken?.status == .start)
            let started = try await api.client(.put, "/campaigns/\(campaign)", #"{"status":1}"#)
            #expect(started.result["status"] == .integer(1))
            #expect(try await api.store.campaigns.find(uuid)?.status == .start)
        }
    }

    @Test("An engine's transition and a person's wish at the same moment: never a state neither of them asked for")
    func raceWithEngine() async throws {
        try await APIHarness.run { api in
            for _ in 0..<20 {
                let campaign = try await api.client.create("/campaigns", #"{"status":1}"#)
                let uuid = try #require(UUID(wire: campaign))
                async let taken = api.store.campaigns.setStatus(uuid, from: [.starting], to: .start)
                async let stopped = api.client(.put, "/campaigns/\(campaign)", #"{"status":0}"#)
                _ = try await taken
                #expect(try await stopped.status == 200)
                // Whoever came first, the person's stop is what lasts.
                #expect(try await api.store.campaigns.find(uuid)?.status == .stopping)
            }
        }
    }

    @Test("A campaign may be created started; other fields may change with the status; a bad one changes neither")
    func combined() async throws {
        try await APIHarness.run { api in
            let created = try await api.client(.post, "/campaigns", #"{"status":1,"name":"a"}"#)
            #expect(created.result["status"] == .integer(1))
            let uuid = try #require(UUID(wire: created.uuid))
            #expect(try await api.store.campaigns.find(uuid)?.status == .starting)

            let both = try await api.client(.put, "/campaigns/\(created.uuid)", #"{"status":0,"name":"b"}"#)
            #expect(both.result["name"] == .string("b"))
            #expect(both.result["status"] == .integer(0))

            let bad = try await api.client(
                .put, "/campaigns/\(created.uuid)", #"{"status":1,"plan":"\#(UUID().wire)"}"#)
            #expect(bad.status == 400)
            #expect(try await api.store.campaigns.find(uuid)?.status == .stopping)

            let unknown = try await api.client(.put, "/campaigns/\(created.uuid)", #"{"status":77}"#)
            #expect(unknown.status == 400)
            #expect(unknown.message.hasPrefix("status:"))
        }
    }

    @Test("A stop by a person inside a window of the schedule is noted, and a start forgets it")
    func scheduleHold() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns", #"{"sc_mode":1,"status":1}"#)
            let uuid = try #require(UUID(wire: campaign))
            _ = try await api.client(.put, "/campaigns/\(campaign)", #"{"status":0}"#)
            let held = try await api.store.campaigns.state(uuid)
            #expect(held?.endNote?.reason == .stoppedByPerson)
            #expect(held?.endNote?.window != nil)
            #expect(held?.campaign.status == .stopping)
            _ = try await api.client(.put, "/campaigns/\(campaign)", #"{"status":1}"#)
            #expect(try await api.store.campaigns.state(uuid)?.endNote == nil)
        }
    }

    @Test("Deleting a campaign stops it and tells the engine")
    func deletion() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns", #"{"status":1}"#)
            let deleted = try await api.client(.delete, "/campaigns/\(campaign)")
            #expect(deleted.result["status"] == .integer(0))
            #expect(api.engine.script.nudged.count == 2)
        }
    }
}
