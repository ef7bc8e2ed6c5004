import ArgumentParser
import Foundation

/// `outpace export contacts|results`: takes contacts or results out of a running service.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Take contacts or results out, as CSV or NDJSON.",
        subcommands: [ContactsCommand.self, ResultsCommand.self]
    )

    enum Format: String, CaseIterable, ExpressibleByArgument { case csv, ndjson }

    /// What both have in common.
    struct Selection: ParsableArguments {
        @Option(help: "csv or ndjson.")
        var format = Format.csv

        @Option(help: "Which columns, in which order, separated by commas. (default: all)")
        var columns: String?

        @Option(help: "Only with this status; several separated by commas.")
        var status: String?

        @Option(help: "Only with this res_dial; several separated by commas.")
        var resDial: String?

        @Option(help: "Only with this res_hangup; several separated by commas.")
        var resHangup: String?

        @Option(help: "Only calls that ended at this time or later: an instant such as 2026-03-01T08:00:00Z, or a day.")
        var since: String?

        @Option(help: "Only calls that ended before this time.")
        var until: String?

        @Option(name: .shortAndLong, help: "The file to write. (default: standard output)")
        var output: String?

        var parameters: [(String, String?)] {
            [
                ("format", self.format.rawValue), ("columns", self.columns), ("status", self.status),
                ("res_dial", self.resDial), ("res_hangup", self.resHangup), ("since", self.since),
                ("until", self.until),
            ]
        }

        func run(_ path: String, _ more: [(String, String?)], _ client: APIClient) async throws {
            let query = (self.parameters + more).compactMap { name, value in
                value.map { "\(name)=\(QueryText.encoded($0))" }
            }
            let download = FileDownload(path: "\(path)?\(query.joined(separator: "&"))", client: client)
            if let output { try await download.save(to: output) } else { try await download.print() }
        }
    }

    /// `outpace export contacts`
    struct ContactsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "contacts", abstract: "The contacts of one list, in the order of their creation.")

        @Option(help: "The list's uuid.")
        var list: String

        @Flag(inversion: .prefixedNo, help: "Only contacts that were called, or only those never called.")
        var tried: Bool?

        @OptionGroup var selection: Selection
        @OptionGroup var options: ClientOptions

        func validate() throws { try ExportCommand.requireUUID("--list", self.list) }

        func run() async throws {
            try await self.selection.run(
                "/dlmas/\(self.list)/dls", [("tried", self.tried.map { $0 ? "1" : "0" })], self.options.client)
        }
    }

    /// `outpace export results`
    struct ResultsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "results", abstract: "Results of finished calls, in the order in which they ended.")

        @Option(help: "Only calls of this campaign.")
        var campaign: String?

        @Option(help: "Only calls of contacts of this list.")
        var list: String?

        @Flag(inversion: .prefixedNo, help: "Only abandoned calls, or only the others.")
        var abandoned: Bool?

        @OptionGroup var selection: Selection
        @OptionGroup var options: ClientOptions

        func validate() throws {
            if let campaign { try ExportCommand.requireUUID("--campaign", campaign) }
            if let list { try ExportCommand.requireUUID("--list", list) }
        }

        func run() async throws {
            try await self.selection.run(
                "/results",
                [
                    ("campaign_uuid", self.campaign), ("dlma_uuid", self.list),
                    ("abandoned", self.abandoned.map { $0 ? "1" : "0" }),
                ], self.options.client)
        }
    }

    private static func requireUUID(_ option: String, _ text: String) throws {
        guard UUID(uuidString: text) != nil else {
            throw ValidationError("\(option): expected a uuid, got \"\(text)\"")
        }
    }
}
