import ArgumentParser
import DialerModel

/// `outpace status`: every campaign with its counters, one line each.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show every campaign: its status, calls in progress, answered, abandoned."
    )

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = self.options.client
        let campaigns = try await client.send("GET", "/campaigns")["list"]?.elements ?? []
        let rows = try await Self.rows(for: campaigns, client: client)
        guard !rows.isEmpty else {
            print("no campaigns yet")
            return
        }
        print(
            TextTable(
                header: ["campaign", "name", "status", "in progress", "dialed", "answered", "abandoned"], rows: rows
            ).text)
    }

    private static func rows(for campaigns: [JSONValue], client: APIClient) async throws -> [[String]] {
        var rows: [[String]] = []
        for campaign in campaigns {
            guard let uuid = campaign["uuid"]?.string else { continue }
            let statistics = try await client.send("GET", "/campaigns/\(uuid)/stats")
            let status = campaign["status"]?.integer.flatMap(CampaignStatus.init(rawValue:))
            rows.append([
                uuid,
                campaign["name"]?.string ?? "",
                status.map { "\($0)" } ?? "?",
                statistics["in_progress"]?.integer.map(String.init) ?? "-",
                statistics["dialed"]?.integer.map(String.init) ?? "-",
                statistics["answered"]?.integer.map(String.init) ?? "-",
                statistics["abandoned"]?.integer.map(String.init) ?? "-",
            ])
        }
        return rows
    }
}
