import CLibevent

/// One `struct event` of libevent with the Swift closure it calls. Lives and dies on the loop's thread.
///
/// The loop holds every open event strongly, so libevent never calls into memory that is gone; `free()` is the only way
/// out, and the loop calls it for whatever is left when it ends.
final class LoopEvent {
    /// nil after `free()`, or when the loop had ended already.
    private var event: OpaquePointer?
    private let loop: EventLoop
    private let handler: @Sendable (CShort) -> Void

    /// - Parameters:
    ///   - descriptor: The descriptor to watch; -1 for a pure timer.
    ///   - flags: libevent's `EV_READ`, `EV_WRITE`, `EV_PERSIST` as `OUTPACE_EVENT_…`.
    init(on loop: EventLoop, descriptor: CInt, flags: Int32, handler: @escaping @Sendable (CShort) -> Void) {
        loop.preconditionIsolated("events are made on the loop's own thread")
        self.loop = loop
        self.handler = handler
        guard let base = loop.base else { return }
        let context = Unmanaged.passUnretained(self).toOpaque()
        self.event = event_new(
            base, descriptor, CShort(flags),
            { _, what, context in
                guard let context else { return }
                let event = Unmanaged<LoopEvent>.fromOpaque(context).takeUnretainedValue()
                event.handler(what)
            }, context)
        if event != nil {
            loop.register(self)
        }
    }

    /// Starts watching; `timeout` nil waits for the descriptor for ever.
    func add(timeout: Duration? = nil) {
        guard let event else { return }
        guard let timeout else {
            event_add(event, nil)
            return
        }
        let (seconds, attoseconds) = max(timeout, .zero).components
        // A century is "never" for every caller and keeps time_t from overflowing.
        outpace_event_add_after(event, Int(min(seconds, 3_153_600_000)), Int(attoseconds / 1_000_000_000_000))
    }

    /// Stops watching; `add` starts again.
    func remove() {
        guard let event else { return }
        event_del(event)
    }

    /// Stops for good. Safe inside the event's own handler, and twice.
    func free() {
        guard let event else { return }
        self.event = nil
        event_free(event)
        loop.deregister(self)
    }
}
