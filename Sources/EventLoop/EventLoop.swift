import CLibevent
import DequeModule
import NIOConcurrencyHelpers

/// One thread that runs libevent and is a Swift executor at the same time: actors whose `unownedExecutor` is this loop
/// run where their descriptors and timers fire, with no hop between.
///
/// As a task executor it also carries tasks that mostly talk to such actors (`withTaskExecutorPreference(loop)`).
/// Nothing that blocks or computes for long belongs here: every descriptor waits meanwhile.
///
/// The loop lives until ``shutdown()``. Jobs that arrive later are still run, one after another, by the thread that
/// brings them, so that no task is ever lost.
//
// @unchecked Sendable: `base`, `wakeEvent`, `local`, `events` and `timers` are touched only by the loop's thread (every
// way in checks it), after its end only by the one thread that drains; all else is constant or inside `shared`.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private enum Phase {
        /// The thread runs jobs or handlers.
        case awake
        /// The thread waits in libevent and must be woken for new work.
        case asleep
        /// The thread is gone; work is run by whoever brings it.
        case ended(draining: Bool)
    }

    private struct Shared {
        var phase: Phase = .awake
        var isStopping = false
        var queue = Deque<Work>()
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// The name of the thread, as debuggers show it; at most 15 characters are kept.
    public let name: String
    private let shared = NIOLockedValueBox(Shared())
    private let wakeDescriptor: CInt

    /// libevent's base; nil once the loop has ended.
    private(set) var base: OpaquePointer?
    private var wakeEvent: OpaquePointer?
    private var local = Deque<Work>()
    private var events: [ObjectIdentifier: LoopEvent] = [:]
    private var timers: [ObjectIdentifier: LoopTimer] = [:]

    /// The loop that runs on the current thread, if any.
    private static let current: Int64 = {
        let slot = outpace_thread_slot_create()
        precondition(slot >= 0, "no thread-specific slot left in this process")
        return slot
    }()

    /// Starts the thread.
    ///
    /// - Throws: ``EventLoopError`` when the system has no descriptor or thread left.
    public init(name: String = "event-loop") throws(EventLoopError) {
        self.name = name
        self.wakeDescriptor = outpace_wakeup_create()
        guard wakeDescriptor >= 0 else { throw EventLoopError(operation: "eventfd", errorNumber: outpace_errno()) }
        guard let base = event_base_new() else {
            outpace_wakeup_close(wakeDescriptor)
            throw EventLoopError(operation: "event_base_new", errorNumber: outpace_errno())
        }
        let wakeEvent = event_new(
            base, wakeDescriptor, CShort(OUTPACE_EVENT_READ | OUTPACE_EVENT_PERSIST),
            { descriptor, _, _ in outpace_wakeup_clear(descriptor) },
            nil)
        guard let wakeEvent, event_add(wakeEvent, nil) == 0 else {
            event_base_free(base)
            outpace_wakeup_close(wakeDescriptor)
            throw EventLoopError(operation: "event_new", errorNumber: outpace_errno())
        }
        self.base = base
        self.wakeEvent = wakeEvent

        let retained = Unmanaged.passRetained(self)
        let result = outpace_thread_start(
            { context in
                guard let context else { return nil }
                Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard result == 0 else {
            retained.release()
            event_free(wakeEvent)
            event_base_free(base)
            outpace_wakeup_close(wakeDescriptor)
            throw EventLoopError(operation: "pthread_create", errorNumber: result)
        }
    }

    deinit {
        outpace_wakeup_close(wakeDescriptor)
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.job(UnownedJob(job)))
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Whether the caller runs on this loop.
    public var isOnLoop: Bool {
        outpace_thread_slot_get(Self.current) == Unmanaged.passUnretained(self).toOpaque()
    }

    public func checkIsolated() {
        precondition(isOnLoop, "not on the event loop's thread")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isOnLoop
    }

    // MARK: Calls and timers

    /// Runs `body` on the loop, after what is queued already; never before this returns.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        enqueue(.call(body))
    }

    /// Runs `body` on the loop after `delay`. Not called when the loop ends first.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> ScheduledCall {
        let call = ScheduledCall(on: self, body: body)
        execute { [self] in
            guard call.isPending, base != nil else { return }
            let timer = LoopTimer(on: self) { [self] in
                dropTimer(of: call)
                call.fire()
            }
            timers[ObjectIdentifier(call)] = timer
            timer.schedule(after: delay)
        }
        return call
    }

    func dropTimer(of call: ScheduledCall) {
        timers.removeValue(forKey: ObjectIdentifier(call))?.close()
    }

    // MARK: Life

    /// Ends the thread once the work queued so far is done, and returns when it is gone. Watches and timers that are
    /// still open are closed. Safe to call twice; not from the loop itself, which could not end while it waits.
    public func shutdown() async {
        await withCheckedContinuation { continuation in
            let (wake, ended) = shared.withLockedValue { shared in
                if case .ended = shared.phase { return (false, true) }
                shared.isStopping = true
                shared.endWaiters.append(continuation)
                return (Self.wakeIfAsleep(&shared), false)
            }
            if wake { outpace_wakeup_signal(wakeDescriptor) }
            if ended { continuation.resume() }
        }
    }

    func register(_ event: LoopEvent) {
        events[ObjectIdentifier(event)] = event
    }

    func deregister(_ event: LoopEvent) {
        events.removeValue(forKey: ObjectIdentifier(event))
    }

    // MARK: The thread

    private static func wakeIfAsleep(_ shared: inout Shared) -> Bool {
        guard case .asleep = shared.phase else { return false }
        shared.phase = .awake
        return true
    }

    private func enqueue(_ work: Work) {
        if isOnLoop {
            local.append(work)
            return
        }
        let (wake, drain) = shared.withLockedValue { shared in
            shared.queue.append(work)
            if case .ended(draining: false) = shared.phase {
                shared.phase = .ended(draining: true)
                return (false, true)
            }
            return (Self.wakeIfAsleep(&shared), false)
        }
        if wake { outpace_wakeup_signal(wakeDescriptor) }
        if drain {
            // The runtime lends the loop; a job run here may let go of the last one who owns it.
            let kept = Unmanaged.passRetained(self)
            drainAfterEnd()
            kept.release()
        }
    }

    private func perform(_ work: Work) {
        switch work {
        case .job(let job):
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        case .call(let body):
            body()
        }
    }

    private func run() {
        outpace_thread_slot_set(Self.current, Unmanaged.passUnretained(self).toOpaque())
        outpace_thread_set_name(String(name.prefix(15)))
        var isRunning = true
        while isRunning {
            // Only what is here now: jobs that make jobs must not starve the descriptors.
            for _ in 0..<local.count {
                if let work = local.popFirst() { perform(work) }
            }
            let mayWait = shared.withLockedValue { shared in
                if !shared.queue.isEmpty {
                    local.append(contentsOf: shared.queue)
                    shared.queue.removeAll(keepingCapacity: true)
                }
                guard local.isEmpty else { return false }
                if shared.isStopping {
                    isRunning = false
                    return false
                }
                shared.phase = .asleep
                return true
            }
            guard isRunning else { break }
            event_base_loop(base, OUTPACE_LOOP_ONCE | (mayWait ? 0 : OUTPACE_LOOP_NONBLOCK))
            if mayWait {
                shared.withLockedValue { $0.phase = .awake }
            }
        }
        end()
    }

    private func end() {
        timers.removeAll()
        for event in Array(events.values) { event.free() }
        if let wakeEvent { event_free(wakeEvent) }
        wakeEvent = nil
        if let base { event_base_free(base) }
        base = nil
        // Closing events may have let go of objects whose clean-up made new jobs.
        while let work = local.popFirst() { perform(work) }
        outpace_thread_slot_set(Self.current, nil)
        let (waiters, drain) = shared.withLockedValue { shared in
            let drain = !shared.queue.isEmpty
            shared.phase = .ended(draining: drain)
            defer { shared.endWaiters = [] }
            return (shared.endWaiters, drain)
        }
        if drain { drainAfterEnd() }
        for waiter in waiters { waiter.resume() }
    }

    /// Runs what came after the end, on the calling thread; only one thread drains at a time.
    private func drainAfterEnd() {
        // A job may let go of the last object that holds this loop.
        let retained = Unmanaged.passRetained(self)
        defer { retained.release() }
        let outer = outpace_thread_slot_get(Self.current)
        outpace_thread_slot_set(Self.current, Unmanaged.passUnretained(self).toOpaque())
        defer { outpace_thread_slot_set(Self.current, outer) }
        while true {
            while let work = local.popFirst() { perform(work) }
            let isDone = shared.withLockedValue { shared in
                if shared.queue.isEmpty {
                    shared.phase = .ended(draining: false)
                    return true
                }
                local.append(contentsOf: shared.queue)
                shared.queue.removeAll()
                return false
            }
            if isDone { return }
        }
    }
}
