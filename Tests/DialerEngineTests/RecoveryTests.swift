import DialerEngine
import DialerModel
import DialerStore
import NIOConcurrencyHelpers
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@Suite("Restarts, faults and shutdown", .timeLimit(.minutes(10)))
struct RecoveryTests {
    @Test("a restarted engine adopts the calls that live, ends the others with status 10, and goes on with the list")
    func adoption() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 4, destination: EngineBed.queue("sales"))
            pbx.setQueue(.idle("sales", agents: 3))
            try await self.killedEngine(bed) { try await eventually("three ring") { pbx.orders.count == 3 } }
            let calls = pbx.orders.map(\.dialing)
            pbx.endUnseen(calls[0])
            #expect(try await bed.store.dialings.open().count == 3)
            try await bed.withEngine { engine in
                try await eventually("the dead one has its result") {
                    try await bed.results().map(\.dialing) == [calls[0]]
                }
                #expect(await engine.liveState(of: calls[1]) != nil)
                try await eventually("the fourth contact is dialed by the free agent") { pbx.orders.count == 4 }
                pbx.answer(calls[1], queue: "sales")
                let agent = try #require(pbx.connect(calls[1], queue: "sales"))
                pbx.complete(calls[1], agent: agent, queue: "sales")
                pbx.busy(calls[2])
                pbx.busy(pbx.orders[3].dialing)
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            try await bed.expectOneResultPerClaim()
            #expect(bed.lines().count == 4)
            #expect(
                bed.lines().contains { $0.contains(calls[0].uuidString.lowercased()) && $0.contains(#""status":10"#) })
            #expect(
                bed.lines().contains { $0.contains(calls[1].uuidString.lowercased()) && $0.contains(#""res_dial":4"#) }
            )
        }
    }

    @Test("who answered before a crash and hung up before the next start counts as answered, and is not called again")
    func answeredBeforeTheCrash() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 1, plan: { $0.maxTries = NumberSlots(repeating: 5) })
            try await self.killedEngine(bed) {
                try await eventually("it rings") { pbx.orders.count == 1 }
                pbx.answer(pbx.orders[0].dialing)
                try await eventually("the answer is noted") {
                    try await bed.store.dialings.open().first?.answeredAt != nil
                }
            }
            pbx.endUnseen(pbx.orders[0].dialing)
            try await bed.withEngine { _ in
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            #expect(pbx.orders.count == 1)
            #expect(bed.lines().count == 1)
            #expect(bed.lines().allSatisfy { $0.contains(#""res_dial":4"#) && $0.contains(#""status":10"#) })
        }
    }

    @Test("dialings of a PBX that is not configured any more end with words that say so")
    func unknownPBX() async throws {
        try await EngineBed.with { bed in
            _ = try await bed.campaign(contacts: 1)
            try await self.killedEngine(bed) { try await eventually("it rings") { bed.pbx.orders.count == 1 } }
            let other = ScriptedPBX(name: "other")
            let engine = bed.engine(drivers: [ScriptedTelephony(other)])
            let running = Task { try await engine.run() }
            try await eventually("its result") { bed.lines().count == 1 }
            engine.stop()
            try await running.value
            #expect(bed.lines()[0].contains("pbx1 is not configured"))
        }
    }

    @Test("a shutdown leaves calls at the PBX, writes what has ended, and takes under five seconds")
    func shutdown() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            _ = try await bed.campaign(contacts: 50)
            let start = ContinuousClock.now
            try await bed.withEngine { _ in
                try await eventually("all ring") { pbx.orders.count == 50 }
                for order in pbx.orders.prefix(20) { pbx.busy(order.dialing) }
                try await eventually("they are seen") { try await bed.results().count >= 1 }
            }
            #expect(ContinuousClock.now - start < .seconds(15))
            #expect(pbx.liveCalls.count == 30)
            #expect(pbx.hangUps.isEmpty)
            let open = try await bed.store.dialings.open().count
            #expect(try await bed.results().count + open == 50)
            #expect(bed.lines().count == (try await bed.results().count))
        }
    }

    @Test("while the database takes no results they are kept, placing stops at the bound, and none is lost or doubled")
    func databaseLost() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            var bed = bed
            bed.configuration.unwrittenLimit = 30
            let campaign = try await bed.campaign(contacts: 100, plan: { $0.dialMode = .robo })
            let store = FaultyStore(bed.store)
            store.disturb { $0 == .finish ? .notReached : .none }
            try await bed.withEngine(store: store) { engine in
                try await eventually("the bound is reached") { pbx.orders.count == 30 }
                try await eventually("several writes were tried") { store.count(.finish) > 5 }
                #expect(pbx.orders.count == 30)
                #expect(await engine.health().contains { $0.component == "postgresql" && !$0.isHealthy })
                store.disturb { _ in .none }
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            #expect(pbx.orders.count == 100)
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("a claim whose answer was lost is never dialed, and ends as 11")
    func lostClaim() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(contacts: 10, plan: { $0.dialMode = .robo })
            let store = FaultyStore(bed.store)
            let isFirst = NIOLockedValueBox(true)
            store.disturb { operation in
                guard operation == .claim else { return .none }
                return isFirst.withLockedValue { first in
                    defer { first = false }
                    return first ? .answerLost : .none
                }
            }
            try await bed.withEngine(store: store) { _ in
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            try await bed.expectOneResultPerClaim()
            #expect(bed.lines().count == 10)
            let lost = bed.lines().filter { $0.contains(#""status":11"#) && $0.contains("claim") }
            #expect(lost.count == 10 - pbx.orders.count)
            #expect(!lost.isEmpty)
        }
    }

    @Test("a call the PBX took though its answer was lost is followed to its end")
    func unansweredOriginate() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            pbx.refuse { _ in .noAnswer }
            let campaign = try await bed.campaign(contacts: 1)
            try await bed.withEngine { _ in
                try await eventually("the PBX has it") { pbx.orders.count == 1 }
                pbx.answer(pbx.orders[0].dialing)
                pbx.end(pbx.orders[0].dialing)
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            #expect(bed.lines().count == 1)
            #expect(bed.lines()[0].contains(#""res_dial":4"#))
        }
    }

    /// Whatever happens, in whatever order, and however often the engine dies: each claim ends in one row and one line, and no try is
    /// sent to the PBX twice.
    @Test(
        "every claim ends in exactly one row and one line, over random events, faults and kills",
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func nothingLostNothingDoubled(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let pbx = ScriptedPBX(limits: LineLimits(maxCalls: 40, maxCallsPerSecond: 100_000))
        let chance = NIOLockedValueBox(SeededGenerator(seed: seed &* 77))
        pbx.react { pbx, order in
            switch chance.withLockedValue({ Int.random(in: 0..<8, using: &$0) }) {
            case 0: pbx.answer(order.dialing)
            case 1: pbx.ringOut(order.dialing)
            case 2: pbx.tell(.originateQueued, of: order.dialing)
            case 3: pbx.tell(.originateRefused(message: "no"), of: order.dialing)
            case 4:
                pbx.answer(order.dialing)
                pbx.end(order.dialing)
            default: pbx.busy(order.dialing)
            }
        }
        try await EngineBed.with([pbx]) { bed in
            let first = try await bed.campaign(
                contacts: 60,
                plan: {
                    $0.maxTries = NumberSlots(repeating: 2)
                    $0.dialMode = .robo
                })
            let second = try await bed.campaign(contacts: 40)
            var isDone = false
            for _ in 0..<200 where !isDone {
                let driver = ScriptedTelephony(pbx)
                let store = FaultyStore(bed.store)
                let faults = NIOLockedValueBox(random)
                let isCalm = Int.random(in: 0..<3, using: &random) == 0
                store.disturb { _ in
                    guard !isCalm else { return .none }
                    return faults.withLockedValue { generator in
                        switch Int.random(in: 0..<20, using: &generator) {
                        case 0: .notReached
                        case 1: .answerLost
                        default: .none
                        }
                    }
                }
                let engine = bed.engine(store: store, drivers: [driver])
                let running = Task { try await engine.run() }
                let steps = Int.random(in: 5..<60, using: &random)
                for _ in 0..<steps {
                    switch Int.random(in: 0..<12, using: &random) {
                    case 0: pbx.lose()
                    case 1, 2: pbx.comeBack()
                    case 3: if let call = pbx.liveCalls.randomElement(using: &random) { pbx.endUnseen(call.dialing) }
                    case 4, 5, 6, 7:
                        for call in pbx.liveCalls.shuffled(using: &random).prefix(10) { pbx.end(call.dialing) }
                    case 8: if let call = pbx.liveCalls.randomElement(using: &random) { pbx.busy(call.dialing) }
                    default: break
                    }
                    _ = try await bed.store.ping()
                }
                pbx.comeBack()
                // Dead in the middle of whatever it does.
                store.kill()
                driver.cut()
                running.cancel()
                try await running.value
                let a = try await bed.status(first.uuid)
                let b = try await bed.status(second.uuid)
                isDone = a == .stop && b == .stop
            }
            for call in pbx.liveCalls { pbx.end(call.dialing) }
            pbx.react { pbx, order in pbx.busy(order.dialing) }
            try await bed.withEngine { _ in
                try await eventually("both lists end", within: .seconds(60)) {
                    for call in pbx.liveCalls { pbx.end(call.dialing) }
                    let a = try await bed.status(first.uuid)
                    let b = try await bed.status(second.uuid)
                    return a == .stop && b == .stop
                }
            }
            try await bed.expectOneResultPerClaim()
            #expect(Set(pbx.orders.map(\.dialing)).count == pbx.orders.count, "a dialing was sent twice")
            var tries = 0
            for list in [first.dlma, second.dlma] {
                let contacts = try await bed.contacts(#require(list))
                tries += contacts.reduce(0) { $0 + $1.tries[1] }
                #expect(contacts.allSatisfy { $0.status == .idle && $0.dialing == nil })
            }
            #expect(try await bed.results().count == tries)
            #expect(pbx.orders.count <= tries)
        }
    }

    /// Runs an engine and kills it as `kill -9` would.
    private func killedEngine(_ bed: EngineBed, until body: () async throws -> Void) async throws {
        let driver = ScriptedTelephony(bed.pbx)
        let store = FaultyStore(bed.store)
        let engine = bed.engine(store: store, drivers: [driver])
        let running = Task { try await engine.run() }
        try await body()
        store.kill()
        driver.cut()
        running.cancel()
        try await running.value
    }
}
