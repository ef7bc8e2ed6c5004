import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import Testing

import struct Foundation.UUID

@testable import ControlAPI

@Suite("Preview: see, then dial or give back")
struct PreviewTests {
    @Test("A reservation answers with the contact, or null when nobody is due, and passes the agent on")
    func reserve() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns", #"{"status":1}"#)
            let path = "/campaigns/\(campaign)/preview"
            let none = try await api.client(.post, path, #"{"target":"agent-01"}"#)
            #expect(none.status == 200)
            #expect(none.text.hasSuffix(#""result":null}"#))

            var contact = DialListEntry(blank: UUID())
            contact.name = "Ada"
            contact.status = .reserved
            api.engine.script.reservation = .success(contact)
            let reserved = try await api.client(.post, path)
            #expect(reserved.uuid == contact.uuid.wire)
            #expect(reserved.result["status"] == .integer(2))
            _ = try await api.client(.post, path, #"{"target":null}"#)
            #expect(api.engine.script.reservedFor == ["agent-01", nil, nil])
        }
    }

    @Test("Bad requests are told apart")
    func errors() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns")
            let path = "/campaigns/\(campaign)/preview"
            let unknown = try await api.client(.post, path, #"{"agent":"x"}"#)
            #expect(unknown.status == 400)
            #expect(unknown.message.contains("target"))
            let wrong = try await api.client(.post, path, #"{"target":5}"#)
            #expect(wrong.status == 400)
            #expect(wrong.message.hasPrefix("target:"))

            let cases: [(EngineError, Int, String)] = [
                (.notFound, 409, "status 1"), (.wrongState("the plan is no preview plan"), 409, "no preview plan"),
                (.pbxUnavailable(name: "pbx1"), 503, "pbx1"), (.atCapacity, 503, "limit"),
                (.store(.notFound(.dl, UUID())), 404, "there is no dl"),
            ]
            for (error, status, says) in cases {
                api.engine.script.reservation = .failure(error)
                let answer = try await api.client(.post, path)
                #expect(answer.status == status)
                #expect(answer.message.contains(says))
                #expect((answer.headers[.retryAfter] != nil) == (status == 503))
            }
        }
    }

    @Test("Dialing and giving back speak of the contact when there is none reserved")
    func dialAndRelease() async throws {
        try await APIHarness.run { api in
            let campaign = try await api.client.create("/campaigns")
            let entry = UUID().wire
            let path = "/campaigns/\(campaign)/preview/\(entry)"
            let dialed = try await api.client(.post, path + "/dial")
            #expect(dialed.status == 404)
            #expect(dialed.message.contains(entry))

            let released = try await api.client(.delete, path)
            #expect(released.status == 200)
            #expect(released.keys == ["api_ver", "timestamp", "statuscode"])
            api.engine.script.releaseError = .notFound
            #expect(try await api.client(.delete, path).status == 404)
            #expect(try await api.client(.delete, "/campaigns/\(campaign)/preview/nonsense").status == 404)
        }
    }
}
