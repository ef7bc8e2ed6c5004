import DialerModel
import HTTPTypes
import Testing

@testable import ControlAPI

@Suite("Several lists of a campaign on the wire")
struct CampaignListTests {
    @Test("Lists come back as they were sent, by POST and by PUT; null brings dlma back")
    func roundTrip() async throws {
        try await APIHarness.run { api in
            let (a, b) = (try await api.client.create("/dlmas"), try await api.client.create("/dlmas"))
            let made = try await api.client(
                .post, "/campaigns",
                #"{"dlma":"\#(a)","lists":[{"dlma":"\#(a)","weight":3},{"dlma":"\#(b)"}],"list_mode":"mixed"}"#)
            #expect(made.status == 200)
            let lists: JSONValue = [["dlma": .string(a), "weight": 3], ["dlma": .string(b), "weight": 1]]
            #expect(made.result["lists"] == lists)
            #expect(made.result["list_mode"] == "mixed")
            #expect(made.result["dlma"] == .string(a))
            #expect(try await api.client(.get, "/campaigns/\(made.uuid)").result == made.result)
            #expect(try await api.client(.get, "/campaigns").list == [made.result])
            let turned = try await api.client(
                .put, "/campaigns/\(made.uuid)", #"{"dlma":null,"lists":[{"dlma":"\#(b)"}],"list_mode":"sequence"}"#)
            #expect(turned.result["lists"] == [["dlma": .string(b), "weight": 1]])
            let one = try await api.client(.put, "/campaigns/\(made.uuid)", #"{"dlma":"\#(a)","lists":null}"#)
            #expect(one.result["lists"] == .null)
            #expect(one.result["dlma"] == .string(a))
        }
    }

    @Test("A wrong list is refused by its place, and changes nothing")
    func refusals() async throws {
        try await APIHarness.run { api in
            let (a, gone) = (try await api.client.create("/dlmas"), try await api.client.create("/dlmas"))
            _ = try await api.client(.delete, "/dlmas/\(gone)")
            let campaign = try await api.client.create("/campaigns", #"{"lists":[{"dlma":"\#(a)"}]}"#)
            let before = try await api.client(.get, "/campaigns/\(campaign)").text
            let bodies = [
                (#"{"lists":[{"dlma":"\#(a)"},{"dlma":"\#(gone)"}]}"#, "lists[1].dlma: there is no dlma \(gone)"),
                (
                    #"{"lists":[{"dlma":"\#(a)","weight":0}]}"#,
                    "lists[0].weight: expected an integer from 1 to 100, got 0"
                ),
                (#"{"lists":[{"dlma":"\#(a)"},{"dlma":"\#(a)"}]}"#, "lists[1].dlma: is the list of lists[0] again"),
                (#"{"dlma":"\#(gone)","lists":[{"dlma":"\#(a)"}]}"#, "dlma: must be null or one of lists"),
                (#"{"list_mode":"both"}"#, "list_mode: expected one of sequence, mixed"),
            ]
            for (body, message) in bodies {
                for (method, path) in [(HTTPRequest.Method.post, "/campaigns"), (.put, "/campaigns/\(campaign)")] {
                    let refused = try await api.client(method, path, body)
                    #expect(refused.status == 400, "\(body)")
                    #expect(refused.message.hasPrefix(message), "\(refused.message)")
                }
            }
            #expect(try await api.client(.get, "/campaigns/\(campaign)").text == before)
            #expect(try await api.client(.get, "/campaigns").list.count == 1)
        }
    }

    @Test("A list among several is kept, 409 names the campaign; force takes it out of them and leaves the others")
    func deletion() async throws {
        try await APIHarness.run { api in
            let (a, b) = (try await api.client.create("/dlmas"), try await api.client.create("/dlmas"))
            let campaign = try await api.client.create(
                "/campaigns",
                #"{"name":"autumn","dlma":"\#(b)","lists":[{"dlma":"\#(a)"},{"dlma":"\#(b)","weight":9}]}"#)
            for list in [a, b] {
                let refused = try await api.client(.delete, "/dlmas/\(list)")
                #expect(refused.status == 409)
                #expect(refused.message.contains("campaign \(campaign) \"autumn\""))
            }
            #expect(try await api.client(.delete, "/dlmas/\(b)?force=1").status == 200)
            let after = try await api.client(.get, "/campaigns/\(campaign)").result
            #expect(after["lists"] == [["dlma": .string(a), "weight": 1]])
            #expect(after["dlma"] == .null)
            #expect(try await api.client(.delete, "/dlmas/\(a)?force=1").status == 200)
            #expect(try await api.client(.get, "/campaigns/\(campaign)").result["lists"] == .null)
        }
    }

    @Test("The figures of a campaign count all its lists together, and a list's figures go by its campaigns' plans")
    func figures() async throws {
        try await APIHarness.run { api in
            let (a, b) = (try await api.client.create("/dlmas"), try await api.client.create("/dlmas"))
            for (list, number) in [(a, "300"), (b, "301"), (b, "302")] {
                _ = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","number_1":"\#(number)"}"#)
            }
            let plan = try await api.client.create("/plans")
            let campaign = try await api.client.create(
                "/campaigns", #"{"plan":"\#(plan)","lists":[{"dlma":"\#(a)"},{"dlma":"\#(b)"}]}"#)
            let statistics = try await api.client(.get, "/campaigns/\(campaign)/stats").result
            #expect(statistics["list_total"] == .integer(3))
            #expect(statistics["list_left"] == .integer(3))
            #expect(try await api.client(.get, "/dlmas/\(b)/stats").result["left"] == .integer(2))
            _ = try await api.client(.put, "/campaigns/\(campaign)", #"{"lists":[{"dlma":"\#(a)"}]}"#)
            #expect(try await api.client(.get, "/campaigns/\(campaign)/stats").result["list_total"] == .integer(1))
            #expect(try await api.client(.get, "/dlmas/\(b)/stats").result["left"] == .null)
        }
    }
}
