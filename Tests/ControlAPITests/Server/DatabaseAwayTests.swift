import DialerModel
import HTTPTypes
import PostgresClient
import TestSupport
import Testing

@testable import ControlAPI

@Suite("PostgreSQL away")
struct DatabaseAwayTests {
    @Test(
        "Requests are answered 503 with Retry-After while it is away, healthz goes on, and all is well when it is back")
    func away() async throws {
        let server = try await PostgresTestServer.start()
        let configure: @Sendable (inout PostgresConfiguration) -> Void = {
            $0.acquireTimeout = .milliseconds(1_500)
            $0.connectTimeout = .seconds(2)
        }
        try await APIHarness.run(databaseURL: server.url(), postgres: configure) { api in
            let uuid = try await api.client.create("/plans")
            try await server.stop()
            for (method, path, body) in [
                (HTTPRequest.Method.get, "/plans", nil), (.post, "/plans", "{}"),
                (.put, "/plans/\(uuid)", #"{"name":"x"}"#),
                (.delete, "/plans/\(uuid)", nil),
            ] as [(HTTPRequest.Method, String, String?)] {
                let answer = try await api.client(method, path, body)
                #expect(answer.status == 503)
                #expect(answer.headers[.retryAfter] != nil)
                #expect(answer.message.contains("database"))
                #expect(!answer.message.contains(server.directory))
            }
            #expect(try await api.client(.get, "/healthz").status == 200)
            api.engine.script.health = []
            let ready = try await api.client(.get, "/readyz")
            #expect(ready.status == 503)
            #expect(ready.message.hasPrefix("postgresql: "))

            try await server.restart()
            let plans = try await Poll.until {
                try await api.client(.get, "/plans")
            } holds: {
                $0.status == 200
            }
            #expect(plans.list.count == 1)
            #expect(plans.list.first?["name"] == .null)
        }
        await server.remove()
    }
}
