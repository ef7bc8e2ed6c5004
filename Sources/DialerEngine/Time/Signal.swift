import NIOConcurrencyHelpers

/// "Something changed, look again": any number of ``raise()`` before the next ``wait()`` count as one.
///
/// One waiter at a time. Raising never blocks and may be done from anywhere, also from under a caller's lock.
package final class Signal: Sendable {
    private enum State {
        case idle
        case raised
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = NIOLockedValueBox(State.idle)

    package init() {}

    /// Wakes the waiter, or the next one.
    package func raise() {
        let waiter: CheckedContinuation<Void, Never>? = self.state.withLockedValue { state in
            switch state {
            case .idle, .raised:
                state = .raised
                return nil
            case .waiting(let continuation):
                state = .idle
                return continuation
            }
        }
        waiter?.resume()
    }

    /// Returns when the signal was raised since the last wait, or when the task is cancelled.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isDone = self.state.withLockedValue { state -> Bool in
                    switch state {
                    case .raised:
                        state = .idle
                        return true
                    case .idle:
                        if Task.isCancelled { return true }
                        state = .waiting(continuation)
                        return false
                    case .waiting:
                        preconditionFailure("a signal has one waiter at a time")
                    }
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Void, Never>? = self.state.withLockedValue { state in
                guard case .waiting(let continuation) = state else { return nil }
                state = .idle
                return continuation
            }
            waiter?.resume()
        }
    }
}
