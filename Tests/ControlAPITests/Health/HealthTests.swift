import DialerEngine
import DialerModel
import HTTPTypes
import OrderedCollections
import Testing

@testable import ControlAPI

@Suite("Signs of life")
struct HealthTests {
    @Test("ping answers as jade's did, healthz says up")
    func signs() async throws {
        try await APIHarness.run { api in
            #expect(try await api.client(.get, "/ping").result == .object(["message": .string("pong")]))
            let health = try await api.client(.get, "/healthz")
            #expect(health.status == 200)
            #expect(health.result["status"] == .string("up"))
        }
    }

    @Test("readyz is 200 when every part works and 503 naming the parts that do not")
    func readiness() async throws {
        try await APIHarness.run { api in
            let ready = try await api.client(.get, "/readyz")
            #expect(ready.status == 200)
            #expect(ready.result["status"] == .string("ready"))

            api.engine.script.health = [
                ComponentHealth(component: "postgresql", isHealthy: true),
                ComponentHealth(component: "asterisk:pbx1", isHealthy: false, detail: "login refused"),
                ComponentHealth(component: "results", isHealthy: false, detail: "disk full"),
            ]
            let down = try await api.client(.get, "/readyz")
            #expect(down.status == 503)
            #expect(down.headers[.retryAfter] == "5")
            #expect(down.message == "asterisk:pbx1: login refused; results: disk full")
            #expect(down.result["components"]?.arrayValue?.count == 3)
        }
    }
}
