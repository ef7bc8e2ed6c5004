import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import OrderedCollections
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
            try await self.expectEveryOperationAway(api)

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

    /// Asks for everything the document names, each as a client would, and is told each time to come again.
    private func expectEveryOperationAway(_ api: APIHarness) async throws {
        let away = StoreError.unavailable(PostgresError(.connectionLost, "cut by the test"))
        api.engine.script.hangUpError = .notFound
        api.engine.script.reservation = .failure(.store(away))
        api.engine.script.dialing = .failure(.store(away))
        api.engine.script.releaseError = .store(away)
        let uuid = "01a1fdbd-595e-79e5-acd3-8e3009973876"
        let bodies = [
            "/dlmas/{uuid}/dls": "number_1\n100\n", "/dnc/upload": "number\n100\n",
            "/dnc": #"{"number":"+491711234567"}"#,
            "/dls": #"{"dlma_uuid":"\#(uuid)","number_1":"100"}"#, "/dlmas/{uuid}/move": #"{"target":"\#(uuid)"}"#,
            "/dlmas/{uuid}/recycle": #"{"res_dial":"busy"}"#,
            "/campaigns/{uuid}": #"{"status":1}"#,
        ]
        // What a server without a database can still say.
        let alive = ["/ping", "/healthz", "/readyz", "/openapi.json", "/metrics"]
        let document = try await api.client(.get, "/openapi.json").json
        let paths = try #require(document["paths"]?.objectValue)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for (path, item) in paths where !alive.contains(path) {
                for name in item.objectValue?.keys ?? [] {
                    guard let method = HTTPRequest.Method(rawValue: name.uppercased()),
                        [.get, .post, .put, .delete].contains(method)
                    else { continue }
                    let query = path == "/dls" && method == .get ? "?dlma_uuid={uuid}" : ""
                    let target = (path + query).replacing("{uuid}", with: uuid).replacing("{dl_uuid}", with: uuid)
                        .replacing("{number}", with: "491711234567")
                    let body = [.post, .put].contains(method) ? bodies[path] ?? "{}" : nil
                    group.addTask {
                        let answer = try await api.client(method, target, body)
                        #expect(answer.status == 503, "\(method) \(path): \(answer.text)")
                        let seconds = answer.headers[.retryAfter].flatMap { Int($0) }
                        #expect((seconds ?? 0) > 0, "\(method) \(path)")
                        return 1
                    }
                }
            }
            let count = try await group.reduce(0, +)
            #expect(count >= 45)
        }
    }
}
