import AsteriskDriver
import AsteriskManager
import ControlAPI
import DialerEngine
import DialerStore
import Logging
import Metrics
import ServiceLifecycle
import Telephony
import UnixSignals

/// The running service: the engine with its Asterisks, the REST surface, and the signals that steer them.
struct DialerService {
    var configuration: ServiceConfiguration
    var store: DialerStore
    var logger: Logger

    /// Serves until SIGTERM or SIGINT, then stops in order: REST first, then the engine.
    func run() async throws {
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        if self.configuration.asterisk.isEmpty {
            self.logger.warning("no asterisk is configured: campaigns can be edited, nothing will be dialed")
        }
        let clock = SystemClock()
        let engine = DialerEngine(
            store: self.store,
            drivers: self.configuration.asterisk.map { AsteriskDriver(configuration: $0.driver, logger: self.logger) },
            configuration: self.configuration.engineRoom,
            clock: clock,
            logger: self.logger
        )
        // Before anything is changed or answered: with another service's files this one is not to start.
        try engine.takeFiles()
        let api = ControlAPI(
            store: self.store,
            engine: engine,
            configuration: self.configuration.api,
            now: { clock.now() },
            metrics: metrics,
            logger: self.logger
        )
        if try await self.store.uploads.recover() > 0 {
            self.logger.warning("uploads were interrupted by the last stop; /uploads says how far they were")
        }
        let host = self.configuration.http.host
        let server = api.buildServer { port in
            self.logger.notice("listening", metadata: ["url": "http://\(host):\(port)"])
        }
        let services: [any Service] = [
            MemoryUpkeep(), HangupSignal { engine.reopenResultsFile() }, engine, server,
        ]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: $0,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: self.logger
            )
        )
        try await group.run()
        self.logger.notice("stopped")
    }
}
