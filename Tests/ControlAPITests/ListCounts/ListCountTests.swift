import DialerModel
import HTTPTypes
import OrderedCollections
import Testing

@Suite("How far a list is worked through")
struct ListCountTests {
    @Test("An empty list, and one of which everybody is left")
    func answer() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let empty = try await api.client(.get, "/dlmas/\(list)/stats")
            #expect(empty.status == 200)
            #expect(
                Wire.normalized(empty.text)
                    == #"{"api_ver":"0.1","timestamp":"T","statuscode":200,"result":{"uuid":"U","plan":null,"total":0,"#
                    + #""untouched":0,"tried":0,"penetration":null,"dialing":0,"reserved":0,"answered":0,"left":null,"#
                    + #""exhausted":null,"blocked":0}}"#
            )
            for number in 0..<4 {
                _ = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","number_1":"30\#(number)"}"#)
            }
            let contacts = try await api.client(.get, "/dls?dlma_uuid=\(list)").list.compactMap {
                $0["uuid"]?.stringValue
            }
            _ = try await api.client(.put, "/dls/\(contacts[0])", #"{"trycnt_1":1,"res_dial":4}"#)
            _ = try await api.client(.put, "/dls/\(contacts[1])", #"{"trycnt_1":2}"#)
            _ = try await api.client(.put, "/dls/\(contacts[2])", #"{"status":2}"#)
            let plan = try await api.client.create("/plans", #"{"max_retry_cnt_1":2}"#)
            let counted = try await api.client(.get, "/ob/dlmas/\(list)/stats?plan=\(plan)").result
            let expected: [(String, JSONValue)] = [
                ("uuid", .string(list)), ("plan", .string(plan)), ("total", 4), ("untouched", 2), ("tried", 2),
                ("penetration", .number(0.5)), ("dialing", 0), ("reserved", 1), ("answered", 1), ("left", 1),
                ("exhausted", 1), ("blocked", 0),
            ]
            for (name, value) in expected { #expect(counted[name] == value, "\(name)") }
            #expect(counted.objectValue?.count == expected.count)

            // A campaign's plan counts where none is asked for, and its figures tell the same.
            let generous = try await api.client.create("/plans", #"{"max_retry_cnt_1":3}"#)
            let campaign = try await api.client.create(
                "/campaigns", #"{"plan":"\#(generous)","dlma":"\#(list)"}"#)
            #expect(try await api.client(.get, "/dlmas/\(list)/stats").result["left"] == 2)
            let figures = try await api.client(.get, "/campaigns/\(campaign)/stats").result
            #expect(figures["list_total"] == 4 && figures["list_left"] == 2)
            _ = try await api.client(.put, "/campaigns/\(campaign)", #"{"plan":null}"#)
            let without = try await api.client(.get, "/campaigns/\(campaign)/stats").result
            #expect(without["list_total"] == 4 && without["list_left"] == .null)
        }
    }

    @Test("A wrong list or plan is named")
    func errors() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let unknown = "6f1c3a52-3a35-4ad4-8a0c-1f9a2b1d5a11"
            #expect(try await api.client(.get, "/dlmas/\(unknown)/stats").status == 404)
            let noUUID = try await api.client(.get, "/dlmas/\(list)/stats?plan=x")
            #expect(noUUID.status == 400 && noUUID.message.contains("query parameter plan"))
            let noPlan = try await api.client(.get, "/dlmas/\(list)/stats?plan=\(unknown)")
            #expect(noPlan.status == 400 && noPlan.message.contains("there is no plan \(unknown)"))
        }
    }
}
