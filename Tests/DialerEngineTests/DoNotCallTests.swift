import DialerEngine
import DialerModel
import DialerStore
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@Suite("Numbers on the do-not-call list", .timeLimit(.minutes(5)))
struct DoNotCallTests {
    private func add(_ number: String, to bed: EngineBed, expiresAt: Timestamp? = nil) async throws {
        _ = try await bed.store.doNotCall.add(number, reason: nil, expiresAt: expiresAt, now: bed.clock.now())
    }

    private func statuses(_ bed: EngineBed) throws -> [JSONValue?] {
        try bed.lines().map { try JSONValue.parse($0.utf8)["status"] }
    }

    @Test("what is listed is not dialed, the rest is; each has one line, and the campaign ends")
    func someListed() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(contacts: 30)
            for place in stride(from: 0, to: 30, by: 3) { try await self.add("1\(place)", to: bed) }
            try await bed.withEngine { _ in
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            #expect(pbx.orders.count == 20)
            let listed = Set(stride(from: 0, to: 30, by: 3).map { "PJSIP/1\($0)@trunk" })
            #expect(pbx.orders.allSatisfy { !listed.contains($0.channel) })
            try await bed.expectOneResultPerClaim()
            #expect(try self.statuses(bed).count { $0 == .integer(20) } == 10)
            #expect(bed.lines().count == 30)
            let counters = try await bed.store.results.counters(campaign: campaign.uuid)
            #expect(counters.blocked == 10)
            #expect(counters.dialed == 20)
            #expect(counters.busy == 20)
        }
    }

    @Test(
        "a list whose contacts are all listed ends as any other, by the plan's dl_end_handle",
        arguments: [ListEndHandling.stop, .keep])
    func allListed(handling: ListEndHandling) async throws {
        try await EngineBed.with { bed in
            let campaign = try await bed.campaign(
                contacts: 12, destination: EngineBed.queue("sales"), plan: { $0.listEndHandling = handling })
            bed.pbx.setQueue(.idle("sales", agents: 1))
            for place in 0..<12 { try await self.add("1\(place)", to: bed) }
            try await bed.withEngine { _ in
                try await eventually("all are met", within: .seconds(60)) { try await bed.results().count == 12 }
                try await eventually("their lines are written", within: .seconds(60)) { bed.lines().count == 12 }
                switch handling {
                case .stop:
                    try await eventually("the campaign stops", within: .seconds(60)) {
                        try await bed.status(campaign.uuid) == .stop
                    }
                case .keep:
                    // It goes on with whoever comes.
                    try await bed.addContacts(1, numbers: ["777"], to: #require(campaign.dlma))
                    try await eventually("the new contact is dialed", within: .seconds(60)) {
                        bed.pbx.orders.count == 1
                    }
                    #expect(try await bed.status(campaign.uuid) == .start)
                    bed.pbx.busy(bed.pbx.orders[0].dialing)
                    try await eventually("its result is written", within: .seconds(60)) {
                        try await bed.results().count == 13
                    }
                }
            }
            #expect(bed.pbx.orders.map(\.channel) == (handling == .stop ? [] : ["PJSIP/777@trunk"]))
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("one free agent has a call although the list begins with hundreds of listed numbers")
    func manyListedFirst() async throws {
        try await EngineBed.with { bed in
            let dlma = try await bed.store.dlmas.create(DialListMaster(uuid: UUID())).uuid
            for place in 0..<300 {
                var entry = DialListEntry(uuid: UUID(), dlma: dlma)
                entry.numbers[1] = "9\(place)"
                _ = try await bed.store.dls.create(entry)
                try await self.add("9\(place)", to: bed)
            }
            try await bed.addContacts(1, numbers: ["777"], to: dlma)
            let campaign = try await bed.campaign(destination: EngineBed.queue("sales"), dlma: dlma)
            bed.pbx.setQueue(.idle("sales", agents: 1))
            try await bed.withEngine { _ in
                try await eventually("the free number is dialed", within: .seconds(60)) { bed.pbx.orders.count == 1 }
                bed.pbx.busy(bed.pbx.orders[0].dialing)
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            #expect(bed.pbx.orders.map(\.channel) == ["PJSIP/777@trunk"])
            #expect(try await bed.results().count == 301)
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("a running campaign does not try a number again that was added after its first call")
    func addedWhileRunning() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(
                contacts: 1, numbers: ["100"], plan: { $0.maxTries = NumberSlots(repeating: 1_000) })
            try await bed.withEngine { _ in
                try await eventually("it is dialed", within: .seconds(60)) { !pbx.orders.isEmpty }
                try await self.add("100", to: bed)
                let dialings = Set(try await bed.store.dialings.open().map(\.uuid))
                    .union(try await bed.results().map(\.dialing))
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
                // Whatever was dialed was claimed before the number was added.
                #expect(pbx.orders.allSatisfy { dialings.contains($0.dialing) })
            }
            try await bed.expectOneResultPerClaim()
            #expect(try self.statuses(bed).count { $0 == .integer(20) } == 1)
        }
    }

    @Test("a number whose time on the list is over is dialed again without being asked to")
    func expiry() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(
                contacts: 1, numbers: ["100"], plan: { $0.listEndHandling = .keep })
            try await self.add("100", to: bed, expiresAt: bed.clock.now() + .seconds(86_400))
            try await bed.withEngine { _ in
                try await eventually("it is met", within: .seconds(60)) { try await bed.results().count == 1 }
                #expect(pbx.orders.isEmpty)
                try await self.add("100", to: bed, expiresAt: bed.clock.now() + .milliseconds(1))
                try await eventually("it is dialed", within: .seconds(60)) { pbx.orders.count == 1 }
                try await eventually("its result is written", within: .seconds(60)) {
                    try await bed.results().count == 2
                }
            }
            #expect(try await bed.store.doNotCall.find("100") == nil)
            #expect(try await bed.status(campaign.uuid) == .start)
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("an agent's preview passes listed numbers over, and dials none that was added meanwhile")
    func preview() async throws {
        try await EngineBed.with { bed in
            let campaign = try await bed.campaign(contacts: 3, plan: { $0.dialMode = .preview })
            try await self.add("10", to: bed)
            try await bed.withEngine { engine in
                var reserved: DialListEntry?
                try await eventually("a contact is reserved", within: .seconds(60)) {
                    reserved = try? await engine.reserve(campaign: campaign.uuid, for: "agent-7")
                    return reserved != nil
                }
                let entry = try #require(reserved)
                #expect(entry.numbers[1] == "11")
                try await self.add("11", to: bed)
                await #expect(throws: EngineError.self) {
                    try await engine.dialReserved(campaign: campaign.uuid, entry: entry.uuid)
                }
                #expect(bed.pbx.orders.isEmpty)
                try await eventually("both have their lines", within: .seconds(60)) { bed.lines().count == 2 }
                #expect(try self.statuses(bed) == [.integer(20), .integer(20)])
            }
        }
    }
}
