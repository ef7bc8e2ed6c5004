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
        let ledger = DialingLedger(
            limits: limits, unwrittenLimit: configuration.unwrittenLimit, policy: pacing, clock: clock)
        let leases = LeaseBook(configuration: configuration, clock: clock)
        let filePool = NIOThreadPool(numberOfThreads: 1)
        let exporter = ResultExporter(
            store: store, leases: leases, configuration: configuration, clock: clock, pool: filePool, logger: logger)
        let drained = Signal()
        let abandonment = AbandonBook()
        let writer = ResultWriter(
            store: store, leases: leases, configuration: configuration, clock: clock, logger: logger
        ) { batch in
            exporter.rowsWritten()
            let campaigns = ledger.written(batch.map { ($0.dialing.campaign, $0.dialing.dlma) })
            for campaign in campaigns { abandonment.drained(campaign) }
            if !campaigns.isEmpty { drained.raise() }
        }
        let answers = AnswerLog(store: store, clock: clock, configuration: configuration, logger: logger)
        let desks = drivers.map { driver in
            PBXDesk(
                driver: driver, ledger: ledger, leases: leases, writer: writer, answers: answers, abandonment: abandonment,
                clock: clock,
                configuration: configuration,
                logger: logger)
        }
        self.context = EngineContext(
            store: store, ledger: ledger, leases: leases, writer: writer, answers: answers, exporter: exporter,
            abandonment: abandonment, desks: desks, clock: clock, configuration: configuration, logger: logger)
        self.supervisor = CampaignSupervisor(context: self.context)
        self.keeper = LeaseKeeper(context: self.context, inbox: self.supervisor.inbox)
        self.answers = answers
        self.filePool = filePool
        self.drained = drained
    }

    private let drained: Signal

    /// Works until cancelled or asked to stop. Cancellation leaves at once, as a crash would; a graceful shutdown or ``stop()`` claims
    /// nothing more, writes the results there are, and leaves calls in progress at the PBX.
    package func run() async throws {
        self.filePool.start()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await gracefulShutdown()
                self.stopRequested.raise()
            }
            group.addTask { await self.context.writer.run() }
            group.addTask { await self.context.exporter.run() }
            group.addTask { await self.answers.run() }
            group.addTask { await self.serve() }
            await self.stopRequested.wait()
            if !Task.isCancelled { await self.windDown() }
            group.cancelAll()
        }
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
        while !Task.isCancelled {
            do throws(StoreError) {
                _ = try await store.releaseExpired(now: clock.now())
                try await self.keeper.begin()
                let orphans = try await store.releaseOrphans()
                if orphans > 0 {
                    self.context.logger.notice(
                        "gave contacts back that nobody dials", metadata: ["contacts": "\(orphans)"])
                }
                return true
            } catch {
                self.context.logger.error("waiting for the database", metadata: ["error": "\(error)"])
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
                await self.keeper.end()
            }
            group.addTask { try? await clock.sleep(until: clock.uptime() + self.context.configuration.shutdownTime) }
            await group.next()
            group.cancelAll()
        }
        let left = self.context.writer.backlog
        if left > 0 {
            self.context.logger.error(
                "stopped with results not written; the next start ends those dialings", metadata: ["results": "\(left)"]
            )
        }
    }
}

extension DialerEngine {
    /// What the results file's exporter has to say about itself.
    var resultsHealth: ComponentHealth {
        let trouble = self.context.exporter.trouble
        return ComponentHealth(component: "results", isHealthy: trouble == nil, detail: trouble)
    }
}
