import DialerModel
import DialerStore
import Logging
import NIOPosix
import Pacing
import ServiceLifecycle
import Telephony

import struct Foundation.UUID

/// The dialer: runs every campaign that is started, follows every call, writes every result.
///
/// It owns its drivers (it runs them) and borrows the store. Calls that are up when it stops stay up at the PBX; the next start finds
/// them there and goes on.
package final class DialerEngine: Service, Sendable {
    let context: EngineContext
    let supervisor: CampaignSupervisor
    let keeper: LeaseKeeper
    let relay: EngineRelay
    private let answers: AnswerLog
    private let filePool: NIOThreadPool
    private let stopRequested = Signal()

    /// - Parameters:
    ///   - drivers: one for each PBX, names unique; the engine runs them.
    ///   - pacing: how many calls a campaign places.
    package convenience init(
        store: DialerStore,
        drivers: [any TelephonyDriver],
        configuration: EngineConfiguration,
        pacing: any PacingPolicy = AvailabilityPolicy(),
        clock: any EngineClock = SystemClock(),
        logger: Logger
    ) {
        self.init(
            engineStore: store, drivers: drivers, configuration: configuration, pacing: pacing, clock: clock,
            logger: logger)
    }

    package init(
        engineStore store: any EngineStore,
        drivers: [any TelephonyDriver],
        configuration: EngineConfiguration,
        pacing: any PacingPolicy = AvailabilityPolicy(),
        clock: any EngineClock = SystemClock(),
        logger: Logger
    ) {
        let limits = Dictionary(drivers.map { ($0.name, $0.limits) }, uniquingKeysWith: { first, _ in first })
        let ledger = DialingLedger(limits: limits, configuration: configuration, policy: pacing, clock: clock)
        // The results file and the spool may lie on different disks: neither waits for the other.
        let filePool = NIOThreadPool(numberOfThreads: 2)
        let spool = configuration.spoolFolder.map { SpoolFile(folder: $0, pool: filePool) }
        let leases = LeaseBook(configuration: configuration, clock: clock)
        let exporter = ResultExporter(
            store: store, leases: leases, configuration: configuration, clock: clock, pool: filePool, logger: logger)
        let drained = Signal()
        let abandonment = AbandonBook()
        let writer = ResultWriter(
            store: store, leases: leases, configuration: configuration, clock: clock, spool: spool, logger: logger
        ) { batch in
            exporter.rowsWritten()
            let campaigns = ledger.written(batch.map { ($0.campaign, $0.dlma) })
            for campaign in campaigns { abandonment.drained(campaign) }
            if !campaigns.isEmpty { drained.raise() }
        }
        let answers = AnswerLog(store: store, clock: clock, configuration: configuration, logger: logger)
        let desks = drivers.map { driver in
            PBXDesk(
                driver: driver, ledger: ledger, leases: leases, writer: writer, answers: answers,
                abandonment: abandonment,
                clock: clock,
                configuration: configuration,
                logger: logger)
        }
        self.context = EngineContext(
            store: store, ledger: ledger, leases: leases, writer: writer, answers: answers, exporter: exporter,
            abandonment: abandonment, desks: desks, clock: clock, configuration: configuration, logger: logger)
        self.supervisor = CampaignSupervisor(context: self.context)
        self.relay = EngineRelay(store: store, engine: leases.engine, clock: clock, logger: logger)
        self.keeper = LeaseKeeper(context: self.context, inbox: self.supervisor.inbox, relay: self.relay)
        self.answers = answers
        self.filePool = filePool
        self.drained = drained
    }

    private let drained: Signal

    /// Makes sure that nobody else writes this engine's files, now and as long as it lives; ``run()`` does so where this was not called
    /// before. Blocks for a moment.
    ///
    /// - Throws: ``OtherWriterError``. A file that cannot be used for another reason is told by ``health()``, and tried again.
    package func takeFiles() throws {
        try self.context.exporter.takeFile()
        do {
            try self.context.writer.spool?.lock()
        } catch let error as ResultsFileError {
            self.context.logger.error(
                "results cannot be kept on the disk and are in memory alone", metadata: ["error": "\(error)"])
        }
    }

    /// Works until cancelled or asked to stop. Cancellation leaves at once, as a crash would; a graceful shutdown or ``stop()`` claims
    /// nothing more, writes the results there are, and leaves calls in progress at the PBX.
    ///
    /// - Throws: ``OtherWriterError``.
    package func run() async throws {
        try self.takeFiles()
        self.filePool.start()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await gracefulShutdown()
                self.stopRequested.raise()
            }
            group.addTask { await self.context.writer.run() }
            group.addTask { await self.context.exporter.run() }
            group.addTask { await self.answers.run() }
            group.addTask { await self.relay.run { await self.carryOut($0) } }
            group.addTask { await self.serve() }
            await self.stopRequested.wait()
            if !Task.isCancelled { await self.windDown() }
            group.cancelAll()
        }
        self.context.writer.spool?.close()
        try? await self.filePool.shutdownGracefully()
    }

    /// Asks ``run()`` to end in an orderly way.
    package func stop() {
        self.stopRequested.raise()
    }

    /// Reopens the results file by its name; for log rotation.
    package func reopenResultsFile() {
        self.context.exporter.reopen()
    }

    // MARK: Start and end

    private func serve() async {
        guard await self.restore() else { return }
        await withTaskGroup(of: Void.self) { group in
            for desk in self.context.desks { group.addTask { await desk.run() } }
            group.addTask { await self.keeper.run() }
            group.addTask {
                await self.keeper.replaced.wait()
                if !Task.isCancelled { self.stop() }
            }
            group.addTask {
                while !Task.isCancelled {
                    await self.drained.wait()
                    self.supervisor.callsDrained()
                }
            }
            await self.supervisor.run()
            group.cancelAll()
        }
    }

    /// Becomes one of the database's engines and takes over what a former process left: its open dialings, and contacts held by nobody.
    ///
    /// - Returns: false when cancelled before the database answered.
    private func restore() async -> Bool {
        let (store, clock, configuration) = (self.context.store, self.context.clock, self.context.configuration)
        var delay = configuration.retryDelay
        var isReplayed = false
        while !Task.isCancelled {
            do {
                // Once: when the engine is registered the former process's leases are nobody's, and nothing is written under them.
                if !isReplayed {
                    let former = try await store.formerFences(of: configuration.name)
                    await self.keeper.keep(
                        try await self.context.writer.replay(
                            by: LeaseHolder(engine: configuration.name, fences: former)))
                    isReplayed = true
                }
                self.context.exporter.rowsWritten()
                _ = try await store.releaseExpired(now: clock.now())
                try await self.keeper.begin()
                let orphans = try await store.releaseOrphans()
                if orphans > 0 {
                    self.context.logger.notice(
                        "gave contacts back that nobody dials", metadata: ["contacts": "\(orphans)"])
                }
                return true
            } catch {
                self.context.logger.error(
                    error is StoreError
                        ? "waiting for the database" : "the results kept on the disk cannot be read; nothing is dialed",
                    metadata: ["error": "\(error)"])
                try? await clock.sleep(until: clock.uptime() + delay)
                delay = min(delay * 2, configuration.longestRetryDelay)
            }
        }
        return false
    }

    private func windDown() async {
        self.context.logger.notice("stopping: no more calls are placed")
        let clock = self.context.clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.supervisor.stopRunners()
                for desk in self.context.desks { await desk.close() }
                await self.answers.flush()
                await self.context.writer.flush()
                await self.context.exporter.flush()
                // What is not written can be written under these leases alone, by the next start: they are given to nobody.
                if self.context.writer.backlog == 0 { await self.keeper.end() }
            }
            group.addTask { try? await clock.sleep(until: clock.uptime() + self.context.configuration.shutdownTime) }
            await group.next()
            group.cancelAll()
        }
        let left = self.context.writer.backlog
        guard left > 0 else { return }
        if await self.secureResults() {
            self.context.logger.warning(
                "stopped with results not written; they are kept on the disk, and the next start writes them",
                metadata: ["results": "\(left)"])
        } else {
            self.context.logger.error(
                "stopped with results not written; the next start ends those dialings", metadata: ["results": "\(left)"]
            )
        }
    }
}

extension DialerEngine {
    /// Puts on the disk what the database did not take, unless the disk takes longer than a stop may.
    private func secureResults() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.context.writer.secure() }
            group.addTask {
                let clock = self.context.clock
                try? await clock.sleep(until: clock.uptime() + self.context.configuration.shutdownTime)
                return false
            }
            let isSecure = await group.next() ?? false
            group.cancelAll()
            return isSecure
        }
    }

    /// What the spool has to say about itself; nil without one.
    var spoolHealth: ComponentHealth? {
        guard self.context.writer.spool != nil else { return nil }
        let trouble = self.context.writer.spoolTrouble
        return ComponentHealth(component: "spool", isHealthy: trouble == nil, detail: trouble)
    }

    /// What the results file's exporter has to say about itself.
    var resultsHealth: ComponentHealth {
        let trouble = self.context.exporter.fileTrouble
        return ComponentHealth(component: "results", isHealthy: trouble == nil, detail: trouble)
    }
}
