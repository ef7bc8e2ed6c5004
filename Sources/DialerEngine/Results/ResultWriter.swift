import CoreMetrics
import DequeModule
import DialerModel
import DialerStore
import Logging
import Metrics
import NIOConcurrencyHelpers

import struct Foundation.UUID

/// Writes results to PostgreSQL in batches, one transaction each, until they are written.
///
/// Results come in without waiting; the ledger's ceiling of calls in progress and unwritten results together bounds the queue. A batch
/// that fails is kept and tried again with growing pauses. A row the database itself refuses is set apart, so that it holds nobody else up,
/// and tried again too.
///
/// What the database does not take promptly is also put into the spool, so that the end of this process loses none of it. While results
/// are committed within ``EngineConfiguration/spoolDelay`` there is no spool, and it costs nothing.
final class ResultWriter: Sendable {
    struct State {
        /// Which of the book's results are to be written, with the clock's uptime when they came.
        var waiting: Deque<(dialing: UUID, since: Duration)> = []
        /// When the oldest result of the batch came that is being written.
        var writingSince: Duration?
        /// Refused by the database, not by the connection.
        var refused: [UUID] = []
        /// Every result that is not committed.
        var book: SpoolBook
        var trouble: String?
        /// Why nothing can be put on the disk.
        var spoolTrouble: String?
    }

    let store: any EngineStore
    let leases: LeaseBook
    let configuration: EngineConfiguration
    let clock: any EngineClock
    let logger: Logger
    /// nil: results are in memory alone.
    let spool: SpoolFile?
    let state: NIOLockedValueBox<State>
    /// The book has work for the file.
    let moreToSpool = Signal()
    /// For ``secure()``.
    let spoolTried = Signal()
    let slowAlarm: Alarm
    private let moreResults = Signal()
    private let batchFull = Signal()
    /// For ``flush()``.
    private let committedSome = Signal()
    let refusedAlarm: Alarm
    private let onWritten: @Sendable ([FinishedDialing]) -> Void

    /// - Parameter onWritten: called after each commit with what it holds.
    init(
        store: any EngineStore,
        leases: LeaseBook,
        configuration: EngineConfiguration,
        clock: any EngineClock,
        spool: SpoolFile?,
        logger: Logger,
        onWritten: @escaping @Sendable ([FinishedDialing]) -> Void
    ) {
        self.store = store
        self.leases = leases
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.spool = spool
        self.state = NIOLockedValueBox(State(book: SpoolBook(recordLimit: configuration.unwrittenLimit)))
        self.slowAlarm = Alarm(clock: clock)
        self.refusedAlarm = Alarm(clock: clock)
        self.onWritten = onWritten
    }

    /// Takes a result; it will be written.
    func enqueue(_ finished: FinishedDialing) {
        let now = self.clock.uptime()
        let (count, isSpooling) = self.state.withLockedValue { state in
            state.waiting.append((finished.dialing, now))
            state.book.took(finished)
            return (state.waiting.count, state.book.isSpooling)
        }
        if isSpooling { self.moreToSpool.raise() }
        if count == 1 { self.moreResults.raise() }
        if count == self.configuration.resultBatch { self.batchFull.raise() }
    }

    /// Results not committed yet.
    var backlog: Int {
        self.state.withLockedValue { $0.book.count }
    }

    /// Whether a dialing's result waits here.
    func holds(_ dialing: UUID) -> Bool {
        self.state.withLockedValue { $0.book.holds(dialing) }
    }

    /// Returns when everything taken so far is committed, or the task is cancelled.
    func flush() async {
        while self.backlog > 0, !Task.isCancelled {
            self.moreResults.raise()
            await self.committedSome.wait()
        }
    }

    /// Why nothing is written at this moment; nil when all is well.
    var trouble: String? { self.state.withLockedValue { $0.trouble } }

