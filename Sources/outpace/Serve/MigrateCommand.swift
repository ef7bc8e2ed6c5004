import ArgumentParser

/// `outpace migrate`: brings the database's schema up to date and ends.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date, as `serve` does when it starts."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try self.options.load()
        let logger = ConfigurationOptions.bootstrapLog(level: configuration.log.level)
        try await DatabaseSession(configuration: configuration, logger: logger).run { _ in }
        print("the schema is up to date")
    }
}
