import CLibevent

/// A one-shot timer on an ``EventLoop`` that can be set again and again. Used on the loop's thread only.
public final class LoopTimer {
    private let event: LoopEvent

    /// - Parameter handler: Called once for each time the timer runs out. Capture the owner weakly.
    public init(on loop: EventLoop, handler: @escaping @Sendable () -> Void) {
        self.event = LoopEvent(on: loop, descriptor: -1, flags: 0) { _ in handler() }
    }

    /// Sets the timer, replacing what was set before. Zero or less fires at the loop's next turn.
    public func schedule(after delay: Duration) {
        event.add(timeout: delay)
    }

    /// Takes the setting back; a cancelled timer doesn't fire.
    public func cancel() {
        event.remove()
    }

    /// Ends the timer. Safe to call twice.
    public func close() {
        event.free()
    }
}
