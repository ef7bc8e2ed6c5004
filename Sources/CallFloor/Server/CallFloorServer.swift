import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A call floor one can log in to: an AMI server with simulated agents and customers behind it.
///
/// Everything runs on one event loop of its own. `run()` opens the port and returns after a graceful shutdown or when its
/// task is cancelled, having hung up all calls and told the sessions. A server runs once.
package final class CallFloorServer: Service {
    private enum State {
        case idle
        case running(port: Int, NIOLoopBound<FloorHub>)
        case stopped(FloorStatistics)
        case failed(CallFloorError)
    }

    private struct Guarded {
        var state = State.idle
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    package let configuration: Configuration
    private let logger: Logger
    private let guarded = NIOLockedValueBox(Guarded())

    package init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// The port the floor listens on; waits until it does.
    package var port: Int {
        get async throws(CallFloorError) {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isKnown = self.guarded.withLockedValue { guarded in
                    guard case .idle = guarded.state else { return true }
                    guarded.waiters.append(continuation)
                    return false
                }
                if isKnown { continuation.resume() }
            }
            switch self.guarded.withLockedValue({ $0.state }) {
            case .running(let port, _): return port
            case .failed(let error): throw error
            case .idle, .stopped: throw .notRunning
            }
        }
    }

    /// The floor's totals now, or at its end when it has stopped.
    package func statistics() async throws(CallFloorError) -> FloorStatistics {
        switch self.guarded.withLockedValue({ $0.state }) {
        case .running(_, let hub):
            do {
                return try await hub.eventLoop.submit {
                    hub.value.catchUp()
                    return hub.value.world.currentStatistics
                }.get()
            } catch {
                throw .notRunning
            }
        case .stopped(let statistics): return statistics
        case .failed(let error): throw error
        case .idle: throw .notRunning
        }
    }

    /// Moves a manual clock on by `seconds` of the floor; what is due happens before this returns.
    package func advance(by seconds: Double) async throws(CallFloorError) {
        guard case .running(_, let hub) = self.guarded.withLockedValue({ $0.state }) else { throw .notRunning }
        do {
            try await hub.eventLoop.submit { hub.value.advance(by: .seconds(seconds)) }.get()
        } catch {
            throw .notRunning
        }
    }

    package func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await self.run(on: group)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func run(on group: MultiThreadedEventLoopGroup) async throws(CallFloorError) {
        let eventLoop = group.next()
        let hub: NIOLoopBound<FloorHub>
        let channel: any Channel
        let port: Int
        do {
            hub = try await self.makeHub(on: eventLoop)
            channel = try await self.bind(hub, on: group)
            port = channel.localAddress?.port ?? self.configuration.port
        } catch {
            self.change(to: .failed(error))
            throw error
        }
        self.change(to: .running(port: port, hub))
        self.logger.info("call floor is open", metadata: ["host": "\(self.configuration.host)", "port": "\(port)"])
        // Closing the listener ends the wait below.
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
        let statistics = try? await eventLoop.flatSubmit {
            hub.value.shutDown().map { hub.value.world.currentStatistics }
        }.get()
        self.change(to: .stopped(statistics ?? FloorStatistics()))
        self.logger.info("call floor is closed", metadata: ["originates": "\(statistics?.originates ?? 0)"])
    }

    private func makeHub(on eventLoop: any EventLoop) async throws(CallFloorError) -> NIOLoopBound<FloorHub> {
        var log: FloorLog?
        if let path = self.configuration.log { log = try FloorLog(path: path, eventLoop: eventLoop) }
        do {
            return try await eventLoop.submit { [configuration, logger, log] in
                NIOLoopBound(
                    FloorHub(
                        configuration: configuration, log: log, epoch: Self.wallClock(), eventLoop: eventLoop,
                        logger: logger
                    ),
                    eventLoop: eventLoop
                )
            }.get()
        } catch {
            throw .notRunning
        }
    }

    private func bind(_ hub: NIOLoopBound<FloorHub>, on group: MultiThreadedEventLoopGroup) async throws(CallFloorError)
        -> any Channel
    {
        let (host, port) = (self.configuration.host, self.configuration.port)
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FloorSession(hub: hub.value))
                    }
                }
                .bind(host: host, port: port)
                .get()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .portInUse(host: host, port: port)
        } catch {
            throw .cannotBind(host: host, port: port, reason: "\(error)")
        }
    }

    private func change(to state: State) {
        let waiters = self.guarded.withLockedValue { guarded in
            guarded.state = state
            defer { guarded.waiters = [] }
            return guarded.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Seconds since 1970; what AMI tells as LoginTime, LastCall and in Ping.
    private static func wallClock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
