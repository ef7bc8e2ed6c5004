import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

/// The recipe of `docs/operations.md`: PostgreSQL under Patroni, one URL with all its servers.
@Suite("High availability", .serialized, .timeLimit(.minutes(15)))
struct HighAvailabilityTests {
    /// Whom the floor's log says was dialed, and when, in seconds since 1970: whatever the service believes.
    private func calls(_ log: URL) throws -> [(number: String, time: Double)] {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        // The last line may not be written to its end.
        return try text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1).compactMap { line in
            let event = try JSONValue.parse(Array(line.utf8))
            guard event["event"] == .string("originate") else { return nil }
            return (try #require(event["number"]?.text), try #require(event["time"]?.decimal))
        }
    }

    @Test(
        "the primary fails in the middle of a campaign: dialing goes on within 30 s, nothing is lost, nobody dialed twice",
        arguments: PatroniCluster.Outage.allCases
    )
    func primaryFails(_ outage: PatroniCluster.Outage) async throws {
        let cluster = try await PatroniCluster.start()
        try await TestDatabase.withClient(
            url: cluster.url(user: "postgres", password: "change-me-too", database: "postgres")
        ) { client in
            try await client.execute("CREATE ROLE outpace LOGIN PASSWORD 'change-me'")
            try await client.execute("CREATE DATABASE outpace OWNER outpace")
        }
        let log = ServiceUnderTest.makeFolder()
        defer { try? FileManager.default.removeItem(at: log) }
        let (floor, port) = try await CommandTests.floor(
            "--setup", "0.1", "--rule", "* answer ring=0.1 talk=2 wrap=0", "--log", log.path)
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: port, username: "outpace", secret: "change-me",
            databaseURL: cluster.url(user: "outpace", password: "change-me", database: "outpace"),
            extra: """
                trunks:
                  - { name: trunk, max_calls: 12 }
                """)
        defer { service.tearDown() }
        let walk = try await Walk.create(
            on: service, numbers: [], target: #""type": 1, "application": "Playback", "data": "hello""#,
            planFields: #""max_retry_cnt_1": 1, "dial_mode": 4"#, technology: "PJSIP", trunk: "trunk")
        // More than can be dialed while this waits.
        let contacts = 20_000
        let rows = (0..<contacts).map { #"{"number_1": "1\#($0 + 100_000)"}"# }.joined(separator: ",")
        #expect(try await service.post("/dlmas/\(walk.dlma)/dls?format=json", "[\(rows)]").status == 200)
        try await walk.start()
        try await eventually("the campaign is well under way") { try service.resultLines().count >= 40 }

        let primary = try #require(await cluster.primary())
        try await cluster.strike(primary, outage)
        let struck = Date().timeIntervalSince1970
        try await eventually("another is the primary", within: .seconds(120)) {
            guard let now = await cluster.primary() else { return false }
            return now != primary
        }
        // Whoever was claimed already is dialed at once.
        try await eventually("dialing goes on (\(service.tail(5)))", within: .seconds(120)) {
            try self.calls(log).contains { $0.time > struck + 1 }
        }
        let next = try #require(try self.calls(log).first { $0.time > struck + 1 })
        let pause = next.time - struck
        print("primary, \(outage): the next call \(pause) s later")
        #expect(pause < 30)
        try await eventually("the service is ready again") { try await service.get("/readyz").status == 200 }

        // The one that broke comes back as the standby, and the next break is covered too.
        try await cluster.restore(primary, after: outage)
        try await eventually("there is a standby again", within: .seconds(120)) { await cluster.isComplete() }

        try await walk.setStatus(0)
        try await walk.waitUntilStopped()
        let left = try await service.get("/campaigns/\(walk.campaign)/stats").result["list_left"]?.integer
        let dialed = contacts - Int(try #require(left))
        let lines = try await service.waitForResultLines(dialed)
        #expect(lines.count == dialed)
        #expect(Set(lines.compactMap { $0["uuid"]?.text }).count == dialed, "a dialing has two lines")
        let numbers = Set(lines.compactMap { $0["dial_addr"]?.text })
        #expect(numbers.count == dialed)
        let called = try self.calls(log).map(\.number)
        #expect(Set(called).count == called.count, "somebody was called twice")
        #expect(numbers.isSuperset(of: called), "a call has no result")
        // What never reached the PBX says so. It was claimed when the primary went, so it is no more than there are lines.
        let unsent = lines.filter { !called.contains($0["dial_addr"]?.text ?? "") }
        #expect(unsent.allSatisfy { $0["status"] == .integer(11) || $0["status"] == .integer(10) }, "\(unsent)")
        #expect(unsent.count <= 12)
        await floor.stop()
        await service.stop()
        await cluster.remove()
    }
}
