import Logging
import NIOConcurrencyHelpers

/// Keeps what is logged, so that a test can wait for it.
final class LogRecorder: Sendable {
    private let lines = NIOLockedValueBox<[String]>([])

    /// A logger of every level that ends here.
    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(recorder: self) }
        logger.logLevel = .trace
        return logger
    }

    /// Whether a message that holds `text` was logged.
    func has(_ text: String) -> Bool {
        lines.withLockedValue { $0.contains { $0.contains(text) } }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.lines.withLockedValue { $0.append("\(event.message)") }
        }
    }
}
