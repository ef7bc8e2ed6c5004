import DialerEngine
import DialerModel
import DialerStore
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@Suite("Pacing in the engine", .timeLimit(.minutes(10)))
struct PacingInEngineTests {
    @Test("as many calls ring as agents are idle; a freed agent leads to the next call while time stands still")
    func freedAgent() async throws {
        let clock = ManualClock()
        try await EngineBed.with(clock: clock) { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 2))
            _ = try await bed.campaign(contacts: 10, destination: EngineBed.queue("sales,t,,,30"))
            try await bed.withEngine { _ in
                try await eventually("two calls") { pbx.orders.count == 2 }
                let (first, second) = (pbx.orders[0].dialing, pbx.orders[1].dialing)
                pbx.answer(first, queue: "sales")
                let agent = try #require(pbx.connect(first, queue: "sales"))
                pbx.answer(second, queue: "sales")
                pbx.connect(second, queue: "sales")
                // Both agents talk: nobody is called.
                try await eventually("both calls are seen") { try await bed.store.dialings.open().count == 2 }
                #expect(pbx.orders.count == 2)
                pbx.complete(first, agent: agent, queue: "sales")
                try await eventually("the freed agent's call") { pbx.orders.count == 3 }
            }
            #expect(pbx.orders.count == 3)
        }
    }

    @Test(
        "a queue the PBX does not know has no agents; the application's name is compared without case, the queue's with"
    )
    func unknownQueue() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 3))
            let unknown = try await bed.campaign(contacts: 5, destination: EngineBed.queue("Sales"))
            let known = try await bed.campaign(contacts: 5, destination: EngineBed.queue("sales", application: "qUeUe"))
            try await bed.withEngine { _ in
                try await eventually("the known queue's calls") { pbx.orders.count == 3 }
                try await eventually("both are started") {
                    let a = try await bed.status(unknown.uuid)
                    let b = try await bed.status(known.uuid)
                    return a == .start && b == .start
                }
                let open = try await bed.store.dialings.open()
                #expect(open.count == 3)
                #expect(open.allSatisfy { $0.campaign == known.uuid })
            }
        }
    }

    @Test("service_level calls go out above the idle agents; a power plan places its ratio")
    func allowanceAndRatio() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("a", agents: 2))
            pbx.setQueue(.idle("b", agents: 2))
            let first = try await bed.campaign(
                contacts: 20, destination: EngineBed.queue("a"),
                plan: {
                    $0.pacing = .jade
                    $0.serviceLevel = 3
                })
            let second = try await bed.campaign(
                contacts: 20, destination: EngineBed.queue("b"),
                plan: {
                    $0.dialMode = .power
                    $0.pacingRatio = 2.5
                })
            try await bed.withEngine { engine in
                try await eventually("five of each") {
                    let a = await engine.liveStatistics(of: first.uuid)
                    let b = await engine.liveStatistics(of: second.uuid)
                    return a?.ringing == 5 && b?.ringing == 5
                }
                let statistics = try #require(await engine.liveStatistics(of: first.uuid))
                #expect(statistics.agents == 2)
                #expect(statistics.agentsIdle == 2)
                try await eventually("all are placed") { pbx.orders.count >= 10 }
                #expect(pbx.orders.count == 10)
            }
        }
    }

    @Test("another pacing for the plan of a running campaign is in force at once")
    func pacingChanged() async throws {
        try await EngineBed.with { bed in
            bed.pbx.setQueue(.idle("sales", agents: 2))
            let campaign = try await bed.campaign(
                contacts: 50, destination: EngineBed.queue("sales"), plan: { $0.pacing = .progressive })
            let plan = try #require(campaign.plan)
            try await bed.withEngine { engine in
                func ringing() async -> Int? { await engine.liveStatistics(of: campaign.uuid)?.ringing }
                try await eventually("one call for each agent") { await ringing() == 2 }
                _ = try await bed.store.plans.update(plan) {
                    $0.pacing = .jade
                    $0.serviceLevel = 3
                }
                try await eventually("three above the agents") { await ringing() == 5 }
                _ = try await bed.store.plans.update(plan) {
                    $0.pacing = .ratio
                    $0.pacingRatio = 4
                    $0.serviceLevel = 0
                }
                try await eventually("four for each agent") { await ringing() == 8 }
                try await eventually("all are placed") { bed.pbx.orders.count >= 8 }
                #expect(bed.pbx.orders.count == 8)
            }
        }
    }

    @Test("two campaigns on one queue never ring for more agents than there are, and both get their turn")
    func sharedQueue() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 3))
            let first = try await bed.campaign(contacts: 40, destination: EngineBed.queue("sales"))
            let second = try await bed.campaign(contacts: 40, destination: EngineBed.queue("sales"))
            try await bed.withEngine { _ in
                var ended = 0
                while ended < 40 {
                    try await eventually("three ring") { pbx.liveCalls.count == 3 }
                    #expect(pbx.mostLive == 3)
                    let call = try #require(pbx.liveCalls.randomElement())
                    pbx.busy(call.dialing)
                    ended += 1
                }
                try await eventually("the results are written") { try await bed.results().count >= 40 }
            }
            let rows = try await bed.results()
            let lines = rows.map { String(decoding: $0.line, as: UTF8.self).lowercased() }
            let ofFirst = lines.count { $0.contains(first.uuid.uuidString.lowercased()) }
            let ofSecond = lines.count { $0.contains(second.uuid.uuidString.lowercased()) }
            #expect(ofFirst >= 15)
            #expect(ofSecond >= 15)
            #expect(pbx.mostLive == 3)
        }
    }

    @Test("several campaigns share a PBX's lines: never more calls than it may carry, and none starves")
    func sharedLines() async throws {
        let pbx = ScriptedPBX(limits: LineLimits(maxCalls: 4, maxCallsPerSecond: 100_000))
        try await EngineBed.with([pbx]) { bed in
            var campaigns: [Campaign] = []
            for _ in 0..<3 { campaigns.append(try await bed.campaign(contacts: 40, plan: { $0.dialMode = .robo })) }
            try await bed.withEngine { _ in
                for _ in 0..<60 {
                    try await eventually("the lines are full") { pbx.liveCalls.count == 4 }
                    pbx.busy(try #require(pbx.liveCalls.randomElement()).dialing)
                }
                try await eventually("the results are written") { try await bed.results().count >= 60 }
            }
            #expect(pbx.mostLive == 4)
            let lines = try await bed.results().map { String(decoding: $0.line, as: UTF8.self).lowercased() }
            for campaign in campaigns {
                #expect(lines.count { $0.contains(campaign.uuid.uuidString.lowercased()) } >= 12)
            }
        }
    }

    @Test("no more calls a second than the PBX may be given")
    func rate() async throws {
        let clock = ManualClock()
        let pbx = ScriptedPBX(limits: LineLimits(maxCalls: 1000, maxCallsPerSecond: 20))
        try await EngineBed.with([pbx], clock: clock) { bed in
            _ = try await bed.campaign(contacts: 100, plan: { $0.dialMode = .robo })
            try await bed.withEngine { _ in
                try await eventually("the first burst") { pbx.orders.count == 5 }
                for second in 1...3 {
                    for _ in 0..<100 {
                        clock.advance(by: .milliseconds(10))
                        for _ in 0..<20 { await Task.yield() }
                    }
                    #expect(pbx.orders.count <= 5 + 20 * second)
                }
                clock.advance(by: .seconds(1))
                try await eventually("calls go on") { pbx.orders.count > 5 }
            }
        }
    }

    @Test("calls go to the PBX with free lines; a queue's calls go to the PBX that has the queue")
    func severalPBXs() async throws {
        let small = ScriptedPBX(name: "small", limits: LineLimits(maxCalls: 2, maxCallsPerSecond: 100_000))
        let large = ScriptedPBX(name: "large", limits: LineLimits(maxCalls: 6, maxCallsPerSecond: 100_000))
        try await EngineBed.with([small, large]) { bed in
            _ = try await bed.campaign(contacts: 20, plan: { $0.dialMode = .robo })
            try await bed.withEngine { _ in
                try await eventually("all lines are used") { small.liveCalls.count == 2 && large.liveCalls.count == 6 }
                small.lose()
                large.busy(try #require(large.liveCalls.first).dialing)
                try await eventually("the free line is used") { large.orders.count == 7 }
                #expect(small.orders.count == 2)
            }
        }
    }

    @Test("while the PBX is away nothing is claimed; once it is back dialing goes on and unseen ends get their result")
    func pbxLost() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 3))
            _ = try await bed.campaign(contacts: 20, destination: EngineBed.queue("sales"))
            bed.pbx.react(nil)
            try await bed.withEngine { engine in
                try await eventually("three ring") { pbx.orders.count == 3 }
                // Old enough that the PBX's word on them counts at once.
                let before = pbx.orders.map(\.dialing)
                pbx.lose()
                try await eventually("the engine knows") {
                    await engine.health().contains { $0.component == "asterisk:pbx1" && !$0.isHealthy }
                }
                pbx.endUnseen(before[0])
                #expect(pbx.orders.count == 3)
                pbx.comeBack()
                try await eventually("the unseen end has its result", within: .seconds(30)) {
                    try await bed.results().contains { $0.dialing == before[0] }
                }
                try await eventually("its agent is called for again") { pbx.orders.count == 4 }
                let row = try #require(try await bed.results().first)
                #expect(String(decoding: row.line, as: UTF8.self).contains(#""status":10"#))
            }
        }
    }

    @Test("a refused order ends as 12, one that cannot be sent as 11, each with words, and the agent is free again")
    func refusals() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 1))
            pbx.refuse { order in
                order.channel.contains("/10@")
                    ? .refused("Extension does not exist.") : .invalidOrder(field: "channel", reason: "CR")
            }
            let campaign = try await bed.campaign(contacts: 2, destination: EngineBed.queue("sales"))
            try await bed.withEngine { _ in
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            let lines = bed.lines()
            #expect(lines.count == 2)
            #expect(lines.contains { $0.contains(#""status":12"#) && $0.contains("Extension does not exist.") })
            #expect(lines.contains { $0.contains(#""status":11"#) && $0.contains("channel") })
            #expect(pbx.orders.isEmpty)
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("a preview campaign takes no agents from another campaign on its queue")
    func previewTakesNoShare() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.setQueue(.idle("sales", agents: 1))
            let preview = try await bed.campaign(
                contacts: 2, destination: EngineBed.queue("sales"), plan: { $0.dialMode = .preview })
            try await bed.withEngine { engine in
                try await eventually("the preview campaign runs") {
                    await engine.liveStatistics(of: preview.uuid) != nil
                }
                _ = try await bed.campaign(contacts: 2, destination: EngineBed.queue("sales"))
                try await eventually("the one agent is used") { pbx.orders.count == 1 }
            }
        }
    }

    @Test("a preview campaign dials nobody by itself: a contact is reserved, dialed or given back by hand")
    func preview() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 2, plan: { $0.dialMode = .preview })
            try await bed.withEngine { engine in
                try await eventually("it is started") {
                    (try? await engine.reserve(campaign: campaign.uuid, for: nil)) != nil
                }
                let second = try #require(try await engine.reserve(campaign: campaign.uuid, for: "agent-7"))
                #expect(second.status == .reserved)
                #expect(second.reservedTarget == "agent-7")
                #expect(try await engine.reserve(campaign: campaign.uuid, for: nil) == nil)
                #expect(pbx.orders.isEmpty)
                let dialing = try await engine.dialReserved(campaign: campaign.uuid, entry: second.uuid)
                try await eventually("it is dialed") { pbx.orders.map(\.dialing) == [dialing.uuid] }
                await #expect(throws: EngineError.self) {
                    try await engine.dialReserved(campaign: campaign.uuid, entry: second.uuid)
                }
                let list = try #require(campaign.dlma)
                let reserved = try await bed.contacts(list).first { $0.status == .reserved }
                let first = try #require(reserved)
                try await engine.releaseReserved(campaign: campaign.uuid, entry: first.uuid)
                #expect(try await bed.contacts(list).contains { $0.status == .idle })
                pbx.busy(dialing.uuid)
                try await eventually("the result") { try await bed.results().count == 1 }
            }
        }
    }

    @Test("one call is hung up on request, while ringing too; an unknown one is not found")
    func hangUp() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            _ = try await bed.campaign(contacts: 1)
            try await bed.withEngine { engine in
                try await eventually("it rings") { pbx.orders.count == 1 }
                let dialing = pbx.orders[0].dialing
                pbx.tell(.originateQueued, of: dialing)
                try await eventually("its state is seen") {
                    await engine.liveState(of: dialing)?.status == .originateQueued
                }
                try await engine.hangUp(dialing: dialing)
                try await eventually("its result") { try await bed.results().map(\.dialing) == [dialing] }
                await #expect(throws: EngineError.self) { try await engine.hangUp(dialing: dialing) }
                #expect(await engine.liveState(of: dialing) == nil)
            }
        }
    }
}
