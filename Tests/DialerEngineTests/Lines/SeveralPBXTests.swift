import DialerEngine
import DialerModel
import DialerStore
import Pacing
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@Suite("Several PBXs and trunks", .timeLimit(.minutes(10)))
struct SeveralPBXTests {
    private func pbx(_ name: String, weight: Int = 1, reaction: ScriptedPBX.Reaction? = nil) -> ScriptedPBX {
        ScriptedPBX(
            name: name, limits: LineLimits(maxCalls: 1000, maxCallsPerSecond: 100_000, weight: weight),
            reaction: reaction)
    }

    private func config(_ bed: EngineBed, _ change: (inout EngineConfiguration) -> Void) -> EngineBed {
        var bed = bed
        change(&bed.configuration)
        return bed
    }

    @Test("a list is shared by weight, to the call")
    func weights() async throws {
        let (large, small) = (self.pbx("large", weight: 3), self.pbx("small"))
        try await EngineBed.with([large, small]) { bed in
            // Claims of one look run side by side: at a list's end who is first gets what is left.
            let bed = self.config(bed) { $0.claimBatch = 4 }
            _ = try await bed.campaign(contacts: 40, plan: { $0.dialMode = .robo })
            try await bed.withEngine { _ in
                try await eventually("all are dialed") { large.orders.count + small.orders.count == 40 }
                #expect(large.orders.count == 30)
                #expect(small.orders.count == 10)
            }
        }
    }

    @Test("a pinned trunk goes by its PBX alone, and a trunk's ceiling holds over all PBXs and campaigns")
    func trunks() async throws {
        let (one, two) = (self.pbx("one"), self.pbx("two"))
        try await EngineBed.with([one, two]) { bed in
            let bed = self.config(bed) {
                $0.trunks = [TrunkLimits(name: "gsm", pbx: "two"), TrunkLimits(name: "sip", maxCalls: 5)]
            }
            _ = try await bed.campaign(contacts: 12, plan: { ($0.dialMode, $0.trunkName) = (.robo, "gsm") })
            for _ in 0..<2 {
                _ = try await bed.campaign(contacts: 8, plan: { ($0.dialMode, $0.trunkName) = (.robo, "sip") })
            }
            try await bed.withEngine { _ in
                func orders(_ trunk: String, _ pbx: ScriptedPBX) -> [DialOrder] {
                    pbx.orders.filter { $0.channel.hasSuffix("@\(trunk)") }
                }
                func live(_ trunk: String) -> Int {
                    [one, two].reduce(0) { sum, pbx in
                        let dialings = Set(orders(trunk, pbx).map(\.dialing))
                        return sum + pbx.liveCalls.count { dialings.contains($0.dialing) }
                    }
                }
                try await eventually("the pinned trunk's calls are out") { orders("gsm", two).count == 12 }
                try await eventually("the ceiling is reached") { live("sip") == 5 }
                var most = 0
                for _ in 0..<16 {
                    let all = orders("sip", one) + orders("sip", two)
                    most = max(most, live("sip"))
                    guard
                        let next = all.first(where: { order in
                            [one, two].contains { $0.liveCalls.contains { $0.dialing == order.dialing } }
                        })
                    else { break }
                    let count = all.count
                    (one.orders.contains { $0.dialing == next.dialing } ? one : two).busy(next.dialing)
                    if count < 16 {
                        try await eventually("the next call takes its place") {
                            orders("sip", one).count + orders("sip", two).count > count
                        }
                    }
                    most = max(most, live("sip"))
                }
                #expect(most == 5)
                #expect(orders("gsm", one).isEmpty)
                try await eventually("all are written") { try await bed.results().count == 16 }
            }
        }
    }

