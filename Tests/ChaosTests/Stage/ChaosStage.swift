import DialerModel
import Foundation
import TestSupport

/// A whole dialer that may be broken: a floor, a proxy before it, PostgreSQL and one engine or more, each a process of its own, and
/// campaigns that run through them.
final class ChaosStage: Sendable {
    /// How the campaign and its world are made.
    struct Plan: Sendable {
        /// Of all campaigns together.
        var contacts: Int
        var engines = 1
        /// One campaign each, with its share of the contacts.
        var queues = ["sales_1"]
        /// Calls a second the PBX takes: what makes the campaign last.
        var callsPerSecond: Int
        var maximumCalls = 400
        /// Of each queue.
        var agents = 50
        var tries = 2
        var seed: UInt64
        var floorOptions: [String] = []
        /// Members of the destinations, where calls do not go to the queues.
        var destination: String?
        /// More members of the plan.
        var planFields = #""pacing": "ratio", "pacing_ratio": 3"#
        /// Variables of the engine's process.
        var environment: [String: String] = [:]
        /// Variables of PostgreSQL's processes.
        var databaseEnvironment: [String: String] = [:]
        /// PostgreSQL's settings beside those every stage has: little room for its log, where disks are small.
        var databaseSettings = ["max_wal_size = '64MB'", "min_wal_size = '32MB'"]
        /// Whether the engine speaks to the floor through the proxy, which many calls a second would wear out.
        var usesProxy = true
        /// A disk of this size in kilobytes for the results file.
        var resultsDisk: Int?
        /// A disk of this size in kilobytes for PostgreSQL.
        var databaseDisk: Int?
    }

    let folder: URL
    let floor: FloorProcess
    let proxy: ManagerProxy
    let postgres: PostgresTestServer
    let engines: [EngineUnderFault]
    let resultsDisk: SmallDisk?
    let databaseDisk: SmallDisk?
    let plan: Plan
    let campaigns: [String]

    /// The first engine; where there is one alone, the engine.
    var engine: EngineUnderFault { self.engines[0] }
    /// The first campaign; where there is one queue, the campaign.
    var campaign: String { self.campaigns[0] }

