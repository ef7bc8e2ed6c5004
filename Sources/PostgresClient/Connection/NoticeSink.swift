import CLibpq
import Logging

/// Receives the server's notices of one connection and logs them.
final class NoticeSink: Sendable {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// The sink has to outlive the connection.
    func attach(to connection: OpaquePointer) {
        PQsetNoticeProcessor(
            connection,
            { context, message in
                guard let context, let message else { return }
                Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue().receive(String(cString: message))
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(_ message: String) {
        logger.debug("PostgreSQL notice", metadata: ["notice": "\(message.prefix(1024))"])
    }
}
