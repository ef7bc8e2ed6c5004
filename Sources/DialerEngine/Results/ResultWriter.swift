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
final class ResultWriter: Sendable {
    private struct State {
        var waiting: Deque<FinishedDialing> = []
        /// Refused by the database, not by the connection.
        var refused: [FinishedDialing] = []
        /// Every dialing whose result is not committed.
        var dialings: Set<UUID> = []
        var trouble: String?
    }

    private let store: any EngineStore
    private let leases: LeaseBook
    private let configuration: EngineConfiguration
    private let clock: any EngineClock
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let moreResults = Signal()
    private let batchFull = Signal()
    /// For ``flush()``.
    private let committedSome = Signal()
    private let refusedAlarm: Alarm
    private let onWritten: @Sendable ([FinishedDialing]) -> Void

    /// - Parameter onWritten: called after each commit with what it holds.
    init(
        store: any EngineStore,
        leases: LeaseBook,
        configuration: EngineConfiguration,
        clock: any EngineClock,
        logger: Logger,
        onWritten: @escaping @Sendable ([FinishedDialing]) -> Void
    ) {
        self.store = store
        self.leases = leases
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.refusedAlarm = Alarm(clock: clock)
        self.onWritten = onWritten
    }

    /// Takes a result; it will be written.
    func enqueue(_ finished: FinishedDialing) {
        let count = self.state.withLockedValue { state -> Int in
            state.waiting.append(finished)
            state.dialings.insert(finished.dialing.uuid)
            return state.waiting.count
        }
        if count == 1 { self.moreResults.raise() }
        if count == self.configuration.resultBatch { self.batchFull.raise() }
    }

    /// Results not committed yet.
    var backlog: Int {
        self.state.withLockedValue { $0.dialings.count }
    }

    /// Whether a dialing's result waits here.
    func holds(_ dialing: UUID) -> Bool {
        self.state.withLockedValue { $0.dialings.contains(dialing) }
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
            await group.next()
            group.cancelAll()
        }
    }

    private func writeUntilCancelled() async {
        while !Task.isCancelled {
            await self.moreResults.wait()
            await self.gather()
            while !Task.isCancelled {
                let batch = self.take()
                if batch.isEmpty { break }
                await self.write(batch)
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

    private func take() -> [FinishedDialing] {
        self.state.withLockedValue { state in
            let count = min(state.waiting.count, self.configuration.resultBatch)
            let batch = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return batch
        }
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
        let recovered = self.state.withLockedValue { state -> Bool in
            for finished in batch { state.dialings.remove(finished.dialing.uuid) }
            defer { if state.refused.isEmpty { state.trouble = nil } }
            return state.trouble != nil && state.refused.isEmpty
        }
        if recovered { self.logger.notice("results are written again") }
        self.onWritten(batch)
        self.committedSome.raise()
    }

    private func giveBack(_ batch: [FinishedDialing]) {
        self.state.withLockedValue { state in
            state.waiting.prepend(contentsOf: batch)
        }
    }

    private func setApart(_ finished: FinishedDialing) {
        self.state.withLockedValue { state in
            state.refused.append(finished)
        }
        self.logger.error(
            "the database refuses a result; it is kept in memory and tried again",
            metadata: ["dialing": "\(finished.dialing.uuid)", "campaign": "\(finished.dialing.campaign)"]
        )
        self.refusedAlarm.set(at: self.clock.uptime() + self.configuration.longestRetryDelay)
    }

    private func retryRefused() {
        let count = self.state.withLockedValue { state -> Int in
            state.waiting.append(contentsOf: state.refused)
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
    }
}
