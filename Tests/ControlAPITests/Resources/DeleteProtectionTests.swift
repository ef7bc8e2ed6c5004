import DialerModel
import HTTPTypes
import Testing

@testable import ControlAPI

@Suite("Deleting what is in use")
struct DeleteProtectionTests {
    @Test(
        "A plan, destination, list or campaign a campaign refers to is kept, 409 names who; force frees the reference")
    func references() async throws {
        try await APIHarness.run { api in
            let cases = [
                ("plans", "plan"), ("destinations", "dest"), ("dlmas", "dlma"), ("campaigns", "next_campaign"),
            ]
            for (collection, field) in cases {
                let target = try await api.client.create("/\(collection)")
                let campaign = try await api.client.create(
                    "/campaigns", #"{"name":"autumn","\#(field)":"\#(target)"}"#
                )
                for query in ["", "?force=0"] {
                    let refused = try await api.client(.delete, "/\(collection)/\(target)\(query)")
                    #expect(refused.status == 409)
                    #expect(refused.message.contains(campaign))
                    #expect(refused.message.contains("\"autumn\""))
                    #expect(refused.message.contains("force=1"))
                }
                #expect(try await api.client(.get, "/\(collection)/\(target)").status == 200)

                let deleted = try await api.client(.delete, "/\(collection)/\(target)?force=1")
                #expect(deleted.status == 200)
                let after = try await api.client(.get, "/campaigns/\(campaign)")
                #expect(after.result[field] == .null)
                _ = try await api.client(.delete, "/campaigns/\(campaign)")
            }
        }
    }

    @Test(
        "A destination a plan sends calls to is kept, 409 names the plan; force frees it, and machines are connected then"
    )
    func destinationsOfPlans() async throws {
        try await APIHarness.run { api in
            let destination = try await api.client.create("/destinations")
            let plan = try await api.client.create(
                "/plans",
                #"{"name":"late","abandon_dest":"\#(destination)","machine_handle":"divert","machine_dest":"\#(destination)"}"#
            )
            let refused = try await api.client(.delete, "/destinations/\(destination)")
            #expect(refused.status == 409)
            #expect(refused.message.contains("plan \(plan) \"late\""))
            #expect(try await api.client(.delete, "/destinations/\(destination)?force=1").status == 200)
            let after = try await api.client(.get, "/plans/\(plan)").result
            #expect(after["abandon_dest"] == .null)
            #expect(after["machine_dest"] == .null)
            #expect(after["machine_handle"] == "connect")
        }
    }

    @Test("A plan cannot name a destination that is not there, nor divert machines to nowhere")
    func danglingDestinations() async throws {
        try await APIHarness.run { api in
            let plan = try await api.client.create("/plans")
            let gone = try await api.client.create("/destinations")
            _ = try await api.client(.delete, "/destinations/\(gone)")
            for field in ["abandon_dest", "machine_dest"] {
                for (method, path) in [(HTTPRequest.Method.post, "/plans"), (.put, "/plans/\(plan)")] {
                    let refused = try await api.client(method, path, #"{"\#(field)":"\#(gone)"}"#)
                    #expect(refused.status == 400)
                    #expect(refused.message.hasPrefix("\(field): there is no destination \(gone)"))
                }
            }
            let nowhere = try await api.client(.put, "/plans/\(plan)", #"{"machine_handle":"divert"}"#)
            #expect(nowhere.status == 400)
            #expect(nowhere.message.hasPrefix("machine_dest: is required for machine_handle divert"))
            let word = try await api.client(.put, "/plans/\(plan)", #"{"pacing":"quick"}"#)
            #expect(word.message == "pacing: expected one of predictive, progressive, ratio, jade, got \"quick\"")
        }
    }

    @Test("A list with contacts needs delete_dls, which deletes them too; force alone does not, and changes nothing")
    func listWithContacts() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let campaign = try await api.client.create("/campaigns", #"{"dlma":"\#(list)"}"#)
            let contact = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","number_1":"300"}"#)
            let forced = try await api.client(.delete, "/dlmas/\(list)?force=1")
            #expect(forced.status == 409)
            #expect(forced.message.contains(contact))
            #expect(forced.message.contains("delete_dls=1"))
            #expect(try await api.client(.get, "/campaigns/\(campaign)").result["dlma"] == .string(list))

            #expect(try await api.client(.delete, "/dlmas/\(list)?delete_dls=1").status == 409)
            #expect(try await api.client(.get, "/dls/\(contact)").status == 200)

            #expect(try await api.client(.delete, "/dlmas/\(list)?delete_dls=1&force=1").status == 200)
            #expect(try await api.client(.get, "/dls/\(contact)").status == 404)
            #expect(try await api.client(.get, "/campaigns/\(campaign)").result["dlma"] == .null)
            let emptied = try await api.client(.get, "/dls?dlma_uuid=\(list)")
            #expect(emptied.status == 200)
            #expect(emptied.list.isEmpty)
        }
    }

    @Test("A deleted campaign refers to nothing")
    func deletedReferrer() async throws {
        try await APIHarness.run { api in
            let plan = try await api.client.create("/plans")
            let campaign = try await api.client.create("/campaigns", #"{"plan":"\#(plan)"}"#)
            #expect(try await api.client(.delete, "/plans/\(plan)").status == 409)
            #expect(try await api.client(.delete, "/campaigns/\(campaign)").status == 200)
            #expect(try await api.client(.delete, "/plans/\(plan)").status == 200)
        }
    }
}
