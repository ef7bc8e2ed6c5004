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
            // Long enough for a busy machine to connect in; the requests below wait it out side by side.
            $0.acquireTimeout = .seconds(12)
        }
        try await APIHarness.run(databaseURL: server.url(), postgres: configure) { api in
            let uuid = try await api.client.create("/plans")
            try await server.stop()
            api.engine.script.health = []
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (method, path, body) in [
                    (HTTPRequest.Method.get, "/plans", nil), (.post, "/plans", "{}"),
                    (.put, "/plans/\(uuid)", #"{"name":"x"}"#),
                    (.delete, "/plans/\(uuid)", nil),
                ] as [(HTTPRequest.Method, String, String?)] {
                    group.addTask {
                        let answer = try await api.client(method, path, body)
                        #expect(answer.status == 503)
                        #expect(answer.headers[.retryAfter] != nil)
                        #expect(answer.message.contains("database"))
                        #expect(!answer.message.contains(server.directory))
                    }
                }
                group.addTask {
                    let ready = try await api.client(.get, "/readyz")
                    #expect(ready.status == 503)
                    #expect(ready.message.hasPrefix("postgresql: "))
                }
                try await group.waitForAll()
            }
            #expect(try await api.client(.get, "/healthz").status == 200)

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
