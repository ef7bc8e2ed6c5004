import DialerEngine
import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore

/// `/ping`, `/healthz`, `/readyz`: is the process up, and can it work.
struct HealthEndpoints: Sendable {
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get, "/ping", isAliased: false, isProbe: true,
                Operation(id: "ping", tag: "health", summary: "Answer pong.", result: .schema("Pong"))
            ) { _, _ in
                self.environment.envelope.response { writer in
                    writer.beginObject()
                    writer.field("message", "pong")
                    writer.endObject()
                }
            },
            Endpoint(
                .get, "/healthz", isAliased: false, isProbe: true,
                Operation(
                    id: "healthz", tag: "health", summary: "Answer 200 as long as the process is up.",
                    result: .schema("Health")
                )
            ) { _, _ in
                self.environment.envelope.response { writer in
                    writer.beginObject()
                    writer.field("status", "up")
                    writer.endObject()
                }
            },
            Endpoint(
                .get, "/readyz", isAliased: false, isProbe: true,
                Operation(
                    id: "readyz", tag: "health",
                    summary: "Answer 200 when every part the dialer needs works, 503 naming those that do not.",
                    result: .schema("Readiness"),
                    errors: [503]
                )
            ) { _, _ in
                await self.readiness()
            },
        ]
    }

    private func readiness() async -> Response {
        var components = await self.environment.engine.health()
        if !components.contains(where: { $0.component == "postgresql" }) {
            components.insert(await self.database(), at: 0)
        }
        let down = components.filter { !$0.isHealthy && !$0.isOptional }
        guard !down.isEmpty else {
            return self.environment.envelope.response { Self.write(components, to: &$0) }
        }
        let message = down.map { "\($0.component): \($0.detail ?? "down")" }.joined(separator: "; ")
        var response = self.environment.envelope.response(.serviceUnavailable) { writer in
            writer.beginObject("error")
            writer.field("code", 503)
            writer.field("message", message)
            writer.endObject()
            writer.key("result")
            Self.write(components, to: &writer)
        }
        response.headers[.retryAfter] = "5"
        return response
    }

    private func database() async -> ComponentHealth {
        do throws(StoreError) {
            try await self.environment.store.ping()
            return ComponentHealth(component: "postgresql", isHealthy: true)
        } catch {
            return ComponentHealth(component: "postgresql", isHealthy: false, detail: APIError(error).message)
        }
    }

    private static func status(of components: [ComponentHealth]) -> String {
        if components.contains(where: { !$0.isHealthy && !$0.isOptional }) { return "not ready" }
        return components.allSatisfy { $0.isHealthy && $0.detail == nil } ? "ready" : "degraded"
    }

    private static func write(_ components: [ComponentHealth], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("status", self.status(of: components))
        writer.beginArray("components")
        for component in components {
            writer.beginObject()
            writer.field("component", component.component)
            writer.field("healthy", component.isHealthy)
            writer.field("detail", component.detail)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