    /// Writes until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.refusedAlarm.run { self.retryRefused() } }
            group.addTask { await self.writeUntilCancelled() }
            if let spool = self.spool {
                group.addTask { await self.slowAlarm.run { self.lookForSlowness() } }
                group.addTask { await self.spoolUntilCancelled(spool) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func writeUntilCancelled() async {
        while !Task.isCancelled {
            await self.moreResults.wait()
            await self.gather()
            while !Task.isCancelled, let batch = self.take() {
                if !batch.isEmpty { await self.write(batch) }
            }
        }
    }

    /// Waits until a batch is full or its first result has waited long enough.
    private func gather() async {
        let isFull = self.state.withLockedValue { $0.waiting.count >= self.configuration.resultBatch }
        if isFull || self.configuration.resultDelay == .zero { return }
        let deadline = self.clock.uptime() + self.configuration.resultDelay
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.clock.sleep(until: deadline) }
            group.addTask { await self.batchFull.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    /// The next batch; nil when nothing waits. Empty when all of it was committed meanwhile, as what came twice is.
    private func take() -> [FinishedDialing]? {
        let next = self.state.withLockedValue { state -> (batch: [FinishedDialing], since: Duration)? in
            state.writingSince = state.waiting.first?.since
            guard let since = state.writingSince else { return nil }
            let count = min(state.waiting.count, self.configuration.resultBatch)
            let batch = state.waiting.prefix(count).compactMap { state.book.result(of: $0.dialing) }
            state.waiting.removeFirst(count)
            return (batch, since)
        }
        guard let next else { return nil }
        self.slowAlarm.set(at: next.since + self.configuration.spoolDelay)
        return next.batch
    }

    /// Returns once the batch is committed, set apart, or the task is cancelled.
    private func write(_ batch: [FinishedDialing]) async {
        var delay = self.configuration.retryDelay
        while true {
            do throws(StoreError) {
                let start = self.clock.uptime()
                _ = try await self.store.finish(batch, by: self.leases.holder)
                EngineMetrics.writeLatency.record(duration: self.clock.uptime() - start)
                self.committed(batch)
                return
            } catch {
                if Task.isCancelled { return self.giveBack(batch) }
                self.report(error)
                if error.isRefusal {
                    if batch.count == 1 {
                        self.setApart(batch[0])
                        return
                    }
                    for finished in batch { await self.write([finished]) }
                    return
                }
            }
            try? await self.clock.sleep(until: self.clock.uptime() + delay)
            delay = min(delay * 2, self.configuration.longestRetryDelay)
        }
    }

    private func committed(_ batch: [FinishedDialing]) {
        let (recovered, needsFile) = self.state.withLockedValue { state in
            let needsFile = state.book.committed(batch.lazy.map(\.dialing), refused: state.refused.count)
            defer { if state.refused.isEmpty { state.trouble = nil } }
            return (state.trouble != nil && state.refused.isEmpty, needsFile)
        }
        if needsFile { self.moreToSpool.raise() }
        if recovered { self.logger.notice("results are written again") }
        self.onWritten(batch)
        self.committedSome.raise()
    }

    private func giveBack(_ batch: [FinishedDialing]) {
        let now = self.clock.uptime()
        self.state.withLockedValue { state in
            let since = state.writingSince ?? now
            state.waiting.prepend(contentsOf: batch.map { ($0.dialing, since) })
        }
    }

    private func setApart(_ finished: FinishedDialing) {
        self.state.withLockedValue { state in
            state.refused.append(finished.dialing)
        }
        self.logger.error(
            "the database refuses a result; it is kept and tried again",
            metadata: ["dialing": "\(finished.dialing)", "campaign": "\(finished.campaign)"]
        )
        self.refusedAlarm.set(at: self.clock.uptime() + self.configuration.longestRetryDelay)
    }

    private func retryRefused() {
        let now = self.clock.uptime()
        let count = self.state.withLockedValue { state -> Int in
            state.waiting.append(contentsOf: state.refused.map { ($0, now) })
            state.refused = []
            return state.waiting.count
        }
        if count > 0 { self.moreResults.raise() }
    }

    private func report(_ error: StoreError) {
        let isNew = self.state.withLockedValue { state -> Bool in
            defer { state.trouble = "\(error)" }
            return state.trouble == nil
        }
        if isNew {
            self.logger.error("results cannot be written and are kept", metadata: ["error": "\(error)"])
        }
        self.beginSpooling()
    }
}
