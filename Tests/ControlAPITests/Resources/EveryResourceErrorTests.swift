import DialerModel
import HTTPTypes
import Testing

import struct Foundation.UUID

@testable import ControlAPI

/// Each way a client can be wrong, on each resource.
@Suite("What a client did wrong, on every resource")
struct EveryResourceErrorTests {
    /// A resource: what a good body needs, a value of a wrong type, one out of range, and the name of each field.
    struct Resource: Sendable, CustomTestStringConvertible {
        var collection: String
        var wrongType: (field: String, json: String)
        var outOfRange: (field: String, json: String)

        var testDescription: String { self.collection }
    }

    private static let longText = "\"\(String(repeating: "x", count: 256))\""

    static let resources = [
        Resource(
            collection: "plans", wrongType: ("dial_timeout", "\"soon\""), outOfRange: ("max_retry_cnt_8", "-1")),
        Resource(collection: "destinations", wrongType: ("application", "[1]"), outOfRange: ("type", "9")),
        Resource(collection: "dlmas", wrongType: ("name", "7"), outOfRange: ("name", Self.longText)),
        Resource(collection: "dls", wrongType: ("number_3", "{}"), outOfRange: ("number_8", Self.longText)),
        Resource(collection: "campaigns", wrongType: ("sc_mode", "\"often\""), outOfRange: ("status", "77")),
    ]

    /// A member every body of the resource needs, with a comma behind it.
    private func needed(_ resource: Resource, _ api: APIHarness) async throws -> String {
        guard resource.collection == "dls" else { return "" }
        return #""dlma_uuid":"\#(try await api.client.create("/dlmas"))","#
    }

    @Test("A bad body is a 400 that names the field, on POST and on PUT, and changes nothing", arguments: resources)
    func badBodies(_ resource: Resource) async throws {
        try await APIHarness.run { api in
            let needed = try await self.needed(resource, api)
            let uuid = try await api.client.create("/\(resource.collection)", "{\(needed)\"name\":\"kept\"}")
            let list =
                "/\(resource.collection)" + (needed.isEmpty ? "" : "?dlma_uuid=\(try await self.list(of: uuid, api))")
            let before = try await api.client(.get, list).text
            for (body, says) in [
                ("{\(needed)\"name\":", "not valid JSON"),
                ("[]", "JSON object"),
                ("{\(needed)\"nmae\":\"x\"}", "nmae: "),
                (
                    "{\(needed)\"detail\":\"lost\",\"\(resource.wrongType.field)\":\(resource.wrongType.json)}",
                    "\(resource.wrongType.field): "
                ),
                (
                    "{\(needed)\"detail\":\"lost\",\"\(resource.outOfRange.field)\":\(resource.outOfRange.json)}",
                    "\(resource.outOfRange.field): "
                ),
                ("{\(needed)\"variables\":{\"A\\r\\nB\":\"1\"}}", "variables"),
                ("{\(needed)\"name\":\"a\\u0000b\"}", "name: "),
            ] {
                for (method, path) in [
                    (HTTPRequest.Method.post, "/\(resource.collection)"), (.put, "/\(resource.collection)/\(uuid)"),
                ] {
                    let answer = try await api.client(method, path, body)
                    #expect(answer.status == 400, "\(method) \(body.prefix(120)): \(answer.text)")
                    #expect(answer.json["error"]?["code"] == .integer(400))
                    #expect(answer.message.contains(says), "\(body.prefix(120)): \(answer.message)")
                }
            }
            let after = try await api.client(.get, list)
            #expect(after.text == before)
        }
    }

    private func list(of entry: String, _ api: APIHarness) async throws -> String {
        try await api.client(.get, "/dls/\(entry)").result["dlma_uuid"]?.stringValue ?? ""
    }

    @Test("A body over the limit is a 413 for POST and PUT, under each of its paths", arguments: resources)
    func tooLarge(_ resource: Resource) async throws {
        try await APIHarness.run { api in
            let uuid = try await api.client.create(
                "/\(resource.collection)", "{\(try await self.needed(resource, api))\"name\":\"kept\"}")
            let body = "{\"name\":\"\(String(repeating: "x", count: 1_100_000))\"}"
            for prefix in ["", "/ob", "/v1/ob"] {
                let created = try await api.client(.post, "\(prefix)/\(resource.collection)", body)
                #expect(created.status == 413)
                #expect(created.message.contains("1048576"))
                #expect(try await api.client(.put, "\(prefix)/\(resource.collection)/\(uuid)", body).status == 413)
            }
            let kept = try await api.client(.get, "/\(resource.collection)/\(uuid)")
            #expect(kept.result["name"] == .string("kept"))
        }
    }

    @Test("Something that is no uuid in the path is a 4xx that says so, for every method", arguments: resources)
    func noUUID(_ resource: Resource) async throws {
        try await APIHarness.run { api in
            for word in ["1", "abc", "%27%3B--", UUID().wire + "0"] {
                for method in [HTTPRequest.Method.get, .put, .delete] {
                    let answer = try await api.client(method, "/\(resource.collection)/\(word)", "{}")
                    #expect((400..<500).contains(answer.status), "\(method) \(word): \(answer.text)")
                    #expect(answer.json["error"]?["code"] == .integer(Int64(answer.status)))
                    #expect(!answer.message.isEmpty)
                }
            }
        }
    }

    @Test("A method the path does not have is a 4xx in the envelope", arguments: resources)
    func otherMethods(_ resource: Resource) async throws {
        try await APIHarness.run { api in
            for method in [HTTPRequest.Method.patch, .delete, .put] {
                let answer = try await api.client(method, "/\(resource.collection)", "{}")
                #expect((400..<500).contains(answer.status), "\(method): \(answer.text)")
                #expect(answer.json["error"]?["code"] == .integer(Int64(answer.status)))
            }
        }
    }
}
