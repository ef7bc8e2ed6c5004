import ArgumentParser
import DialerModel
import DialerStore
import EventLoop
import Foundation
import Logging
import PostgresClient

/// How long a claim takes on a long list that is nearly worked through, beside a short one in the same state.
struct ClaimsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claims",
        abstract: "Claims of 50 contacts on a long list, nine tenths of it finished, and on a short one."
    )

    @Option(help: "Contacts on the long list.")
    var rows = 1_000_000

    @Option(help: "Claims on each list.")
    var claims = 400

    private static let shortRows = 10_000
    private static let batch = 50

    func run() async throws {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "outpace-bench-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        let postgres = PrivatePostgres(dataDirectory: folder.path, poolSize: 4, logger: logger)
        let loop = try EventLoop(name: "bench")
        let client = PostgresClient(
            configuration: PostgresConfiguration(url: try await postgres.start()), eventLoop: loop, logger: logger)
        let isReached = try await self.measure(client, logger)
        await client.close()
        await loop.shutdown()
        await postgres.stop()
        if !isReached { throw ExitCode.failure }
    }

    private func measure(_ client: PostgresClient, _ logger: Logger) async throws -> Bool {
        let store = DialerStore(client: client, logger: logger)
        try await store.migrate()
        var sites = [
            try await ClaimSite(store, client, rows: Self.shortRows),
            try await ClaimSite(store, client, rows: self.rows),
        ]
        for statement in ["VACUUM ANALYZE dial_list_entry", "CHECKPOINT"] {
            try await client.withConnection { try await $0.script(statement) }
        }
        var times: [[Double]] = [[], []]
        // Turn by turn, so that whatever else the machine does meets both.
        for round in 0..<self.claims + 20 {
            for index in sites.indices {
                let time = try await sites[index].claim(Self.batch)
                if round >= 20 { times[index].append(time) }
            }
        }
        let (short, long) = (times[0].sorted(), times[1].sorted())
        print("claims of \(Self.batch) contacts, milliseconds: median, 99th percentile")
        print("  \(Self.shortRows) contacts: \(Self.text(short, 0.5)), \(Self.text(short, 0.99))")
        print("  \(self.rows) contacts: \(Self.text(long, 0.5)), \(Self.text(long, 0.99))")
        let ratio = Self.percentile(long, 0.5) / Self.percentile(short, 0.5)
        print("  ratio of the medians: \((ratio * 100).rounded() / 100) (target 1.5)")
        return Self.percentile(long, 0.99) < 10 && ratio <= 1.5
    }

    private static func percentile(_ sorted: [Double], _ share: Double) -> Double {
        sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private static func text(_ sorted: [Double], _ share: Double) -> String {
        "\((Self.percentile(sorted, share) * 100).rounded() / 100)"
    }
}
