import DialerModel
import DialerStore
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import PostgresClient
import Telephony
import TestSupport
import Testing

import class Foundation.FileManager
import struct Foundation.UUID

@testable import DialerEngine

/// A real PostgreSQL that is there and does not take results: none is lost, and none is taken for refused.
@Suite("A database that answers and takes nothing", .timeLimit(.minutes(10)))
struct RefusingDatabaseTests {
    /// What stands in the way of every result.
    enum Obstacle: CaseIterable {
        /// A lock on the row everybody needs, and a limit to waiting for it.
        case lockTimeout
        case statementTimeout
        /// What a stricter isolation and a full disk of the server say, every time.
        case serializationFailure, diskFull

        var setting: String {
            switch self {
            case .lockTimeout: "lock_timeout = '20ms'"
            case .statementTimeout: "statement_timeout = '300ms'"
            case .serializationFailure, .diskFull: "lock_timeout = 0"
            }
        }
    }

    @Test("every result is kept on the disk, and written once when nothing is in the way", arguments: Obstacle.allCases)
    func obstacle(_ obstacle: Obstacle) async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 12)
            let log = RecordedLog()
            // The database's own settings hold for connections made from here on.
            let name = try await bed.client.query("SELECT current_database()").first?.decode(String.self, at: 0)
            _ = try await bed.client.execute(
                "ALTER DATABASE \(unescaped: try #require(name)) SET \(unescaped: obstacle.setting)")
            try await TestDatabase.withClient(
                url: PostgresTestServer.shared().url(database: try #require(name)),
                configure: { $0.statementTimeout = .seconds(60) }
            ) { client in
                let store = DialerStore(client: client, logger: TestDatabase.logger)
                try await bed.withEngine(store: store, logger: log.logger) { engine in
                    try await eventually("all ring") { pbx.orders.count == 12 }
                    try await self.blocked(by: obstacle, bed) {
                        for order in pbx.orders { pbx.busy(order.dialing) }
                        try await eventually("their results are on the disk (\(log.messages))") {
                            FileManager.default.fileExists(atPath: (bed.configuration.spoolFolder ?? "") + "/results")
                                && engine.context.writer.state.withLockedValue { $0.book.countOnDisk } == 12
                        }
                        #expect(try await bed.results().isEmpty)
                    }
                    try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
                }
            }
            try await bed.expectOneResultPerClaim()
            #expect(bed.lines().count == 12)
            #expect(bed.lines().allSatisfy { $0.contains(#""res_dial":5"#) })
            #expect(!log.messages.contains { $0.contains("refuses a result") })
        }
    }

    @Test("races lost for real, with a stricter isolation, are run again until they are won")
    func lostRaces() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 40)
            let log = RecordedLog(level: .debug)
            let name = try #require(
                try await bed.client.query("SELECT current_database()").first?.decode(String.self, at: 0))
            _ = try await bed.client.execute(
                "ALTER DATABASE \(unescaped: name) SET default_transaction_isolation = 'repeatable read'")
            try await TestDatabase.withClient(url: PostgresTestServer.shared().url(database: name)) { client in
                try await bed.withEngine(store: DialerStore(client: client, logger: log.logger)) { _ in
                    try await eventually("all ring") { pbx.orders.count == 40 }
                    var ended = 0
                    // Who waits for this row finds it changed.
                    try await eventually("a race is lost") {
                        try await bed.client.withTransaction { transaction in
                            _ = try await transaction.execute("UPDATE result_sequence SET last = last")
                            if ended < 40 { pbx.busy(pbx.orders[ended].dialing) }
                            ended += 1
                            _ = try await transaction.query("SELECT pg_sleep(0.2)")
                        }
                        return log.messages.contains("transaction lost a race, trying again")
                    }
                    for order in pbx.orders.dropFirst(ended) { pbx.busy(order.dialing) }
                    try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
                }
            }
            try await bed.expectOneResultPerClaim()
            #expect(bed.lines().count == 40)
        }
    }

    /// Runs `body` while the obstacle is there.
    private func blocked(
        by obstacle: Obstacle, _ bed: EngineBed, _ body: () async throws -> Void
    ) async throws {
        switch obstacle {
        case .lockTimeout, .statementTimeout:
            try await bed.client.withTransaction { transaction in
                _ = try await transaction.query("SELECT last FROM result_sequence FOR UPDATE")
                try await body()
            }
        case .serializationFailure, .diskFull:
            let name = obstacle == .diskFull ? "disk_full" : "serialization_failure"
            _ = try await bed.client.execute(
                """
                CREATE FUNCTION obstacle() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '\(unescaped: name)'; END $$
                """
            )
            _ = try await bed.client.execute(
                "CREATE TRIGGER obstacle BEFORE INSERT ON dialing_result EXECUTE FUNCTION obstacle()")
            try await body()
            _ = try await bed.client.execute("DROP TRIGGER obstacle ON dialing_result")
        }
    }
}
