import DialerModel
import TestSupport
import Testing

/// Calls that are sent elsewhere, on the floor of `outpace floor`: as on a real Asterisk.
@Suite("On the simulated floor", .serialized)
struct SimulatedFloorTests {
    /// Runs a campaign of one contact and returns its result line.
    ///
    /// - Parameters:
    ///   - pickingUp: Seconds for which agents let it ring.
    ///   - planFields: Makes the plan's members of the uuid of the other destination.
    private func line(
        number: String, target: String, other: String, pickingUp: Int = 0, planFields: (String) -> String
    ) async throws -> (line: JSONValue, other: String, statistics: JSONValue) {
        let (floor, port) = try await CommandTests.floor(
            "--agent-answer", "\(pickingUp)", "--ring-time", "30", "--queue", "sales_1:2", "--queue", "empty_1:0",
            "--setup", "0.1",
            "--rule", "1* answer ring=0.2 talk=2 patience=300", "--rule", "7* machine ring=0.2 talk=2"
        )
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: port, username: "outpace", secret: "change-me",
            databaseURL: TestDatabase.create().url
        )
        defer { service.tearDown() }
        let uuid = try await service.create("/destinations", #"{"name": "other", \#(other)}"#)
        let walk = try await Walk.create(
            on: service, numbers: [number], target: target,
            planFields: #""max_retry_cnt_1": 1, "# + planFields(uuid), technology: "PJSIP", trunk: "trunk")
        try await walk.start()
        let line = try #require(try await service.waitForResultLines(1).first)
        try await walk.waitUntilStopped()
        let statistics = try await service.get("/campaigns/\(walk.campaign)/stats").result
        await floor.stop()
        return (line, uuid, statistics)
    }

    private static let amd =
        #""type": 0, "context": "destinations", "exten": "amd_sales_1", "priority": "1", "queue": "sales_1""#

    @Test(
        "a caller nobody takes is sent to the safe harbour and hears it to the end",
        arguments: [
            #""type": 1, "application": "playback", "data": "we-are-sorry""#,
            #""type": 0, "context": "destinations", "exten": "message""#,
        ])
    func safeHarbour(harbour: String) async throws {
        let (line, other, statistics) = try await self.line(
            number: "100", target: #""type": 1, "application": "Queue", "data": "empty_1""#, other: harbour,
            planFields: { #""dial_mode": 4, "abandon_grace": 1, "abandon_dest": "\#($0)""# })
        #expect(line["abandoned"] == .bool(true), "\(line)")
        #expect(line["diverted_to"] == .string(other))
        #expect(line["res_hangup"] == .integer(16))
        let wait = try #require(line["wait_seconds"]?.decimal)
        #expect(wait >= 1)
        #expect(try ResultsFileCheck.seconds(from: "tm_answer", to: "tm_end", in: line) >= wait + 1.9)
        #expect(statistics["abandoned"] == .integer(1))
    }

    @Test("machines are hung up, diverted or connected", arguments: ["hangup", "divert", "connect"])
    func machines(handling: String) async throws {
        let (line, other, statistics) = try await self.line(
            number: "700", target: Self.amd, other: #""type": 1, "application": "Playback", "data": "note""#,
            // Time enough, on a slow machine too, to take the call away from the agent.
            pickingUp: handling == "connect" ? 0 : 8,
            planFields: {
                #""pacing": "progressive", "machine_handle": "\#(handling)", "machine_dest": "\#($0)""#
            })
        #expect(line["machine"] == .bool(true), "\(line)")
        #expect(line["live"] == .bool(false))
        #expect(line["abandoned"] == .bool(false))
        #expect(line["amd_status"] == .string("MACHINE"))
        #expect(line["amd_cause"] == .string("LONGGREETING-1500-1500"))
        #expect(line["diverted_to"] == (handling == "divert" ? .string(other) : .null))
        #expect(statistics["talked"] == .integer(handling == "connect" ? 1 : 0))
    }

    @Test("a person is not taken for a machine")
    func person() async throws {
        let (line, _, statistics) = try await self.line(
            number: "100", target: Self.amd, other: #""type": 1, "application": "Playback", "data": "note""#,
            planFields: { #""pacing": "progressive", "machine_handle": "divert", "machine_dest": "\#($0)""# })
        #expect(line["machine"] == .bool(false), "\(line)")
        #expect(line["live"] == .bool(true))
        #expect(line["amd_status"] == .string("HUMAN"))
        #expect(line["amd_cause"] == .string("HUMAN-800-800"))
        #expect(line["agent"]?.text != nil)
        #expect(line["diverted_to"] == .some(.null))
        #expect(statistics["talked"] == .integer(1))
    }
}
