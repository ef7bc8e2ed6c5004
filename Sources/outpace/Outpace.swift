import ArgumentParser

/// The command line: subcommands only, each in a file of its own.
@main
struct Outpace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outpace",
        abstract: "A predictive outbound dialer engine.",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, FloorCommand.self, SimulateCommand.self, PaceCommand.self,
            StatusCommand.self, CampaignCommand.self, ListCommand.self, ImportCommand.self, ExportCommand.self,
            ResultsCommand.self,
        ]
    )
}
