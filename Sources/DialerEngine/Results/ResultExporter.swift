import CoreMetrics
import DialerStore
import Logging
import NIOConcurrencyHelpers
import NIOPosix

import struct Foundation.UUID

/// Copies result rows to the results file, in the order they were committed: append, fsync, then remember how far it got.
///
/// The file may be ahead of the remembered position (a crash between the two), never behind. On start the file's end is therefore
/// compared with the rows that come next, and those it holds already are skipped. While the file cannot be written the rows wait
/// in PostgreSQL.
final class ResultExporter: Sendable {
    private struct State {
        var trouble: String?
        /// The trouble is the database's, not the file's.
        var waitsForStore = false
        var mustReopen = true
        /// How often everything that waited was exported.
        var round = 0
    }

    /// How far the open file is.
    private struct Progress {
        /// nil until it was read from the database.
        var position: ExportPosition?
        /// What the file's end held when it was opened; nil once past it.
        var tail: ResultsFile.Tail?
        /// Rows that stand in the file, or in the one that had its name before, and may not have been remembered.
        var unsaved: Set<UUID> = []

        func holds(_ dialing: UUID) -> Bool {
            self.tail?.dialings.contains(dialing) == true || self.unsaved.contains(dialing)
        }
    }

    private let store: any EngineStore
    private let leases: LeaseBook
    private let file: ResultsFile
    private let configuration: EngineConfiguration
    private let clock: any EngineClock
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let moreRows = Signal()
    /// For ``flush()``.
    private let roundDone = Signal()
    private let idleAlarm: Alarm

    /// More than the longest batch: what a crash can have left in the file unremembered.
    private let windowBytes: Int64 = 64 << 20

    init(
        store: any EngineStore, leases: LeaseBook, configuration: EngineConfiguration, clock: any EngineClock,
        pool: NIOThreadPool,
        logger: Logger
    ) {
        self.store = store
        self.leases = leases
        self.file = ResultsFile(path: configuration.resultsFile, pool: pool)
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.idleAlarm = Alarm(clock: clock)
    }

    /// Opens the file and keeps other processes from it, as long as this one lives. Blocks for a moment.
    ///
    /// - Throws: ``OtherWriterError``. Whatever else is in the way is told by ``trouble`` once there are lines to write.
    func takeFile() throws {
        do {
            try self.file.take()
        } catch let error as ResultsFileError {
            self.logger.debug("results file not opened yet", metadata: ["error": "\(error)"])
        }
    }

    /// Result rows were committed.
    func rowsWritten() {
        self.moreRows.raise()
    }

    /// Reopens the file by its name before the next line.
    func reopen() {
        self.state.withLockedValue { $0.mustReopen = true }
        self.moreRows.raise()
    }

    /// Returns when every row committed before the call is in the file, or it cannot be written, or the task is cancelled.
    func flush() async {
        let round = self.state.withLockedValue { $0.round }
        self.moreRows.raise()
        // The round under way may have read its rows already; the one after it cannot have.
        while self.state.withLockedValue({ $0.round < round + 2 && $0.trouble == nil }), !Task.isCancelled {
            await self.roundDone.wait()
            self.moreRows.raise()
        }
    }

    /// What keeps lines from the file; nil when nothing does.
    var trouble: String? { self.state.withLockedValue { $0.trouble } }

    /// The same where the file is at fault.
    var fileTrouble: String? { self.state.withLockedValue { $0.waitsForStore ? nil : $0.trouble } }

