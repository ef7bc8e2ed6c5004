import Logging
import NIOConcurrencyHelpers

/// A log whose messages a test can look at.
final class RecordedLog: Sendable {
    private let recorded = NIOLockedValueBox<[String]>([])
    private let level: Logger.Level

    init(level: Logger.Level = .info) {
        self.level = level
    }

    var messages: [String] { self.recorded.withLockedValue { $0 } }

    var logger: Logger {
        Logger(label: "recorded") { _ in Handler(log: self, logLevel: self.level) }
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.log.recorded.withLockedValue { $0.append("\(event.message)") }
        }
    }
}
