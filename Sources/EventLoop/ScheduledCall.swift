import NIOConcurrencyHelpers

/// A call that ``EventLoop/schedule(after:_:)`` will make; usable from every thread.
public final class ScheduledCall: Sendable {
    private enum State {
        case pending(@Sendable () -> Void)
        case done
    }

    private let loop: EventLoop
    private let state: NIOLockedValueBox<State>

    init(on loop: EventLoop, body: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.state = NIOLockedValueBox(.pending(body))
    }

    /// Takes the call back. After this returns the body doesn't start; if it has started it isn't interrupted.
    public func cancel() {
        let wasPending = state.withLockedValue { state in
            guard case .pending = state else { return false }
            state = .done
            return true
        }
        if wasPending {
            loop.execute { [loop, self] in loop.dropTimer(of: self) }
        }
    }

    /// Runs the body unless it ran or was cancelled.
    func fire() {
        let body: (@Sendable () -> Void)? = state.withLockedValue { state in
            guard case .pending(let body) = state else { return nil }
            state = .done
            return body
        }
        body?()
    }

    var isPending: Bool {
        state.withLockedValue { if case .pending = $0 { true } else { false } }
    }
}