    @Test("a PBX that answers congestion is drained, the other goes on, and it is put back once a call gets through")
    func congestion() async throws {
        let bad = self.pbx("bad") { pbx, order in pbx.congest(order.dialing) }
        let good = self.pbx("good") { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([bad, good]) { bed in
            let bed = self.config(bed) {
                $0.lineHealth = LineHealth.Rules(
                    row: 4, firstPause: .milliseconds(50), longestPause: .milliseconds(200))
                // Calls come a few at a time, so that a drain is seen before the list is over.
                $0.claimBatch = 4
            }
            let campaign = try await bed.campaign(
                contacts: 300, plan: { ($0.dialMode, $0.trunkName) = (.robo, nil) })
            try await bed.withEngine { engine in
                try await eventually("the good one carries on, and the bad one is tried again") {
                    good.orders.count >= 60 && bad.orders.count >= 5
                }
                // Less than its half.
                #expect(bad.orders.count < good.orders.count)
                let health = await engine.health().filter { $0.component.hasPrefix("asterisk:") }
                #expect(health.allSatisfy { $0.isHealthy || $0.isOptional })
                bad.react { pbx, order in pbx.busy(order.dialing) }
                try await eventually("the campaign ends") { try await bed.status(campaign.uuid) == .stop }
                try await bed.addContacts(50, to: #require(campaign.dlma))
                let before = bad.orders.count
                _ = try await bed.store.setStatus(of: campaign.uuid, from: [.stop], to: .starting, note: nil)
                engine.nudge(campaign: campaign.uuid)
                try await eventually("it carries calls again") { bad.orders.count >= before + 10 }
                try await eventually("nothing is held against it") {
                    await engine.health().allSatisfy { $0.detail == nil }
                }
                try await eventually("the rest is dialed") { try await bed.results().count == 350 }
            }
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("a congested try is a try as any other: status 13, res_dial 8, the cause, and the contact counts it")
    func congestedTry() async throws {
        let pbx = self.pbx("pbx1") { pbx, order in pbx.congest(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(contacts: 1)
            try await bed.withEngine { _ in
                try await eventually("it has its result") { try await bed.results().count == 1 }
            }
            let line = String(decoding: try #require(try await bed.results().first).line, as: UTF8.self)
            for part in [#""status":13"#, #""res_dial":8"#, #""res_hangup":34"#] { #expect(line.contains(part)) }
            let list = try #require(campaign.dlma)
            let contact = try #require(try await bed.contacts(list).first)
            #expect(contact.tries[1] == 1)
        }
    }

    @Test("a queue's calls go by the server that has it, wait while it is away, and go on when it is back")
    func queueServer() async throws {
        let (home, other) = (self.pbx("home"), self.pbx("other", weight: 100))
        home.setQueue(.idle("sales", agents: 2))
        try await EngineBed.with([home, other]) { bed in
            _ = try await bed.campaign(
                contacts: 10, destination: EngineBed.queue("sales"),
                plan: { ($0.pacing, $0.serviceLevel) = (.jade, 1) })
            let elsewhere = try await bed.campaign(contacts: 4, plan: { $0.dialMode = .robo })
            try await bed.withEngine { engine in
                try await eventually("two agents and one more are called for") {
                    home.orders.count { $0.target == .application(name: "Queue", data: "sales") } == 3
                }
                home.lose()
                try await eventually("the engine knows") {
                    await engine.health().contains { $0.component == "asterisk:home" && !$0.isHealthy }
                }
                // Room for calls that would go astray.
                engine.nudge(campaign: elsewhere.uuid)
                try await bed.addContacts(5, to: #require(elsewhere.dlma))
                try await eventually("other calls go by the other") { other.orders.count >= 5 }
                #expect(!other.orders.contains { $0.target == .application(name: "Queue", data: "sales") })
                for order in home.orders { home.endUnseen(order.dialing) }
                home.comeBack()
                try await eventually("the queue's calls go on") {
                    home.orders.count { $0.target == .application(name: "Queue", data: "sales") } == 6
                }
                #expect(!other.orders.contains { $0.target == .application(name: "Queue", data: "sales") })
            }
        }
    }

    @Test("a previewed contact is dialed by the server of its queue")
    func preview() async throws {
        let (home, other) = (self.pbx("home"), self.pbx("other", weight: 100))
        home.setQueue(.idle("sales", agents: 1))
        try await EngineBed.with([home, other]) { bed in
            let campaign = try await bed.campaign(
                contacts: 3, destination: EngineBed.queue("sales"), plan: { $0.dialMode = .preview })
            try await bed.withEngine { engine in
                for count in 1...3 {
                    var reserved: DialListEntry?
                    try await eventually("a contact is reserved") {
                        reserved = try? await engine.reserve(campaign: campaign.uuid, for: "agent-7")
                        return reserved != nil
                    }
                    _ = try await engine.dialReserved(campaign: campaign.uuid, entry: #require(reserved).uuid)
                    try await eventually("it is dialed") { home.orders.count == count }
                }
                #expect(other.orders.isEmpty)
            }
        }
    }
}
