import DialerModel
import Foundation
import TestSupport

/// A whole dialer that may be broken: a floor, a proxy before it, PostgreSQL and the engine, each a process of its own, and a
/// campaign that runs through them.
final class ChaosStage: Sendable {
    /// How the campaign and its world are made.
    struct Plan: Sendable {
        var contacts: Int
        /// Calls a second the PBX takes: what makes the campaign last.
        var callsPerSecond: Int
        var maximumCalls = 400
        var agents = 50
        var tries = 2
        var seed: UInt64
        var floorOptions: [String] = []
        /// Members of the destination.
        var destination = #""type": 1, "application": "Queue", "data": "sales_1""#
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
    let engine: EngineUnderFault
    let resultsDisk: SmallDisk?
    let databaseDisk: SmallDisk?
    let plan: Plan
    let campaign: String
    let list: String

    /// Starts everything and the campaign.
    init(_ plan: Plan, binary: URL) async throws {
        let folder = URL(fileURLWithPath: "/tmp/outpace-chaos-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        self.plan = plan
        self.floor = try await FloorProcess(
            binary: binary, folder: folder,
            options: [
                "--seed", "\(plan.seed)", "--queue", "sales_1:\(plan.agents)", "--setup", "0.05", "--answer-rate",
                "0.4", "--fail-share", "0.5", "--ring-mean", "0.4", "--ring-cut", "2", "--talk-mean", "0.8",
                "--wrapup-mean", "0.2", "--agent-answer", "0.05", "--patience", "3",
            ] + plan.floorOptions)
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
        self.engine = try EngineUnderFault(
            folder: folder.appending(path: "engine"), binary: binary,
            managerPort: plan.usesProxy ? self.proxy.port : self.floor.port,
            databaseURL: self.postgres.url(), maximumCalls: plan.maximumCalls, callsPerSecond: plan.callsPerSecond,
            environment: plan.environment)
        let results = self.engine.resultsFile.deletingLastPathComponent()
        self.resultsDisk = try plan.resultsDisk.map { size in try SmallDisk(at: results, kilobytes: size) }
        try self.engine.start()
        try await self.engine.waitUntilReady()

        let callPlan = try await self.engine.create(
            "/plans",
            """
            {"name": "chaos", "tech_name": "PJSIP", "trunk_name": "trunk", "dial_timeout": 3000, "retry_delay": 1,
             "max_retry_cnt_1": \(plan.tries), \(plan.planFields)}
            """)
        let destination = try await self.engine.create("/destinations", #"{"name": "chaos", \#(plan.destination)}"#)
        self.list = try await self.engine.create("/dlmas", #"{"name": "chaos"}"#)
        let numbers = (0..<plan.contacts).map { "0301\(1_000_000 + $0)\n" }.joined()
        try await self.engine.call("POST", "/dlmas/\(self.list)/dls?async=0", "number_1\n" + numbers, type: "text/csv")
        self.campaign = try await self.engine.create(
            "/campaigns",
            #"{"name": "chaos", "plan": "\#(callPlan)", "dest": "\#(destination)", "dlma": "\#(self.list)"}"#)
        try await self.engine.call("PUT", "/campaigns/\(self.campaign)", #"{"status": 1}"#)
    }

    /// Whether the campaign goes on; nil while nobody can tell.
    func isRunning() async -> Bool? {
        let campaign = try? await self.engine.call("GET", "/campaigns/\(self.campaign)")
        return campaign?.member("status")?.whole.map { $0 != 0 }
    }

    /// Waits until the campaign has ended and every line is written, and stops engine and floor in order.
    ///
    /// - Returns: what is to be compared.
    func finish(within limit: Duration = .seconds(900)) async throws -> Reckoning {
        let isOver = await eventually(within: limit) { await self.isRunning() == false }
        guard isOver else { throw StageError("the campaign does not end: \(try await self.situation())") }
        let status = await self.engine.stop()
        guard status == 0 else { throw StageError("outpace serve ended with \(status):\n\(self.engine.tail())") }
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
            file: (try? String(contentsOf: self.engine.resultsFile, encoding: .utf8)) ?? "")
    }

    /// How far everything is, for a failure's message.
    private func situation() async throws -> String {
        let calls = try FloorWitness(log: self.floor.log).calls
        let books = try? await Books(url: self.postgres.url())
        return """
            \(calls.count) calls on the floor, \(calls.count { $0.ended == nil }) of them up; \
            \(books?.rows.count ?? -1) rows, \(books?.open ?? -1) open, \(books?.contacts.count { $0.tries == 0 } ?? -1) \
            contacts never called, in \(self.folder.path)
            \(self.engine.tail())
            """
    }

    /// Ends every process and removes every file.
    ///
    /// - Parameter keepsFiles: leaves the logs and the results file to whoever looks for what went wrong.
    func tearDown(keepsFiles: Bool) async {
        await self.engine.kill()
        await self.floor.stop()
        await self.proxy.close()
        await self.postgres.remove()
        try? self.resultsDisk?.unmount()
        try? self.databaseDisk?.unmount()
        if !keepsFiles { try? FileManager.default.removeItem(at: self.folder) }
    }
}
