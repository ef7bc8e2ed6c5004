import DialerModel
import HTTPTypes
import Testing

@testable import ControlAPI

@Suite("Paths, methods and headers")
struct RoutingTests {
    private static let origin = "x-requested-with, content-type, accept, origin, authorization"

    @Test("Every resource answers under every prefix, with and without a trailing slash")
    func aliases() async throws {
        try await APIHarness.run { api in
            for prefix in ["", "/ob", "/v1/ob"] {
                for resource in ["plans", "destinations", "dlmas", "campaigns", "dialings"] {
                    for path in ["\(prefix)/\(resource)", "\(prefix)/\(resource)/"] {
                        let answer = try await api.client(.get, path)
                        #expect(answer.status == 200, "\(path)")
                        #expect(answer.keys == ["api_ver", "timestamp", "statuscode", "result"])
                        #expect(answer.resultKeys == ["list"])
                    }
                }
            }
        }
    }

    @Test("An unknown path is a 404 in the envelope")
    func unknownPath() async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.get, "/nothing/here")
            #expect(answer.status == 404)
            #expect(
                answer.text == #"{"api_ver":"0.1","timestamp":"2018-03-08T01:42:40.600000000Z","statuscode":404,"#
                    + #""error":{"code":404,"message":"there is nothing at \"/nothing/here\"; /openapi.json lists every path"}}"#
            )
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
            #expect(answer.headers[.accessControlAllowMethods] == "GET, POST, PUT, PATCH, DELETE, OPTIONS")
            #expect(answer.headers[.accessControlAllowOrigin] == "*")
        }
    }

    private static let wrongMethods: [(method: String, path: String, allowed: String)] = [
        ("PATCH", "/plans", "GET, POST, HEAD, OPTIONS"),
        ("PUT", "/ob/plans/", "GET, POST, HEAD, OPTIONS"),
        ("POST", "/v1/ob/plans/2c8f2b4e-6cbe-4a1c-8ed7-3d9a1d1b0f11", "GET, PUT, DELETE, HEAD, OPTIONS"),
        ("POST", "/dialings", "GET, HEAD, OPTIONS"),
        ("GET", "/campaigns/2c8f2b4e-6cbe-4a1c-8ed7-3d9a1d1b0f11/preview", "POST, OPTIONS"),
        ("BREW", "/healthz", "GET, HEAD, OPTIONS"),
    ]

    @Test("A method a path does not take is a 405 that says which it takes")
    func wrongMethod() async throws {
        try await APIHarness.run { api in
            for (method, path, allowed) in Self.wrongMethods {
                let answer = try await api.client(try #require(HTTPRequest.Method(method)), path)
                #expect(answer.status == 405)
                #expect(answer.headers[.allow] == allowed)
                #expect(answer.json["error"]?["code"] == .integer(405))
                #expect(answer.message.contains(allowed))
            }
        }
    }

    @Test("OPTIONS answers 200 with jade's headers and no body where there is something, 404 elsewhere")
    func options() async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.options, "/v1/ob/plans")
            #expect(answer.status == 200)
            #expect(answer.text.isEmpty)
            #expect(answer.headers[.accessControlAllowHeaders] == Self.origin)
            #expect(answer.headers[.accessControlAllowMethods] == "GET, POST, PUT, DELETE")
            #expect(answer.headers[.accessControlAllowOrigin] == "*")
            #expect(answer.headers[.accessControlMaxAge] == "86400")
            #expect(try await api.client(.options, "/nowhere").status == 404)
        }
    }

    @Test("HEAD answers like GET without a body, failures included")
    func head() async throws {
        try await APIHarness.run { api in
            let found = try await api.client(.head, "/plans")
            #expect(found.status == 200)
            #expect(found.text.isEmpty)
            let missing = try await api.client(.head, "/nowhere")
            #expect(missing.status == 404)
            #expect(missing.text.isEmpty)
        }
    }

    @Test("A target beyond the limit is a 414")
    func longTarget() async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.get, "/plans?limit=" + String(repeating: "1", count: 9_000))
            #expect(answer.status == 414)
            #expect(answer.message.contains("8192"))
        }
    }

    @Test("A path uuid that is none is a 404 that says so")
    func badPathUUID() async throws {
        try await APIHarness.run { api in
            for text in ["x", "%00", "50fd1e1f-920b-477a-b84c-afe58928dad", "50fd1e1f920b477ab84cafe58928dadc"] {
                for method in [HTTPRequest.Method.get, .put, .delete] {
                    let answer = try await api.client(method, "/plans/\(text)", method == .put ? "{}" : nil)
                    #expect(answer.status == 404)
                    #expect(answer.message.contains("no uuid"))
                }
            }
        }
    }
}
