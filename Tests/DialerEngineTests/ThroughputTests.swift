import DialerEngine
import DialerModel
import DialerStore
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@Suite("Many calls at once", .serialized, .timeLimit(.minutes(10)))
struct ThroughputTests {
    /// A PBX that ends each call at once, so that claims, events and results of many calls are always mixed.
    @Test("a thousand calls of ten events each end in one result each, and no contact is called twice")
    func thousandCalls() async throws {
        let pbx = ScriptedPBX { pbx, order in
            let dialing = order.dialing
            pbx.tell(.ringing, of: dialing)
            pbx.answer(dialing, queue: "sales")
            pbx.tell(.agentRinging(agent: "PJSIP/agent-1"), of: dialing)
            pbx.tell(.agentConnected(agent: "PJSIP/agent-1", hold: .zero), of: dialing)
            pbx.changeQueue("sales") { $0.callersWaiting = 0 }
            pbx.tell(.agentCompleted(agent: "PJSIP/agent-1", talk: .seconds(1)), of: dialing)
            pbx.end(dialing)
        }
        try await EngineBed.with([pbx]) { bed in
            pbx.setQueue(.idle("sales", agents: 50))
            let campaign = try await bed.campaign(
                contacts: 1000, status: .stop, destination: EngineBed.queue("sales"))
            try await bed.withEngine { engine in
                _ = try await bed.store.campaigns.update(campaign.uuid) { $0.status = .starting }
                engine.nudge(campaign: campaign.uuid)
                try await eventually("the list ends", within: .seconds(120)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            try await bed.expectOneResultPerClaim()

            let orders = pbx.orders
            #expect(orders.count == 1000)
            #expect(Set(orders.map(\.dialing)) == Set(try await bed.results().map(\.dialing)))
            let lines = try bed.lines().map { try JSONValue.parse(Array($0.utf8)) }
            #expect(lines.count == 1000)
            #expect(Set(lines.compactMap { $0["uuid_dl_list"] }).count == 1000)
            for (key, value) in [
                ("status", JSONValue.integer(7)), ("res_dial", .integer(4)), ("answered", .bool(true)),
                ("abandoned", .bool(false)), ("agent", .string("PJSIP/agent-1")), ("queue", .string("sales")),
                ("dial_trycnt", .integer(1)),
            ] {
                #expect(lines.allSatisfy { $0[key] == value }, "\(key)")
            }
            let contacts = try await bed.contacts(try #require(campaign.dlma))
            #expect(contacts.count == 1000)
            #expect(contacts.allSatisfy { $0.tries[1] == 1 && $0.dialing == nil && $0.dialResult == 4 })
        }
    }
}
