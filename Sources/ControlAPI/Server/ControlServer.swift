import Glibc
import Hummingbird
import NIOCore
import ServiceLifecycle

/// The HTTP server as a service of the process: listens, answers, and finishes requests in progress on graceful shutdown.
package struct ControlServer: Service {
    private let application: Application<RouterResponder<ControlRequestContext>>
    private let host: String
    private let port: Int

    init(
        application: Application<RouterResponder<ControlRequestContext>>,
        configuration: ControlAPIConfiguration
    ) {
        self.application = application
        self.host = configuration.host
        self.port = configuration.port
    }

    /// How long a shutdown waits for answers in progress: a client that does not read must not hold the service up.
    private static let longestShutdown = Duration.seconds(3)

    /// Serves until graceful shutdown.
    ///
    /// - Throws: ``ControlAPIError`` when the address cannot be listened on.
    package func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.application.run() }
                group.addTask {
                    try await gracefulShutdown()
                    try await Task.sleep(for: Self.longestShutdown)
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch let error as IOError {
            guard error.errnoCode != EADDRINUSE else {
                throw ControlAPIError.addressInUse(host: self.host, port: self.port)
            }
            throw ControlAPIError.cannotListen(host: self.host, port: self.port, reason: error.description)
        } catch let error as SocketAddressError {
            throw ControlAPIError.cannotListen(host: self.host, port: self.port, reason: "\(error)")
        }
    }
}
