import DialerEngine
import DialerModel
import DialerStore
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The REST surface: plans, destinations, lists, contacts, campaigns and calls, in jade's paths and envelope.
package struct ControlAPI: Sendable {
    private let environment: APIEnvironment
    private let metrics: MetricsRegistry?
    private let desk: UploadDesk
    private let jobDesk: ListJobDesk

    /// - Parameters:
    ///   - store: where resources live.
    ///   - engine: asked about live things, told about changed campaigns.
    ///   - now: the wall clock.
    ///   - metrics: what `/metrics` shows; without it there is no such path.
    package init(
        store: DialerStore,
        engine: any EngineControl,
        configuration: ControlAPIConfiguration,
        now: @escaping @Sendable () -> Timestamp,
        metrics: MetricsRegistry? = nil,
        logger: Logger
    ) {
        self.environment = APIEnvironment(
            store: store, engine: engine, configuration: configuration, now: now, logger: logger
        )
        self.metrics = metrics
        self.desk = UploadDesk(
            uploads: store.uploads, maximumWaiting: configuration.maximumWaitingUploads, logger: logger)
        self.jobDesk = ListJobDesk(jobs: store.listJobs, counts: store.listCounts, logger: logger)
    }

    /// Every endpoint behind the envelope and the request metrics.
    package func buildRouter() -> Router<ControlRequestContext> {
        let environment = self.environment
        let endpoints = self.endpoints
        let router = Router(context: ControlRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestMetricsMiddleware())
        router.add(
            middleware: EnvelopeMiddleware(
                envelope: environment.envelope,
                routes: RouteTable(endpoints),
                configuration: environment.configuration
            )
        )
        let limiter = RequestLimiter(maximum: environment.configuration.maximumConcurrentRequests)
        for endpoint in endpoints {
            for path in endpoint.paths {
                router.on(RouterPath(path), method: endpoint.method) { request, context in
                    guard !endpoint.isProbe else { return try await endpoint.handler(request, context) }
                    return try await limiter.run { try await endpoint.handler(request, context) }
                }
            }
        }
        return router
    }

    /// The server, to be run by the process's service group.
    ///
    /// - Parameter onListening: called with the port that was bound, once requests are taken.
    package func buildServer(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) -> ControlServer {
        ControlServer(
            application: self.buildApplication(onListening: onListening),
            configuration: self.environment.configuration
        )
    }

    /// The Hummingbird application inside ``buildServer(onListening:)``.
    package func buildApplication(
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Application<RouterResponder<ControlRequestContext>> {
        let configuration = self.environment.configuration
        let envelope = self.environment.envelope
        let logger = self.environment.logger
        let routes = RouteTable(self.endpoints)
        return Application(
            router: self.buildRouter(),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [
                        ConnectionGuard(configuration: configuration, envelope: envelope) { routes.isStreaming($0) }
                    ],
                    idleTimeout: TimeAmount(configuration.idleTimeout),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 2 * configuration.maximumTargetBytes,
                        maxHeaderListSize: 8 * configuration.maximumTargetBytes,
                        maxHeaderFieldCount: 128
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "outpace",
                backlog: 256,
                reuseAddress: true,
                availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: logger)
            ),
            services: [self.desk, self.jobDesk],
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? configuration.port) },
            logger: logger
        )
    }

    private var endpoints: [Endpoint] {
        let environment = self.environment
        let resources =
            PlanEndpoints(environment).endpoints + DestinationEndpoints(environment).endpoints
            + DialListMasterEndpoints(environment).endpoints + DialListEntryEndpoints(environment).endpoints
            + CampaignEndpoints(environment).endpoints
        let live =
            CampaignStatisticsEndpoints(environment).endpoints + PreviewEndpoints(environment).endpoints
            + DialingEndpoints(environment).endpoints
            + UploadEndpoints(environment, desk: self.desk).endpoints + ExportEndpoints(environment).endpoints
            + DoNotCallEndpoints(environment).endpoints
            + ListCountEndpoints(environment).endpoints + ListJobEndpoints(environment).endpoints
        let all = resources + live + HealthEndpoints(environment).endpoints
        return all + DocumentEndpoints(metrics: self.metrics).endpoints(describing: all)
    }
}
