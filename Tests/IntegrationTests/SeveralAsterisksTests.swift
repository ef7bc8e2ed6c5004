import DialerModel
import Foundation
import TestSupport
import Testing

/// One service with several Asterisks, played by processes of `outpace floor`.
@Suite("Several Asterisks", .serialized)
struct SeveralAsterisksTests {
    private func entry(_ name: String, port: Int, _ more: String = "") -> String {
        "  - { name: \(name), host: 127.0.0.1, port: \(port), max_calls: 6, max_calls_per_second: 100\(more) }"
    }

    private func service(_ first: Int, asterisks: String, extra: String = "") async throws -> ServiceUnderTest {
        try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: first, username: "outpace", secret: "change-me",
            databaseURL: TestDatabase.create().url, asterisks: asterisks, extra: extra)
    }

    /// Results of calls that went by that Asterisk.
    private func calls(_ service: ServiceUnderTest, by pbx: String) throws -> Int {
        try service.resultLines().count { $0["pbx"] == .string(pbx) }
    }

    /// The most calls that were up at once on several floors, by their logs. What a killed floor had no time to end, ended with it.
    private func peakCalls(_ logs: [URL]) throws -> Int {
        var changes: [(time: Double, change: Int)] = []
        for log in logs {
            var open: Set<String> = []
            var last = 0.0
            for line in try String(contentsOf: log, encoding: .utf8).split(separator: "\n") {
                // The last line of a killed floor may be torn.
                guard let event = try? JSONValue.parse(Array(line.utf8)), let id = event["id"]?.text,
                    let time = event["time"]?.decimal
                else { continue }
                let isNew = event["event"] == .string("originate")
                if isNew { open.insert(id) } else { open.remove(id) }
                changes.append((time, isNew ? 1 : -1))
                last = time
            }
            changes += open.map { _ in (last, -1) }
        }
        var calls = 0
        var peak = 0
        for change in changes.sorted(by: { ($0.time, $0.change) < ($1.time, $1.change) }) {
            calls += change.change
            peak = max(peak, calls)
        }
        return peak
    }

    @Test("one killed in the middle of a campaign: calls go on by the other, by both once it is back, and none is lost")
    func oneKilled() async throws {
        let folder = ServiceUnderTest.makeFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let logs = ["steady", "mortal", "again"].map { folder.appending(path: $0) }
        func floor(port: Int = 0, log: URL) async throws -> (CommandUnderTest, port: Int) {
            try await CommandTests.floor(
                port: port, "--setup", "0.1", "--rule", "* answer ring=0.1 talk=0.5 wrap=0", "--log", log.path)
        }
        let (steady, steadyPort) = try await floor(log: logs[0])
        let (mortal, mortalPort) = try await floor(log: logs[1])
        let service = try await self.service(
            steadyPort, asterisks: self.entry("pbx2", port: mortalPort),
            extra: """
                trunks:
                  - { name: trunk, max_calls: 8 }
                """)
        defer { service.tearDown() }
        let walk = try await Walk.create(
            on: service, numbers: [],
            target: #""type": 1, "application": "Playback", "data": "hello""#,
            planFields: #""max_retry_cnt_1": 1, "dial_mode": 4"#, technology: "PJSIP", trunk: "trunk")
        // More than can be dialed while this waits, however slow the machine.
        let rows = (10_000..<20_000).map { #"{"number_1": "1\#($0)"}"# }.joined(separator: ",")
        #expect(try await service.post("/dlmas/\(walk.dlma)/dls?format=json", "[\(rows)]").status == 200)
        try await walk.start()
        try await eventually("both carry calls") {
            try self.calls(service, by: "pbx1") > 3 && self.calls(service, by: "pbx2") > 3
        }
        await mortal.kill()
        try await eventually("the service knows") {
            let ready = try await service.get("/readyz")
            // While the other dials it is no reason to send clients away.
            #expect(ready.status == 200)
            return ready.result["status"] == .string("degraded")
        }
        let before = try self.calls(service, by: "pbx1")
        try await eventually("calls go on by the other") { try self.calls(service, by: "pbx1") >= before + 5 }
        let mortalBefore = try self.calls(service, by: "pbx2")
        let (again, _) = try await floor(port: mortalPort, log: logs[2])
        try await eventually("calls go by both again (\(service.tail()))") {
            try self.calls(service, by: "pbx2") >= mortalBefore + 8
        }
        try await walk.setStatus(0)
        try await walk.waitUntilStopped()
        guard case .integer(let left)? = try await service.get("/campaigns/\(walk.campaign)/stats").result["list_left"]
        else { throw TestFailure("no list_left") }
        let dialed = 10_000 - Int(left)
        let lines = try await service.waitForResultLines(dialed)
        #expect(lines.count == dialed)
        #expect(Set(lines.compactMap { $0["dial_addr"]?.text }).count == dialed)
        #expect(Set(lines.compactMap { $0["uuid"]?.text }).count == dialed)
        #expect(try await service.get("/readyz").result["status"] == .string("ready"))
        let metrics = try await service.metrics()
        #expect(metrics.contains(#"outpace_asterisk_up{asterisk="pbx2"} 1"#))
        #expect(metrics.contains(#"outpace_trunk_calls{trunk="trunk"} 0"#))
        let returned = await again.stop()
        await steady.stop()
        let peak = returned.output.firstMatch(of: /peak calls +(\d+)/).flatMap { Int($0.output.1) }
        #expect(try #require(peak) <= 6, "one carried more than its Asterisk may")
        let together = try self.peakCalls(logs)
        #expect((5...8).contains(together), "at no moment more than the trunk may carry over both")
    }

    @Test("a trunk of one that is congested is drained and told of; the campaign ends by the other")
    func congestion() async throws {
        let (good, goodPort) = try await CommandTests.floor("--setup", "0.1", "--rule", "* busy")
        let (bad, badPort) = try await CommandTests.floor("--setup", "0.1", "--rule", "* cause:34")
        let service = try await self.service(
            goodPort, asterisks: self.entry("pbx2", port: badPort),
            extra: "dialing: { congestion_calls: 5, congestion_pause: 600, congestion_longest_pause: 600 }")
        defer { service.tearDown() }
        let walk = try await Walk.create(
            on: service, numbers: (0..<80).map { "1\($0)" },
            target: #""type": 1, "application": "Playback", "data": "hello""#,
            planFields: #""max_retry_cnt_1": 1, "dial_mode": 4"#, technology: "PJSIP", trunk: "trunk")
        try await walk.start()
        let lines = try await service.waitForResultLines(80)
        try await walk.waitUntilStopped()
        let congested = lines.filter { $0["pbx"] == .string("pbx2") }
        // What was under way when the fifth came, and no more.
        #expect((5...11).contains(congested.count))
        #expect(congested.allSatisfy { $0["res_dial"] == .integer(8) && $0["res_hangup"] == .integer(34) })
        let ready = try await service.get("/readyz")
        #expect(ready.status == 200)
        #expect(ready.result["status"] == .string("degraded"))
        let details = ready.result["components"]?.elements?.compactMap { $0["detail"]?.text } ?? []
        #expect(details == ["calls by the trunk trunk meet congestion"])
        let metrics = try await service.metrics()
        #expect(metrics.contains(#"outpace_asterisk_lines_held_back{asterisk="pbx2"} 1"#))
        #expect(metrics.contains(#"outpace_asterisk_congestions_total{asterisk="pbx2"} \#(congested.count)"#))
        let log = try String(contentsOf: service.log, encoding: .utf8)
        #expect(log.split(separator: "\n").count { $0.contains("calls meet congestion") } == 1)
        await good.stop()
        await bad.stop()
    }
}
