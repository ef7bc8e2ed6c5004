import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import Testing

import struct Foundation.UUID

@testable import ControlAPI

@Suite("Calls in progress")
struct DialingTests {
    /// A started campaign with `count` contacts, all of them claimed.
    private func claim(_ count: Int, in api: APIHarness) async throws -> [Dialing] {
        let plan = try await api.client.create("/plans", #"{"name":"p","tech_name":"PJSIP","trunk_name":"trunk"}"#)
        let destination = try await api.client.create(
            "/destinations", #"{"type":1,"application":"queue","data":"sales_1","variables":{"A":"1"}}"#)
        let list = try await api.client.create("/dlmas")
        for index in 0..<count {
            _ = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","number_1":"\#(300 + index)"}"#)
        }
        let campaign = try await api.client.create(
            "/campaigns", #"{"plan":"\#(plan)","dest":"\#(destination)","dlma":"\#(list)","status":1}"#)
        let uuid = try #require(UUID(wire: campaign))
        let started = try #require(try await api.store.campaigns.setStatus(uuid, from: [.starting], to: .start))
        let request = try #require(
            ClaimRequest(campaign: started, count: count, pbx: "pbx1", now: APIHarness.instant))
        return try await api.store.claims.claim(request).dialings
    }

    @Test("A claimed call is listed with jade's columns and snapshots as objects, and its contact shows it")
    func wire() async throws {
        try await APIHarness.run { api in
            let dialing = try #require(try await self.claim(1, in: api).first)
            let answer = try await api.client(.get, "/dialings/\(dialing.uuid.wire)")
            #expect(answer.status == 200)
            #expect(
                answer.resultKeys == [
                    "uuid", "status", "action_id", "channel", "res_dial", "res_dial_detail", "res_hangup",
                    "res_hangup_detail", "uuid_camp", "uuid_plan", "uuid_dlma", "uuid_dest", "uuid_dl_list",
                    "info_camp",
                    "info_plan", "info_dlma", "info_dest", "info_dl_list", "info_dial", "dial_channel", "dial_addr",
                    "dial_index", "dial_trycnt", "dial_timeout", "dial_type", "dial_context", "dial_exten",
                    "dial_priority", "dial_application", "dial_data", "dial_variables", "tm_create", "tm_delete",
                    "tm_update", "name", "pbx",
                ]
            )
            let schema = ObjectSchema.all.first { $0.name == "Dialing" }
            #expect(answer.resultKeys == schema?.properties.map(\.name))
            #expect(answer.result["status"] == .integer(1))
            #expect(answer.result["dial_channel"] == .string("PJSIP/300@trunk"))
            #expect(answer.result["dial_application"] == .string("queue"))
            #expect(answer.result["dial_exten"] == .null)
            #expect(answer.result["info_plan"]?["name"] == .string("p"))
            let listed = try await api.client(.get, "/v1/ob/dialings")
            #expect(listed.list == [answer.result])
            let contact = try await api.client(.get, "/dls/\(dialing.entry.wire)")
            #expect(contact.result["status"] == .integer(1))
            #expect(contact.result["dialing_uuid"] == .string(dialing.uuid.wire))
            #expect(contact.result["trycnt_1"] == .integer(1))
        }
    }

    @Test("What the engine knows is fresher than the row")
    func liveState() async throws {
        try await APIHarness.run { api in
            let dialings = try await self.claim(2, in: api)
            let first = try #require(dialings.first)
            let later = APIHarness.instant + .seconds(3)
            api.engine.script.liveStates[first.uuid] = LiveDialingState(
                status: .originateResponded, channel: "PJSIP/trunk-00000001", dialResult: 4, hangupCause: 0,
                updatedAt: later)
            let shown = try await api.client(.get, "/dialings/\(first.uuid.wire)").result
            #expect(shown["status"] == .integer(6))
            #expect(shown["channel"] == .string("PJSIP/trunk-00000001"))
            #expect(shown["res_dial"] == .integer(4))
            #expect(shown["res_dial_detail"] == .string("Remote end has answered"))
            #expect(shown["tm_update"] == .string(later.wire))
            let listed = try await api.client(.get, "/dialings?limit=1")
            #expect(listed.list == [shown])
            let rest = try await api.client(.get, "/dialings?cursor=\(try #require(listed.nextCursor))")
            #expect(rest.list.count == 1)
            #expect(rest.list.first?["status"] == .integer(1))
        }
    }

    @Test("One call is asked of the engine that follows it, a page of calls of none")
    func liveStateOfAnother() async throws {
        try await APIHarness.run { api in
            let dialing = try #require(try await self.claim(1, in: api).first)
            api.engine.script.othersLiveStates[dialing.uuid] = LiveDialingState(
                status: .originateResponded, channel: nil, dialResult: 4, hangupCause: 0,
                updatedAt: APIHarness.instant)
            let shown = try await api.client(.get, "/dialings/\(dialing.uuid.wire)").result
            #expect(shown["status"] == .integer(6))
            #expect(try await api.client(.get, "/dialings").list.first?["status"] == .integer(1))
        }
    }

    @Test(
        "DELETE hangs up and answers without a result; unknown calls, other servers' calls and absent PBXs are told apart"
    )
    func hangUp() async throws {
        try await APIHarness.run { api in
            let dialing = try #require(try await self.claim(1, in: api).first)
            let path = "/dialings/\(dialing.uuid.wire)"
            let done = try await api.client(.delete, path)
            #expect(done.status == 200)
            #expect(done.keys == ["api_ver", "timestamp", "statuscode"])
            #expect(api.engine.script.hungUp == [dialing.uuid])

            api.engine.script.hangUpError = .notFound
            #expect(try await api.client(.delete, path).status == 409)
            let unknown = try await api.client(.delete, "/dialings/\(UUID().wire)")
            #expect(unknown.status == 404)
            api.engine.script.hangUpError = .pbxUnavailable(name: "pbx1")
            let away = try await api.client(.delete, path)
            #expect(away.status == 503)
            #expect(away.headers[.retryAfter] == "5")
            #expect(away.message.contains("pbx1"))
        }
    }
}
