import Hummingbird
import HummingbirdCore
import NIOCore

/// `/openapi.json` and `/metrics`: what machines read about the service.
struct DocumentEndpoints: Sendable {
    private let metrics: MetricsRegistry?

    init(metrics: MetricsRegistry?) {
        self.metrics = metrics
    }

    /// - Parameter others: every other endpoint, for the description.
    func endpoints(describing others: [Endpoint]) -> [Endpoint] {
        let metrics = self.metricsEndpoint
        let placeholder = Self.descriptionEndpoint(ByteBuffer())
        let document = OpenAPIDocument(others + metrics + [placeholder]).bytes()
        return metrics + [Self.descriptionEndpoint(ByteBuffer(bytes: document))]
    }

    private static func descriptionEndpoint(_ document: ByteBuffer) -> Endpoint {
        Endpoint(
            .get, "/openapi.json", isAliased: false, isProbe: true,
            Operation(
                id: "openapi",
                tag: "documents",
                summary: "This description.",
                result: .raw(contentType: "application/json")
            )
        ) { _, _ in
            Self.response(document, contentType: "application/json; charset=utf-8")
        }
    }

    private var metricsEndpoint: [Endpoint] {
        guard let registry = self.metrics else { return [] }
        let operation = Operation(
            id: "metrics",
            tag: "documents",
            summary: "Every metric in Prometheus' text format.",
            result: .raw(contentType: "text/plain")
        )
        return [
            Endpoint(.get, "/metrics", isAliased: false, isProbe: true, operation) { _, _ in
                Self.response(
                    ByteBuffer(string: registry.text()), contentType: "text/plain; version=0.0.4; charset=utf-8"
                )
            }
        ]
    }

    private static func response(_ body: ByteBuffer, contentType: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: contentType, .contentLength: "\(body.readableBytes)"],
            body: ResponseBody(byteBuffer: body)
        )
    }
}
