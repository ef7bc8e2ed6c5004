import DialerModel
import NIOConcurrencyHelpers

@testable import DialerEngine

/// Time that stands still until the test moves it.
final class ManualClock: EngineClock {
    private struct State {
        var uptime = Duration.zero
        var wall: Timestamp
        var nextID = 0
        var sleepers: [Int: (until: Duration, wake: CheckedContinuation<Void, any Error>)] = [:]
    }

    private let state: NIOLockedValueBox<State>

    /// - Parameter start: the wall clock's reading, microseconds since 1970.
    init(start: Timestamp = Timestamp(microseconds: 1_780_000_000_000_000)) {
        self.state = NIOLockedValueBox(State(wall: start))
    }

    func now() -> Timestamp { self.state.withLockedValue { $0.wall } }
    func uptime() -> Duration { self.state.withLockedValue { $0.uptime } }

    func advance(by time: Duration) {
        let woken = self.state.withLockedValue { state in
            state.uptime += time
            state.wall = state.wall + time
            let due = state.sleepers.filter { $0.value.until <= state.uptime }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.wake)
        }
        for continuation in woken { continuation.resume() }
    }

    func sleep(until instant: Duration) async throws {
        let id = self.state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isDone = self.state.withLockedValue { state -> Bool in
                    if state.uptime >= instant || Task.isCancelled { return true }
                    state.sleepers[id] = (instant, continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            self.state.withLockedValue { $0.sleepers.removeValue(forKey: id) }?.wake.resume(
                throwing: CancellationError())
        }
    }
}
