import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outpace-bench",
        abstract: "Outpace's benchmarks.",
        subcommands: [AMIDecodingCommand.self, PacingCommand.self, PacingSpeedCommand.self, ClaimsCommand.self],
        defaultSubcommand: AMIDecodingCommand.self
    )
}
