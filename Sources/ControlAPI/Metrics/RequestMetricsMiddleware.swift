import HTTPTypes
import Hummingbird
import HummingbirdCore
import Metrics
import NIOConcurrencyHelpers

/// Counts and times every answered request by route, method and status.
///
/// Labels come from fixed sets: what a client makes up (methods, paths) cannot grow them.
struct RequestMetricsMiddleware: RouterMiddleware {
    typealias Context = ControlRequestContext

    private struct Key: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .options, .patch]

    private let timers = NIOLockedValueBox<[Key: Timer]>([:])
    private let clock = ContinuousClock()

    func handle(
        _ request: Request,
        context: ControlRequestContext,
        next: @concurrent (Request, ControlRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = self.clock.now
        let response = try await next(request, context)
        let key = Key(
            route: context.endpointPath ?? "none",
            method: Self.methods.contains(request.method) ? request.method.rawValue : "other",
            status: response.status.code
        )
        self.timer(for: key).record(duration: self.clock.now - start)
        return response
    }

    /// A timer's count is the number of requests, so no counter stands beside it.
    private func timer(for key: Key) -> Timer {
        self.timers.withLockedValue { timers in
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: "http.server.request.duration",
                dimensions: [("route", key.route), ("method", key.method), ("status", "\(key.status)")]
            )
            timers[key] = timer
            return timer
        }
    }
}
