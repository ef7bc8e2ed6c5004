import DialerModel
import HTTPTypes
import Testing

import struct Foundation.UUID

@testable import ControlAPI

@Suite("What a client did wrong")
struct RequestErrorTests {
    /// A body, the status it gets, and what its message must say.
    static let bodies: [(body: String, status: Int, says: [String])] = [
        ("", 400, ["body is empty", "JSON object"]),
        ("   ", 400, ["not valid JSON at byte 3"]),
        ("{", 400, ["not valid JSON at byte 1"]),
        (#"{"name":"x""#, 400, ["not valid JSON at byte 11"]),
        (#"{"name":}"#, 400, ["not valid JSON at byte 8"]),
        (#"{'name':'x'}"#, 400, ["not valid JSON at byte 1"]),
        (#"{"name":"x"} {}"#, 400, ["not valid JSON at byte 13"]),
        (#"{"name":"\ud800"}"#, 400, ["not valid JSON at byte"]),
        ("[]", 400, ["JSON object", "array"]),
        ("3", 400, ["JSON object", "3"]),
        ("null", 400, ["JSON object", "null"]),
        (#""name""#, 400, ["JSON object"]),
        (#"{"nam":"x"}"#, 400, ["nam:", "unknown field", "name"]),
        (#"{"name":{"a":1}}"#, 400, ["name:", "text"]),
        (#"{"name":5}"#, 400, ["name:", "text", "5"]),
        (#"{"dial_mode":"abc"}"#, 400, ["dial_mode:", "predictive"]),
        (#"{"dial_mode":9}"#, 400, ["dial_mode:", "9"]),
        (#"{"dial_timeout":-1}"#, 400, ["dial_timeout:", "1000", "600000"]),
        (#"{"dial_timeout":1.5}"#, 400, ["dial_timeout:", "integer"]),
        (#"{"dial_timeout":null}"#, 400, ["dial_timeout:"]),
        (#"{"dial_timeout":true}"#, 400, ["dial_timeout:"]),
        (#"{"dial_timeout":1e400}"#, 400, []),
        (#"{"dial_timeout":99999999999999999999999999}"#, 400, []),
        (#"{"service_level":9223372036854775807}"#, 400, ["service_level:"]),
        (#"{"tech_name":"SIP/x\r\nAction: Logoff"}"#, 400, ["tech_name:"]),
        (#"{"caller_id":"a\nb"}"#, 400, ["caller_id:", "control characters"]),
        (#"{"name":"a\u0000b"}"#, 400, ["name:", "NUL"]),
        (#"{"variables":[]}"#, 400, ["variables:"]),
        (#"{"variables":"x"}"#, 400, ["variables:"]),
        (#"{"variables":{"EVAL(x)":"1"}}"#, 400, ["variables:"]),
        (#"{"variables":{"A":{}}}"#, 400, ["variables:", "A"]),
    ]

    @Test("A bad body is refused with the place or field and the fix, on POST and on PUT, and changes nothing")
    func badBodies() async throws {
        try await APIHarness.run { api in
            let uuid = try await api.client.create("/plans", #"{"name":"kept"}"#)
            let before = try await api.client(.get, "/plans").text
            for (body, status, says) in Self.bodies {
                for (method, path) in [(HTTPRequest.Method.post, "/plans"), (.put, "/plans/\(uuid)")] {
                    let answer = try await api.client(method, path, body)
                    #expect(answer.status == status, "\(body)")
                    #expect(answer.keys == ["api_ver", "timestamp", "statuscode", "error"])
                    #expect(answer.json["error"]?["code"] == .integer(Int64(status)))
                    for text in says { #expect(answer.message.contains(text), "\(body): \(answer.message)") }
                }
            }
            let after = try await api.client(.get, "/plans")
            #expect(after.text == before)
        }
    }

    @Test("A PUT with one bad field changes none of the good ones")
    func allOrNothing() async throws {
        try await APIHarness.run { api in
            let uuid = try await api.client.create("/plans", #"{"name":"kept"}"#)
            let answer = try await api.client(.put, "/plans/\(uuid)", #"{"name":"new","dial_timeout":0}"#)
            #expect(answer.status == 400)
            let plan = try await api.client(.get, "/plans/\(uuid)")
            #expect(plan.result["name"] == .string("kept"))
            #expect(plan.result["tm_update"] == .null)
        }
    }

    @Test("Bytes that are no UTF-8, deep nesting and keys that come twice do no harm")
    func hostileBodies() async throws {
        try await APIHarness.run { api in
            let invalid = Array(#"{"name":""#.utf8) + [0xFF, 0xC0, 0x80] + Array(#""}"#.utf8)
            #expect(try await api.client(.post, "/plans", bytes: invalid).status == 400)
            #expect(try await api.client(.post, "/plans", bytes: [0, 0, 0]).status == 400)

            let deep = #"{"variables":"# + String(repeating: "[", count: 100_000)
            let nested = try await api.client(.post, "/plans", deep)
            #expect(nested.status == 400)
            #expect(nested.message.contains("64"))

            let twice = try await api.client(.post, "/plans", #"{"name":"first","name":"last"}"#)
            #expect(twice.status == 200)
            #expect(twice.result["name"] == .string("last"))

            let longKey = try await api.client(.post, "/plans", #"{"\#(String(repeating: "k", count: 500_000))":1}"#)
            #expect(longKey.status == 400)
            #expect(longKey.message.utf8.count < 2_000)
        }
    }

    @Test("A body over the limit is a 413 that names the limit, declared or not")
    func tooLarge() async throws {
        try await APIHarness.run { api in
            let body = #"{"name":"\#(String(repeating: "x", count: 10_000_000))"}"#
            let answer = try await api.client(.post, "/plans", body)
            #expect(answer.status == 413)
            #expect(answer.message.contains("1048576"))
            #expect(try await api.client(.get, "/plans").list.isEmpty)
        }
    }

    @Test("An unknown uuid is a 404 naming it, for every method and resource")
    func unknownUUIDs() async throws {
        try await APIHarness.run { api in
            let uuid = UUID().wire
            for resource in ["plans", "destinations", "dlmas", "dls", "campaigns", "dialings"] {
                let found = try await api.client(.get, "/\(resource)/\(uuid)")
                #expect(found.status == 404)
                #expect(found.message.contains(uuid))
                guard resource != "dialings" else { continue }
                #expect(try await api.client(.put, "/\(resource)/\(uuid)", "{}").status == 404)
                #expect(try await api.client(.delete, "/\(resource)/\(uuid)").status == 404)
            }
            #expect(try await api.client(.get, "/campaigns/\(uuid)/stats").status == 404)
            #expect(try await api.client(.post, "/campaigns/\(uuid)/preview").status == 404)
            #expect(try await api.client(.delete, "/campaigns/\(uuid)/preview/\(uuid)").status == 404)
        }
    }

    static let queries: [(method: HTTPRequest.Method, target: String, names: String)] = [
        (.get, "/plans?limit=0", "limit"), (.get, "/plans?limit=x", "limit"), (.get, "/plans?limit=", "limit"),
        (.get, "/plans?limit=10001", "limit"), (.get, "/plans?limit=-1", "limit"),
        (.get, "/plans?limit=1&limit=2", "limit"),
        (.get, "/plans?limit=99999999999999999999", "limit"), (.get, "/plans?cursor=nonsense", "cursor"),
        (.get, "/plans?cursor=", "cursor"), (.get, "/dialings?limit=a", "limit"),
        (.get, "/campaigns?cursor=%FF", "cursor"),
        (.get, "/dls", "dlma_uuid"), (.get, "/dls?dlma_uuid=x", "dlma_uuid"),
        (.get, "/dls?dlma_uuid=50fd1e1f-920b-477a-b84c-afe58928dadc&count=0", "count"),
        (.get, "/dls?dlma_uuid=50fd1e1f-920b-477a-b84c-afe58928dadc&count=-5", "count"),
        (.get, "/dls?dlma_uuid=50fd1e1f-920b-477a-b84c-afe58928dadc&count=many", "count"),
        (.get, "/dls?dlma_uuid=50fd1e1f-920b-477a-b84c-afe58928dadc&count=5&limit=5", "count"),
        (.delete, "/plans/50fd1e1f-920b-477a-b84c-afe58928dadc?force=yes", "force"),
        (.delete, "/plans/50fd1e1f-920b-477a-b84c-afe58928dadc?force=", "force"),
        (.delete, "/campaigns/50fd1e1f-920b-477a-b84c-afe58928dadc?force=2", "force"),
        (.delete, "/dlmas/50fd1e1f-920b-477a-b84c-afe58928dadc?delete_dls=true", "delete_dls"),
    ]

    @Test("A bad query parameter is a 400 naming it")
    func badQueries() async throws {
        try await APIHarness.run { api in
            for (method, target, name) in Self.queries {
                let answer = try await api.client(method, target)
                #expect(answer.status == 400, "\(target)")
                #expect(answer.message.contains(name), "\(target)")
            }
        }
    }

    @Test("Parameters the service does not know, like jade's authtoken, are ignored")
    func otherParameters() async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.get, "/plans?authtoken=abc&x&=&%")
            #expect(answer.status == 200)
        }
    }

    @Test("A reference to what does not exist is a 400 naming field and uuid; null and existing ones are fine")
    func danglingReferences() async throws {
        try await APIHarness.run { api in
            let missing = UUID().wire
            for field in ["plan", "dlma", "dest", "next_campaign"] {
                let answer = try await api.client(.post, "/campaigns", #"{"\#(field)":"\#(missing)"}"#)
                #expect(answer.status == 400)
                #expect(answer.message.hasPrefix("\(field): "))
                #expect(answer.message.contains(missing))
                #expect(try await api.client(.post, "/campaigns", #"{"\#(field)":null}"#).status == 200)
            }
            let entry = try await api.client(.post, "/dls", #"{"dlma_uuid":"\#(missing)"}"#)
            #expect(entry.status == 400)
            #expect(entry.message.hasPrefix("dlma_uuid: "))
            let without = try await api.client(.post, "/dls", #"{"number_1":"300"}"#)
            #expect(without.status == 400)
            #expect(without.message.hasPrefix("dlma_uuid: "))

            let plan = try await api.client.create("/plans")
            let campaign = try await api.client.create("/campaigns", #"{"plan":"\#(plan)"}"#)
            let changed = try await api.client(.put, "/campaigns/\(campaign)", #"{"name":"n","plan":"\#(missing)"}"#)
            #expect(changed.status == 400)
            let after = try await api.client(.get, "/campaigns/\(campaign)")
            #expect(after.result["plan"] == .string(plan))
            #expect(after.result["name"] == .null)
        }
    }

    @Test("Campaigns may not follow themselves, directly or in a circle")
    func circles() async throws {
        try await APIHarness.run { api in
            let first = try await api.client.create("/campaigns")
            let second = try await api.client.create("/campaigns", #"{"next_campaign":"\#(first)"}"#)
            for next in [first, second] {
                let answer = try await api.client(.put, "/campaigns/\(first)", #"{"next_campaign":"\#(next)"}"#)
                #expect(answer.status == 400)
                #expect(answer.message.hasPrefix("next_campaign: "))
            }
        }
    }
}
