import DialerModel
import Foundation
import TestSupport
import Testing

/// Two real services on one PostgreSQL, calling on one floor.
@Suite("Several services", .serialized)
struct SeveralServicesTests {
    private static let queues = ["q1", "q2", "q3", "q4"]
    private static let contacts = 90

    /// What the floor's log says was dialed, in order.
    private func dialed(_ log: URL) throws -> [String] {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return try text.split(separator: "\n").compactMap { line in
            let event = try JSONValue.parse(Array(line.utf8))
            return event["event"]?.text == "originate" ? event["number"]?.text : nil
        }
    }

    private func start(_ name: String, port: Int, database: String) async throws -> ServiceUnderTest {
        try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: port, username: "outpace", secret: "change-me",
            databaseURL: database, extra: "engine: { name: \(name) }")
    }

    /// How many of the campaigns an engine works for, as a service tells it.
    private func count(of engine: String, among walks: [Walk], asking service: ServiceUnderTest) async throws -> Int {
        var count = 0
        for walk in walks {
            let statistics = try await service.get("/campaigns/\(walk.campaign)/stats").result
            if statistics["engine"] == .string(engine) { count += 1 }
        }
        return count
    }

    private func total(_ walks: [Walk], asking service: ServiceUnderTest) async throws -> Int {
        var total = 0
        for walk in walks {
            total += try await service.get("/campaigns/\(walk.campaign)/stats").result["dialed"]?.integer ?? 0
        }
        return total
    }

    @Test(
        "one joins, one is stopped and goes on, one is killed: the other takes over, nobody is called twice, one line each"
    )
    func joinStopAndKill() async throws {
        let log = URL(fileURLWithPath: NSTemporaryDirectory()).appending(path: "outpace-floor-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: log) }
        let (floor, port) = try await CommandTests.floor(
            "--agent-answer", "0", "--setup", "0.1", "--rule", "1* answer ring=0.2 talk=3 patience=300", "--log",
            log.path,
            "--wrapup-mean", "0", "--queue", "q1:3", "--queue", "q2:3", "--queue", "q3:3", "--queue", "q4:3")
        let database = try await TestDatabase.create().url
        var first = try await self.start("first", port: port, database: database)
        defer { first.tearDown() }
        var walks: [Walk] = []
        for (index, queue) in Self.queues.enumerated() {
            let walk = try await Walk.create(
                on: first, numbers: (0..<Self.contacts).map { "1\(index)\($0 + 1000)" }, queue: queue,
                planFields: #""max_retry_cnt_1": 1, "pacing": "progressive", "dl_end_handle": 0"#, technology: "PJSIP",
                trunk: "trunk")
            try await walk.start()
            walks.append(walk)
        }
        let all = walks
        try await eventually("the first works for all") {
            try await self.count(of: "first", among: all, asking: first) == 4
        }

        let second = try await self.start("second", port: port, database: database)
        defer { second.tearDown() }
        try await eventually("the second has its half") {
            let both = [
                try await self.count(of: "first", among: all, asking: first),
                try await self.count(of: "second", among: all, asking: first),
            ]
            return both == [2, 2]
        }

        try await eventually("the first tells of a campaign of the second, and has a call of it hung up") {
            for walk in all {
                let statistics = try await first.get("/campaigns/\(walk.campaign)/stats").result
                guard statistics["engine"] == .string("second"), statistics["agents"]?.integer == 3 else { continue }
                #expect(statistics["running_here"] == .bool(false))
                guard case .array(let dialings)? = try await first.get("/dialings").result["list"] else { continue }
                for dialing in dialings where dialing["uuid_camp"] == .string(walk.campaign) {
                    let uuid = try #require(dialing["uuid"]?.text)
                    // One that has just ended is answered 404.
                    if try await first.delete("/dialings/\(uuid)").status == 200 { return true }
                }
            }
            return false
        }

        // Stopped, as by a machine that swaps or a virtual one that is moved, for longer than its leases last.
        second.suspend()
        try await eventually("the first has all again") {
            try await self.count(of: "first", among: all, asking: first) == 4
        }
        second.resume()
        try await eventually("the second has learnt of it, and has its half") {
            try await self.count(of: "second", among: all, asking: second) == 2
        }

        let killed = ContinuousClock.now
        await first.kill()
        try await eventually("the second has all") {
            try await self.count(of: "second", among: all, asking: second) == 4
        }
        let takeover = ContinuousClock.now - killed
        let expected = Self.contacts * Self.queues.count
        try await eventually("everybody was called (\(second.tail(5)))", within: .seconds(300)) {
            try await self.total(all, asking: second) == expected
        }
        // Its file gets the lines it had no time for.
        first = try await ServiceUnderTest.start(
            in: first.folder, asteriskPort: port, username: "outpace", secret: "change-me", databaseURL: database,
            extra: "engine: { name: first }")
        try await eventually("both files together have a line for each") {
            try first.resultLines().count + second.resultLines().count >= expected
        }
        let lines = try first.resultLines() + second.resultLines()
        #expect(lines.count == expected)
        #expect(Set(lines.compactMap { $0["uuid"]?.text }).count == expected, "a dialing has two lines")
        #expect(Set(lines.compactMap { $0["dial_addr"]?.text }).count == expected)
        let dialed = try self.dialed(log)
        #expect(Set(dialed).count == dialed.count, "somebody was called twice")
        let answered = lines.count { $0["answered"] == .bool(true) }
        print("taken over \(takeover) after the kill; \(dialed.count) of \(expected) dialed, \(answered) answered")
        #expect(dialed.count >= expected - 30, "what was claimed and never sent is little")
        await floor.stop()
    }

    @Test("a second service of the same name is refused while the first runs")
    func sameName() async throws {
        let (floor, port) = try await CommandTests.floor("--queue", "q1:1")
        let database = try await TestDatabase.create().url
        let first = try await self.start("twin", port: port, database: database)
        defer { first.tearDown() }
        await #expect {
            _ = try await self.start("twin", port: port, database: database)
        } throws: { error in
            "\(error)".contains("another outpace service named \"twin\" runs on this database")
        }
        #expect(try await first.get("/readyz").status == 200)
        await floor.stop()
    }
}
