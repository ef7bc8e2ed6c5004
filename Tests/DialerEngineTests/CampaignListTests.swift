import DialerEngine
import DialerModel
import DialerStore
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@Suite("Several lists of a campaign", .timeLimit(.minutes(10)))
struct CampaignListTests {
    /// A campaign over lists with one contact for each number.
    private func campaign(
        _ bed: EngineBed, _ numbers: [[String]], mode: ListMode = .sequence, plan: (inout Plan) -> Void = { _ in }
    ) async throws -> (campaign: Campaign, lists: [UUID]) {
        var lists: [UUID] = []
        for some in numbers {
            let list = try await bed.store.dlmas.create(DialListMaster(uuid: UUID())).uuid
            for number in some { try await bed.addContacts(1, numbers: [number], to: list) }
            lists.append(list)
        }
        let campaign = try await bed.campaign(
            contacts: 0, plan: plan,
            campaign: {
                $0.dlma = nil
                $0.lists = lists.map { ListShare(dlma: $0) }
                $0.listMode = mode
            })
        return (campaign, lists)
    }

    private func numbers(_ pbx: ScriptedPBX) -> [String] {
        pbx.orders.map { String($0.channel.dropFirst("PJSIP/".count).dropLast("@trunk".count)) }
    }

    @Test("lists are dialed one after the other, and the campaign stops when the last is used up")
    func sequence() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let (campaign, lists) = try await self.campaign(bed, [["10", "11"], [], ["20", "21", "22"]])
            try await bed.withEngine { _ in
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            #expect(self.numbers(pbx) == ["10", "11", "20", "21", "22"])
            let results = try await bed.results()
            #expect(results.count == 5)
            for row in results {
                let line = String(decoding: row.line, as: UTF8.self)
                let list = line.contains("\"dial_addr\":\"1") ? lists[0] : lists[2]
                #expect(line.contains("\"uuid_dlma\":\"\(list.wire)\""), "\(line)")
            }
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("mixed lists are dialed in turns; a list that is used up ends nothing while another has somebody")
    func mixed() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let (campaign, _) = try await self.campaign(bed, [["10"], ["20", "21", "22"]], mode: .mixed)
            try await bed.withEngine { _ in
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            #expect(self.numbers(pbx) == ["10", "20", "21", "22"])
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("contacts that come to any of the lists, and other lists, are dialed at once by a running campaign")
    func changes() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let (campaign, lists) = try await self.campaign(
                bed, [["10"], ["20"]], plan: { $0.listEndHandling = .keep })
            let third = try await bed.store.dlmas.create(DialListMaster(uuid: UUID())).uuid
            try await bed.addContacts(1, numbers: ["30"], to: third)
            try await bed.withEngine { _ in
                try await eventually("both lists are used up", within: .seconds(60)) {
                    try await bed.results().count == 2
                }
                for (list, number) in zip(lists, ["11", "21"]) {
                    try await bed.addContacts(1, numbers: [number], to: list)
                    try await eventually("\(number) is dialed", within: .seconds(60)) {
                        self.numbers(pbx).last == number
                    }
                }
                // A third list comes, the second goes.
                _ = try await bed.store.campaigns.update(campaign.uuid) {
                    $0.lists = [ListShare(dlma: lists[0]), ListShare(dlma: third)]
                }
                try await eventually("the third list is dialed", within: .seconds(60)) {
                    self.numbers(pbx).last == "30"
                }
                try await bed.addContacts(1, numbers: ["22"], to: lists[1])
                try await bed.addContacts(1, numbers: ["12"], to: lists[0])
                try await eventually("the first list goes on", within: .seconds(60)) { self.numbers(pbx).last == "12" }
                // Deleted by force, a list is gone from the campaign, which goes on with the other.
                _ = try await bed.store.dlmas.delete(lists[0], force: true, deleteEntries: true)
                try await bed.addContacts(1, numbers: ["31"], to: third)
                try await eventually("what is left is dialed", within: .seconds(60)) { self.numbers(pbx).last == "31" }
                #expect(try await bed.status(campaign.uuid) == .start)
                // Without any list there is nothing to do.
                _ = try await bed.store.dlmas.delete(third, force: true, deleteEntries: true)
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            #expect(!self.numbers(pbx).contains("22"))
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("the campaign waits for the earliest retry of all its lists")
    func retries() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            let (campaign, _) = try await self.campaign(
                bed, [["10"], ["20"]],
                plan: {
                    $0.retryDelay = 1
                    $0.maxTries = NumberSlots(repeating: 2)
                })
            try await bed.withEngine { _ in
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            #expect(self.numbers(pbx).sorted() == ["10", "10", "20", "20"])
            #expect(self.numbers(pbx).first == "10")
            try await bed.expectOneResultPerClaim()
        }
    }

    @Test("an agent's preview comes from any of the lists")
    func preview() async throws {
        try await EngineBed.with { bed in
            let (campaign, lists) = try await self.campaign(bed, [["10"], ["20"]], plan: { $0.dialMode = .preview })
            try await bed.withEngine { engine in
                for (list, number) in zip(lists, ["10", "20"]) {
                    var shown: DialListEntry?
                    try await eventually("a contact is shown", within: .seconds(60)) {
                        shown = try? await engine.reserve(campaign: campaign.uuid, for: "agent")
                        return shown != nil
                    }
                    let entry = try #require(shown)
                    #expect(entry.dlma == list)
                    let dialing = try await engine.dialReserved(campaign: campaign.uuid, entry: entry.uuid)
                    #expect(dialing.dlma == list)
                    try await eventually("\(number) is dialed", within: .seconds(60)) {
                        self.numbers(bed.pbx).last == number
                    }
                    bed.pbx.busy(dialing.uuid)
                }
                try await eventually("the campaign stops", within: .seconds(60)) {
                    try await bed.status(campaign.uuid) == .stop
                }
            }
            try await bed.expectOneResultPerClaim()
        }
    }
}
