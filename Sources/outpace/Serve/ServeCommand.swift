import ArgumentParser
import DialerStore

/// `outpace serve`: the service.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the dialer: PostgreSQL, Asterisk connections, campaigns, REST.",
        discussion: """
            SIGTERM and SIGINT stop it in order: no new calls, results written, calls in progress left to the PBX and taken \
            up again at the next start. SIGHUP reopens the results file, for logrotate.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        MemoryUpkeep.prepare()
        var configuration = try self.options.load()
        let logger = ConfigurationOptions.bootstrapLog(level: configuration.log.level)
        configuration.engine.name = try EngineName(configuration).resolve()
        try await DatabaseSession(configuration: configuration, logger: logger).run { [configuration] store in
            try await store.asOnlyEngine(named: configuration.engine.name) {
                try await DialerService(configuration: configuration, store: store, logger: logger).run()
            }
        }
    }
}