    /// Exports until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.idleAlarm.run { self.moreRows.raise() } }
            group.addTask { await self.exportUntilCancelled() }
            group.addTask { await self.watchFile() }
            await group.next()
            group.cancelAll()
        }
        self.file.close()
    }

    /// Notices that the file was moved or removed while there is nothing to write.
    private func watchFile() async {
        while !Task.isCancelled {
            try? await self.clock.sleep(until: self.clock.uptime() + self.configuration.fileCheckInterval)
            if (try? await self.file.isReplaced()) == true { self.moreRows.raise() }
        }
    }

    private func exportUntilCancelled() async {
        var progress = Progress()
        var delay = self.configuration.retryDelay
        while !Task.isCancelled {
            do {
                try await self.exportPending(&progress)
                self.settled()
                delay = self.configuration.retryDelay
                self.idleAlarm.set(at: self.clock.uptime() + self.configuration.idleCheckInterval)
                await self.moreRows.wait()
            } catch {
                if Task.isCancelled { return }
                self.report(error)
                self.state.withLockedValue { $0.mustReopen = true }
                try? await self.clock.sleep(until: self.clock.uptime() + delay)
                delay = min(delay * 2, self.configuration.longestRetryDelay)
            }
        }
    }

    /// Appends every row that waits; returns when there is none.
    private func exportPending(_ progress: inout Progress) async throws {
        while !Task.isCancelled {
            var held = self.state.withLockedValue { state -> Bool in
                defer { state.mustReopen = false }
                return state.mustReopen
            }
            if !held, try await self.file.isReplaced() {
                held = true
                self.logger.notice(
                    "the results file was moved, removed or changed and is opened anew",
                    metadata: ["file": "\(self.file.path)"])
            }
            if held {
                let opened = try await self.file.open(windowBytes: self.windowBytes)
                if opened.repaired > 0 {
                    self.logger.warning(
                        "cut a torn last line off the results file", metadata: ["bytes": "\(opened.repaired)"])
                }
                progress = Progress(tail: opened, unsaved: progress.unsaved)
            }
            // Which lines are this engine's is not known yet; whoever learns it raises the signal.
            guard let reader = self.leases.reader else { return }
            var reached: ExportPosition
            if let position = progress.position {
                reached = position
            } else {
                reached =
                    try await self.store.exportPosition(file: self.file.path, for: reader)
                    ?? ExportPosition(sequence: 0, bytes: 0)
            }
            let rows = try await self.store.pendingResults(
                after: reached.sequence, limit: self.configuration.exportBatch, for: reader)
            guard let last = rows.last else {
                progress.position = reached
                return
            }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(rows.reduce(0) { $0 + $1.line.count + 1 })
            for row in rows where !row.line.isEmpty && !progress.holds(row.dialing) {
                bytes.append(contentsOf: row.line)
                if row.line.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
            }
            if bytes.isEmpty {
                reached.bytes = progress.tail?.length ?? reached.bytes
            } else {
                // Removed while it was written to: the same rows go into the file that is made in its place.
                guard let length = try await self.file.append(bytes) else { continue }
                reached.bytes = length
            }
            reached.sequence = last.sequence
            progress.unsaved.formUnion(rows.lazy.map(\.dialing))
            try await self.store.saveExportPosition(file: self.file.path, reached, for: reader)
            progress.position = reached
            progress.unsaved = []
            // Once a row is new, all that follow are.
            if !bytes.isEmpty { progress.tail = nil }
            EngineMetrics.exported.increment(by: rows.count { !$0.line.isEmpty })
        }
    }

    private func report(_ error: any Error) {
        let text = "\(error)"
        let waitsForStore = error is StoreError
        let isNew = self.state.withLockedValue { state -> Bool in
            let isOther = waitsForStore ? !state.waitsForStore : state.trouble != text
            state.trouble = text
            state.waitsForStore = waitsForStore
            return isOther
        }
        self.roundDone.raise()
        if isNew, waitsForStore {
            self.logger.warning("the results file waits for the database", metadata: ["error": "\(text)"])
        } else if isNew {
            self.logger.error(
                "results are held in the database, the results file cannot be written", metadata: ["error": "\(text)"])
        }
    }

    private func settled() {
        let wasInTrouble = self.state.withLockedValue { state -> Bool in
            state.round += 1
            defer {
                state.trouble = nil
                state.waitsForStore = false
            }
            return state.trouble != nil
        }
        self.roundDone.raise()
        if wasInTrouble { self.logger.notice("the results file is written again") }
    }
}
