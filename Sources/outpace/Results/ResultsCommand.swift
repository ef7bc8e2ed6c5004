import ArgumentParser
import DialerModel
import DialerStore
import Foundation

/// `outpace results rebuild`: what can be done with results files beside the service.
struct ResultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: "Results files, from the database.",
        subcommands: [RebuildCommand.self]
    )

    /// `outpace results rebuild`
    struct RebuildCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rebuild",
            abstract: "Write the results file of a time again, from the database.",
            discussion: """
                The lines are those of the results file, byte for byte and in its order, of calls that ended at --from or later \
                and before --to. The service may run meanwhile. A time is an instant such as 2026-03-01T08:00:00Z, or a day.
                """
        )

        @Option(help: "Only calls that ended at this time or later. (default: from the first)")
        var from: String?

        @Option(help: "Only calls that ended before this time. (default: up to the last)")
        var to: String?

        @Option(name: .shortAndLong, help: "The file to write.")
        var output: String

        @Flag(help: "Replace the file if there is one; not one that a running service writes.")
        var force = false

        @OptionGroup var options: ConfigurationOptions

        func validate() throws {
            let (since, until) = (try Self.time("--from", self.from), try Self.time("--to", self.to))
            if let since, let until, until <= since { throw ValidationError("--to must be later than --from") }
        }

        func run() async throws {
            let configuration = try self.options.load()
            let rebuild = ResultsRebuild(
                since: try Self.time("--from", self.from), until: try Self.time("--to", self.to),
                file: self.output, replaces: self.force)
            try rebuild.checkFile()
            let logger = ConfigurationOptions.bootstrapLog(level: "error")
            let count = try await DatabaseSession(configuration: configuration, logger: logger, onlyReads: true)
                .run { store in try await rebuild.run(store.results) }
            print("\(self.output): \(count) results")
        }

        /// An instant, or a day for its first instant in UTC.
        private static func time(_ option: String, _ text: String?) throws -> Timestamp? {
            guard let text else { return nil }
            guard let time = Timestamp(wire: text.utf8.count == 10 ? text + "T00:00:00Z" : text) else {
                throw ValidationError(
                    "\(option): expected an instant such as 2026-03-01T08:00:00Z or a day such as 2026-03-01, got \"\(text)\""
                )
            }
            return time
        }
    }
}
