import ArgumentParser
import Foundation
import Logging

/// `--config`, shared by every command that runs on the service's own configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "The configuration file (YAML). Every key may also be set by environment, as OUTPACE_HTTP_PORT.")
    var config: String?

    /// - Throws: ``ConfigurationError`` naming the key.
    func load() throws -> ServiceConfiguration {
        try ServiceConfiguration.load(path: self.config, environment: ProcessInfo.processInfo.environment)
    }

    /// Sends the process's log to standard error and returns its root.
    static func bootstrapLog(level: String) -> Logger {
        let level = Logger.Level(rawValue: level) ?? .info
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        return Logger(label: "outpace")
    }
}
