import HTTPTypes
import NIOConcurrencyHelpers

/// Bounds how many requests are worked on at once, so that a flood is refused early instead of queueing without end.
struct RequestLimiter: Sendable {
    private let maximum: Int
    private let inProgress = NIOLockedValueBox(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Runs `body` when there is room.
    ///
    /// - Throws: what `body` throws, or a 503 ``APIError`` when there is no room.
    func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        let hasRoom = self.inProgress.withLockedValue { count in
            guard count < self.maximum else { return false }
            count += 1
            return true
        }
        guard hasRoom else {
            throw APIError(
                .serviceUnavailable,
                "\(self.maximum) requests are in progress already; try again shortly",
                headers: [.retryAfter: "1"]
            )
        }
        defer { self.inProgress.withLockedValue { $0 -= 1 } }
        return try await body()
    }
}
