import DequeModule
import NIOConcurrencyHelpers

/// A driver's events: an asynchronous sequence with exactly one consumer, and a buffer the producer is asked to respect.
///
/// Nothing is ever dropped. The producer appends with ``Continuation/yield(_:)`` and then waits in ``Continuation/waitForRoom()`` before
/// it reads more from its PBX, so that the buffer holds little more than its capacity. The sequence ends when the continuation is
/// finished and the buffer is empty, or when the consumer's task is cancelled.
package struct TelephonyEvents: AsyncSequence, Sendable {
    package typealias Element = TelephonyEvent
    package typealias Failure = Never

    private let buffer: EventBuffer

    /// - Parameter capacity: Events that may wait before the producer has to, at least 1. A queue's picture counts as one and as one more for
    ///   every eight of its members, so that the bound is one of memory.
    package static func makeStream(
        capacity: Int = 16_384
    ) -> (stream: TelephonyEvents, continuation: Continuation) {
        let buffer = EventBuffer(capacity: capacity)
        return (TelephonyEvents(buffer: buffer), Continuation(buffer: buffer))
    }

    /// How much waits, in the capacity's units.
    package var waiting: Int { self.buffer.waiting }
    /// How often the producer had to wait for room.
    package var pauses: Int { self.buffer.pauses }

    package func makeAsyncIterator() -> Iterator { Iterator(buffer: self.buffer) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let buffer: EventBuffer

        package func next() async -> TelephonyEvent? { await self.buffer.next() }

        package func next(isolation actor: isolated (any Actor)?) async -> TelephonyEvent? { await self.buffer.next() }
    }

    /// The producer's end.
    package struct Continuation: Sendable {
        fileprivate let buffer: EventBuffer

        /// Appends an event at once, whatever the buffer holds.
        package func yield(_ event: TelephonyEvent) { self.buffer.append(CollectionOfOne(event)) }

        /// Appends events at once, in order.
        package func yield(contentsOf events: some Collection<TelephonyEvent>) { self.buffer.append(events) }

        /// Returns when the buffer holds less than its capacity, the stream is finished, or the task is cancelled.
        package func waitForRoom() async { await self.buffer.waitForRoom() }

        /// Ends the sequence after what is buffered.
        package func finish() { self.buffer.finish() }
    }
}

/// The state shared by both ends of ``TelephonyEvents``.
private final class EventBuffer: Sendable {
    private struct State {
        var events: Deque<TelephonyEvent> = []
        /// What ``events`` amount to, in the capacity's units.
        var size = 0
        var pauses = 0
        var isFinished = false
        var consumer: CheckedContinuation<TelephonyEvent?, Never>?
        var producers: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextProducer = 0
    }

    private let capacity: Int
    private let state = NIOLockedValueBox(State())

    init(capacity: Int) {
        self.capacity = Swift.max(1, capacity)
    }

    func append(_ events: some Collection<TelephonyEvent>) {
        let consumer: (CheckedContinuation<TelephonyEvent?, Never>, TelephonyEvent)? = self.state.withLockedValue {
            state in
            guard !state.isFinished else { return nil }
            for event in events {
                state.events.append(event)
                state.size += Self.size(of: event)
            }
            guard let consumer = state.consumer, let first = Self.popFirst(&state) else { return nil }
            state.consumer = nil
            return (consumer, first)
        }
        if let (consumer, event) = consumer { consumer.resume(returning: event) }
    }

    var waiting: Int { self.state.withLockedValue { $0.size } }
    var pauses: Int { self.state.withLockedValue { $0.pauses } }

    private static func size(of event: TelephonyEvent) -> Int {
        switch event {
        case .queue(let snapshot): 1 + snapshot.members.count / 8
        case .ready(let liveCalls): 1 + liveCalls.count / 8
        case .call, .lost: 1
        }
    }

    private static func popFirst(_ state: inout State) -> TelephonyEvent? {
        guard let event = state.events.popFirst() else { return nil }
        state.size -= self.size(of: event)
        return event
    }

    func finish() {
        let (consumer, producers) = self.state.withLockedValue { state in
            state.isFinished = true
            defer {
                state.consumer = nil
                state.producers = [:]
            }
            return (state.consumer, state.producers.values)
        }
        consumer?.resume(returning: nil)
        for producer in producers { producer.resume() }
    }

    func next() async -> TelephonyEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<TelephonyEvent?, Never>) in
                let (result, producers) = self.state.withLockedValue { state in
                    self.take(&state, orWait: continuation)
                }
                for producer in producers { producer.resume() }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let consumer = self.state.withLockedValue { state in
                defer { state.consumer = nil }
                return state.consumer
            }
            consumer?.resume(returning: nil)
        }
    }

    /// The outer optional is `nil` when the consumer has to wait.
    private func take(
        _ state: inout State,
        orWait continuation: CheckedContinuation<TelephonyEvent?, Never>
    ) -> (TelephonyEvent??, [CheckedContinuation<Void, Never>]) {
        precondition(state.consumer == nil, "TelephonyEvents has one consumer")
        guard let event = Self.popFirst(&state) else {
            if state.isFinished || Task.isCancelled { return (.some(nil), []) }
            state.consumer = continuation
            return (nil, [])
        }
        var producers: [CheckedContinuation<Void, Never>] = []
        // Woken at half, so that producer and consumer do not take turns for every event.
        if !state.producers.isEmpty, state.size <= self.capacity / 2 {
            producers = Array(state.producers.values)
            state.producers = [:]
        }
        return (event, producers)
    }

    func waitForRoom() async {
        let ticket: Int? = self.state.withLockedValue { state in
            guard state.size >= self.capacity, !state.isFinished else { return nil }
            state.pauses += 1
            state.nextProducer += 1
            return state.nextProducer
        }
        guard let ticket else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let hasRoom = self.state.withLockedValue { state in
                    if state.size < self.capacity || state.isFinished || Task.isCancelled { return true }
                    state.producers[ticket] = continuation
                    return false
                }
                if hasRoom { continuation.resume() }
            }
        } onCancel: {
            self.state.withLockedValue { $0.producers.removeValue(forKey: ticket) }?.resume()
        }
    }
}