    /// Starts everything and the campaigns.
    init(_ plan: Plan, binary: URL) async throws {
        let folder = URL(fileURLWithPath: "/tmp/outpace-chaos-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        self.plan = plan
        self.floor = try await FloorProcess(
            binary: binary, folder: folder,
            options: [
                "--seed", "\(plan.seed)", "--setup", "0.05", "--answer-rate", "0.4", "--fail-share", "0.5",
                "--ring-mean", "0.4", "--ring-cut", "2", "--talk-mean", "0.8", "--wrapup-mean", "0.2",
                "--agent-answer", "0.05", "--patience", "3",
            ] + plan.queues.flatMap { ["--queue", "\($0):\(plan.agents)"] } + plan.floorOptions)
        self.proxy = try await ManagerProxy(to: self.floor.port)
        self.databaseDisk = try plan.databaseDisk.map { size in
            try SmallDisk(at: folder.appending(path: "database"), kilobytes: size)
        }
        // What is killed here is the process, not the machine: commits must outlive that.
        self.postgres = try await PostgresTestServer.start(
            settings: [
                // What nothing is preloaded for is not slowed, and needs not be waited for.
                "fsync = \(plan.databaseEnvironment.isEmpty ? "off" : "on")", "synchronous_commit = on",
                "max_connections = 50",
            ] + plan.databaseSettings,
            folder: self.databaseDisk?.folder.path ?? "/tmp", environment: plan.databaseEnvironment)
        let (managerPort, databaseURL) = (plan.usesProxy ? self.proxy.port : self.floor.port, self.postgres.url())
        self.engines = try (1...plan.engines).map { number in
            try EngineUnderFault(
                name: "engine-\(number)", in: folder, binary: binary, managerPort: managerPort,
                databaseURL: databaseURL, maximumCalls: plan.maximumCalls, callsPerSecond: plan.callsPerSecond,
                environment: plan.environment)
        }
        let results = self.engines[0].resultsFile.deletingLastPathComponent()
        self.resultsDisk = try plan.resultsDisk.map { size in try SmallDisk(at: results, kilobytes: size) }
        for engine in self.engines {
            try engine.start()
            try await engine.waitUntilReady()
        }
        self.campaigns = try await Self.startCampaigns(plan, at: self.engines[0])
    }

    /// A campaign for each queue; the numbers called are all different.
    private static func startCampaigns(_ plan: Plan, at engine: EngineUnderFault) async throws -> [String] {
        let callPlan = try await engine.create(
            "/plans",
            """
            {"name": "chaos", "tech_name": "PJSIP", "trunk_name": "trunk", "dial_timeout": 3000, "retry_delay": 1,
             "max_retry_cnt_1": \(plan.tries), \(plan.planFields)}
            """)
        var campaigns: [String] = []
        var numbers = (0..<plan.contacts).map { "0301\(1_000_000 + $0)\n" }
        for (index, queue) in plan.queues.enumerated() {
            let members = plan.destination ?? #""type": 1, "application": "Queue", "data": "\#(queue)""#
            let destination = try await engine.create("/destinations", #"{"name": "chaos", \#(members)}"#)
            let list = try await engine.create("/dlmas", #"{"name": "chaos"}"#)
            let share = numbers.suffix(numbers.count / (plan.queues.count - index))
            numbers.removeLast(share.count)
            try await engine.call(
                "POST", "/dlmas/\(list)/dls?async=0", "number_1\n" + share.joined(), type: "text/csv")
            campaigns.append(
                try await engine.create(
                    "/campaigns",
                    #"{"name": "chaos", "plan": "\#(callPlan)", "dest": "\#(destination)", "dlma": "\#(list)"}"#))
        }
        for campaign in campaigns {
            try await engine.call("PUT", "/campaigns/\(campaign)", #"{"status": 1}"#)
        }
        return campaigns
    }

    /// Whether one of the campaigns goes on; nil while nobody can tell.
    func isRunning() async -> Bool? {
        var isKnown = true
        for campaign in self.campaigns {
            let status = (try? await self.engine.call("GET", "/campaigns/\(campaign)"))?.member("status")?.whole
            if let status, status != 0 { return true }
            isKnown = isKnown && status != nil
        }
        return isKnown ? false : nil
    }

    /// Whether an engine works for every campaign that goes on, as it tells itself.
    func hasAll(_ engine: EngineUnderFault) async -> Bool {
        for campaign in self.campaigns {
            guard let status = (try? await engine.call("GET", "/campaigns/\(campaign)"))?.member("status")?.whole,
                let stats = try? await engine.call("GET", "/campaigns/\(campaign)/stats")
            else { return false }
            if status != 0, stats.member("engine")?.word != engine.name { return false }
        }
        return true
    }

    /// Waits until all parts of every engine work.
    ///
    /// - Returns: how long that took.
    @discardableResult
    func waitUntilReady() async throws -> Duration {
        var time = Duration.zero
        for engine in self.engines { time += try await engine.waitUntilReady() }
        return time
    }

    /// The last lines of each engine's log, for a failure's message.
    func tail() -> String {
        self.engines.map { "\($0.name):\n\($0.tail(self.engines.count > 1 ? 20 : 40))" }.joined(separator: "\n")
    }

    /// Waits until the campaigns have ended and every line is written, and stops engines and floor in order.
    ///
    /// - Returns: what is to be compared.
    func finish(within limit: Duration = .seconds(900)) async throws -> Reckoning {
        let isOver = await eventually(within: limit) { await self.isRunning() == false }
        guard isOver else { throw StageError("the campaign does not end: \(try await self.situation())") }
        for engine in self.engines {
            let status = await engine.stop()
            guard status == 0 else { throw StageError("outpace serve ended with \(status):\n\(engine.tail())") }
        }
        // Calls nobody follows any more end on the floor all the same.
        let isQuiet = try await eventually {
            try FloorWitness(log: self.floor.log).calls.allSatisfy { $0.ended != nil }
        }
        guard isQuiet else { throw StageError("calls on the floor do not end: \(try await self.situation())") }
        await self.floor.stop()
        if ChaosSettings.shared.isStrict {
            // Nothing is lost by one, but results wait for a second.
            let log = try String(contentsOfFile: self.postgres.directory + "/log", encoding: .utf8)
            guard !log.contains("deadlock detected") else {
                throw StageError("statements waited for each other; PostgreSQL's log says which:\n\(log.suffix(8_000))")
            }
        }
        return Reckoning(
            floor: try FloorWitness(log: self.floor.log), books: try await Books(url: self.postgres.url()),
            files: Dictionary(
                uniqueKeysWithValues: self.engines.map {
                    ($0.name, (try? String(contentsOf: $0.resultsFile, encoding: .utf8)) ?? "")
                }))
    }

    /// How far everything is, for a failure's message.
    private func situation() async throws -> String {
        let calls = try FloorWitness(log: self.floor.log).calls
        let books = try? await Books(url: self.postgres.url())
        return """
            \(calls.count) calls on the floor, \(calls.count { $0.ended == nil }) of them up; \
            \(books?.rows.count ?? -1) rows, \(books?.open ?? -1) open, \(books?.contacts.count { $0.tries == 0 } ?? -1) \
            contacts never called, in \(self.folder.path)
            \(self.tail())
            """
    }

    /// Ends every process and removes every file.
    ///
    /// - Parameter keepsFiles: leaves the logs and the results file to whoever looks for what went wrong.
    func tearDown(keepsFiles: Bool) async {
        for engine in self.engines { await engine.kill() }
        await self.floor.stop()
        await self.proxy.close()
        await self.postgres.remove()
        try? self.resultsDisk?.unmount()
        try? self.databaseDisk?.unmount()
        if !keepsFiles { try? FileManager.default.removeItem(at: self.folder) }
    }
}
