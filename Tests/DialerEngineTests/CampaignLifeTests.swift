import DialerEngine
import DialerModel
import DialerStore
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@Suite("The life of a campaign", .timeLimit(.minutes(10)))
struct CampaignLifeTests {
    @Test("a list is dialed from its first contact to its end, and the campaign stops")
    func wholeList() async throws {
        let pbx = ScriptedPBX { pbx, order in
            pbx.answer(order.dialing)
            pbx.end(order.dialing)
        }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(contacts: 25)
            try await bed.withEngine { _ in
                try await eventually("the campaign stops") { try await bed.status(campaign.uuid) == .stop }
            }
            #expect(pbx.orders.count == 25)
            #expect(Set(pbx.orders.map(\.channel)).count == 25)
            let contacts = try await bed.contacts(#require(campaign.dlma))
            #expect(contacts.allSatisfy { $0.status == .idle && $0.dialResult == 4 && $0.tries[1] == 1 })
            #expect(try await bed.results().count == 25)
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("with dl_end_handle 0 the campaign stays started and dials a contact added later")
    func keepAtListEnd() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(contacts: 2, plan: { $0.listEndHandling = .keep })
            try await bed.withEngine { _ in
                try await eventually("both are dialed") { try await bed.results().count == 2 }
                #expect(try await bed.status(campaign.uuid) == .start)
                try await bed.addContacts(1, numbers: ["777"], to: #require(campaign.dlma))
                try await eventually("the new contact is dialed") { try await bed.results().count == 3 }
                #expect(try await bed.status(campaign.uuid) == .start)
            }
            #expect(pbx.orders.last?.channel == "PJSIP/777@trunk")
        }
    }

    @Test("the campaign that next_campaign names starts at the list's end, and not when a person stops the first")
    func nextCampaign() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let second = try await bed.campaign(contacts: 1, numbers: ["2"], status: .stop)
            let first = try await bed.campaign(contacts: 1, numbers: ["1"], campaign: { $0.nextCampaign = second.uuid })
            let other = try await bed.campaign(contacts: 1, numbers: ["3"], status: .stop)
            let stopped = try await bed.campaign(
                contacts: 1, numbers: ["4"], status: .stopping, campaign: { $0.nextCampaign = other.uuid })
            try await bed.withEngine { _ in
                try await eventually("both campaigns have ended") {
                    let results = try await bed.results().count
                    let (a, b) = (try await bed.status(first.uuid), try await bed.status(second.uuid))
                    return results == 2 && a == .stop && b == .stop
                }
                try await eventually("the stopped one is at rest") { try await bed.status(stopped.uuid) == .stop }
            }
            #expect(pbx.orders.map(\.channel) == ["PJSIP/1@trunk", "PJSIP/2@trunk"])
            #expect(try await bed.status(other.uuid) == .stop)
        }
    }

    @Test(
        "stopping and pausing wait for the last call and place no other",
        arguments: [(CampaignStatus.stopping, CampaignStatus.stop), (.pausing, .pause)]
    )
    func drains(asked: CampaignStatus, reached: CampaignStatus) async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 5, destination: EngineBed.queue("sales"))
            pbx.setQueue(.idle("sales", agents: 2))
            try await bed.withEngine { engine in
                try await eventually("two calls ring") { pbx.orders.count == 2 }
                _ = try await bed.store.campaigns.update(campaign.uuid) { $0.status = asked }
                engine.nudge(campaign: campaign.uuid)
                pbx.busy(pbx.orders[0].dialing)
                try await eventually("one result is written") { try await bed.results().count == 1 }
                #expect(try await bed.status(campaign.uuid) == asked)
                pbx.busy(pbx.orders[1].dialing)
                try await eventually("the campaign is at rest") { try await bed.status(campaign.uuid) == reached }
                #expect(pbx.orders.count == 2)
            }
        }
    }

    @Test("a forced stop hangs up every call, ringing or answered")
    func forcedStop() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 5)
            try await bed.withEngine { engine in
                try await eventually("all ring") { pbx.orders.count == 5 }
                pbx.answer(pbx.orders[0].dialing)
                _ = try await bed.store.campaigns.update(campaign.uuid) { $0.status = .stoppingForcedly }
                engine.nudge(campaign: campaign.uuid)
                try await eventually("the campaign is stopped") { try await bed.status(campaign.uuid) == .stop }
            }
            #expect(Set(pbx.hangUps) == Set(pbx.orders.map(\.dialing)))
            #expect(pbx.liveCalls.isEmpty)
            try await bed.expectOneResultPerClaim()
            #expect(try await bed.results().count == 5)
        }
    }

    @Test("a started campaign without a list, and one whose plan dials nothing, stop", arguments: [false, true])
    func unusable(isModeNone: Bool) async throws {
        try await EngineBed.with { bed in
            let campaign = try await bed.campaign(
                contacts: 1, plan: { if isModeNone { $0.dialMode = .redirect } },
                campaign: { if !isModeNone { $0.dlma = nil } })
            try await bed.withEngine { _ in
                try await eventually("it stops") { try await bed.status(campaign.uuid) == .stop }
            }
            #expect(bed.pbx.orders.isEmpty)
        }
    }

    @Test("a campaign deleted with a call up places no more; its call ends with a result")
    func deletedWithCalls() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 1))
            let campaign = try await bed.campaign(contacts: 3, destination: EngineBed.queue("sales"))
            try await bed.withEngine { engine in
                try await eventually("one rings") { pbx.orders.count == 1 }
                _ = try await bed.store.campaigns.delete(campaign.uuid, force: false)
                engine.nudge(campaign: campaign.uuid)
                try await eventually("the engine let go of it") {
                    await engine.liveStatistics(of: campaign.uuid)?.agents == nil
                }
                pbx.busy(pbx.orders[0].dialing)
                try await eventually("its result is written") { try await bed.results().count == 1 }
                #expect(pbx.orders.count == 1)
            }
        }
    }

    @Test(
        "the numbers of a contact are tried in order, each as often as the plan allows, and an answered contact never again"
    )
    func retriesInOrder() async throws {
        let pbx = ScriptedPBX { pbx, order in
            if order.channel == "PJSIP/203@trunk" {
                pbx.answer(order.dialing)
                pbx.end(order.dialing)
            } else {
                pbx.ringOut(order.dialing)
            }
        }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(
                contacts: 1, numbers: ["201", "202", "203", "204"],
                plan: {
                    $0.maxTries = NumberSlots(repeating: 1)
                    $0.maxTries[1] = 2
                    $0.maxTries[2] = 0
                    $0.maxTries[3] = 3
                })
            try await bed.withEngine { _ in
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            #expect(pbx.orders.map(\.channel) == ["PJSIP/201@trunk", "PJSIP/201@trunk", "PJSIP/203@trunk"])
        }
    }

    @Test("a contact is dialed again after retry_delay, and not before", .timeLimit(.minutes(10)))
    func retryDelay() async throws {
        let clock = ManualClock()
        let pbx = ScriptedPBX { pbx, order in pbx.ringOut(order.dialing) }
        try await EngineBed.with([pbx], clock: clock) { bed in
            _ = try await bed.campaign(
                contacts: 1,
                plan: {
                    $0.maxTries = NumberSlots(repeating: 3)
                    $0.retryDelay = 60
                })
            try await bed.withEngine { _ in
                try await eventually("the first try has its result") { try await bed.results().count == 1 }
                clock.advance(by: .seconds(59))
                try await eventually("the engine has looked again") { try await bed.store.dialings.open().isEmpty }
                #expect(pbx.orders.count == 1)
                clock.advance(by: .seconds(2))
                try await eventually("the second try") {
                    // Leases that were over, and a list that was dry, cost some milliseconds.
                    clock.advance(by: .milliseconds(1))
                    return pbx.orders.count == 2
                }
            }
        }
    }

    @Test("a schedule starts and stops a campaign at the edges of its window")
    func schedule() async throws {
        // 2026-05-28T20:26:40Z
        let clock = ManualClock(start: Timestamp(microseconds: 1_780_000_000_000_000))
        try await EngineBed.with(clock: clock) { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 1))
            let campaign = try await bed.campaign(
                contacts: 10, status: .stop, destination: EngineBed.queue("sales"),
                campaign: {
                    $0.schedule.isOn = true
                    $0.schedule.timeStart = "20:30:00"
                    $0.schedule.timeEnd = "20:59:59"
                })
            try await bed.withEngine { _ in
                clock.advance(by: .seconds(199))
                try await eventually("nothing starts a second early") { try await bed.status(campaign.uuid) == .stop }
                #expect(pbx.orders.isEmpty)
                clock.advance(by: .seconds(1))
                try await eventually("the window opens") { pbx.orders.count == 1 }
                #expect(try await bed.status(campaign.uuid) == .start)
                clock.advance(by: .seconds(1800))
                pbx.busy(pbx.orders[0].dialing)
                try await eventually("the window closes") { try await bed.status(campaign.uuid) == .stop }
                #expect(pbx.orders.count == 1)
                clock.advance(by: .seconds(86_400 - 1800))
                try await eventually("the next day's window opens") { pbx.orders.count == 2 }
            }
        }
    }

    @Test("a person's stop inside the window holds until the next window")
    func stoppedInsideWindow() async throws {
        let clock = ManualClock(start: Timestamp(microseconds: 1_780_000_000_000_000))
        try await EngineBed.with(clock: clock) { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 1))
            let campaign = try await bed.campaign(
                contacts: 10, status: .stop, destination: EngineBed.queue("sales"),
                campaign: {
                    $0.schedule.isOn = true
                    $0.schedule.timeStart = "20:00:00"
                    $0.schedule.timeEnd = "20:59:59"
                })
            try await bed.withEngine { engine in
                try await eventually("it starts by itself") { pbx.orders.count == 1 }
                _ = try await bed.store.campaigns.update(campaign.uuid) { $0.status = .stopping }
                engine.nudge(campaign: campaign.uuid)
                pbx.busy(pbx.orders[0].dialing)
                try await eventually("it stops") { try await bed.status(campaign.uuid) == .stop }
                clock.advance(by: .seconds(60))
                try await eventually("it was looked at since") { try await bed.store.dialings.open().isEmpty }
                #expect(try await bed.status(campaign.uuid) == .stop)
                #expect(pbx.orders.count == 1)
                clock.advance(by: .seconds(86_400))
                try await eventually("the next window starts it") { pbx.orders.count == 2 }
            }
        }
    }
}
