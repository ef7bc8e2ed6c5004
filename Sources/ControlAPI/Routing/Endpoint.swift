import HTTPTypes
import Hummingbird
import HummingbirdCore

/// One method on one path: what answers it, and what `/openapi.json` says about it.
struct Endpoint: Sendable {
    typealias Handler = @Sendable (Request, ControlRequestContext) async throws -> Response

    /// The prefixes under which every resource of jade's is served.
    static let resourcePrefixes = ["", "/ob", "/v1/ob"]

    var method: HTTPRequest.Method
    /// `/plans/{uuid}`
    var path: String
    /// Whether ``resourcePrefixes`` apply.
    var isAliased: Bool
    /// Whether it is answered even when the server is full.
    var isProbe: Bool
    /// Whether body and answer are streams that may go on for hours as long as they go on.
    var isStreaming: Bool
    var operation: Operation
    var handler: Handler

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        isAliased: Bool = true,
        isProbe: Bool = false,
        isStreaming: Bool = false,
        _ operation: Operation,
        handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.isAliased = isAliased
        self.isProbe = isProbe
        self.isStreaming = isStreaming
        self.operation = operation
        self.handler = handler
    }

    /// Every path this endpoint is served at.
    var paths: [String] {
        self.isAliased ? Self.resourcePrefixes.map { $0 + self.path } : [self.path]
    }
}
