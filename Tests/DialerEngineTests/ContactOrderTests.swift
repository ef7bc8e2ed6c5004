import DialerEngine
import DialerModel
import DialerStore
import PostgresClient
import Telephony
import TestSupport
import Testing

@Suite("The order of a list", .timeLimit(.minutes(5)))
struct ContactOrderTests {
    @Test("a list whose order changes is rearranged by a running engine, and dialed by it")
    func rearranged() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let campaign = try await bed.campaign(contacts: 0, status: .stop)
            let dlma = try #require(campaign.dlma)
            for (place, priority) in [2, 9, 0, 5, 9].enumerated() {
                try await bed.addContacts(1, numbers: ["10\(place)"], to: dlma)
                let added = try #require(try await bed.contacts(dlma).last)
                _ = try await bed.store.dls.update(added.uuid) { $0.priority = priority }
            }
            try await bed.withEngine { _ in
                _ = try await bed.store.dlmas.update(dlma) { $0.order = .priority }
                try await eventually("the contacts are in their places", within: .seconds(60)) {
                    try await bed.client.query("SELECT 1 FROM list_rearrangement").isEmpty
                }
                _ = try await bed.store.campaigns.update(campaign.uuid) { $0.status = .starting }
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            #expect(pbx.orders.map(\.channel) == ["101", "104", "103", "100", "102"].map { "PJSIP/\($0)@trunk" })
            try await bed.expectOneResultPerClaim()
        }
    }
}
