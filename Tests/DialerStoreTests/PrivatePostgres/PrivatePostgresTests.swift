import Foundation
import Logging
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

@Suite(.serialized, .timeLimit(.minutes(10))) struct PrivatePostgresTests {
    private let directory: String
    private let logger: Logger

    init() throws {
        directory = "/tmp/outpace-private-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        logger = TestDatabase.logger
    }

    private func postmaster() throws -> Int32 {
        try #require(postmasterIfAny())
    }

    /// nil while there is none, or while one that starts has not said yet which process it is.
    private func postmasterIfAny() -> Int32? {
        let text = try? String(contentsOfFile: directory + "/postgres/data/postmaster.pid", encoding: .utf8)
        return text.flatMap { Int32($0.prefix { $0 != "\n" }) }
    }

    private func waitForEnd(of process: Int32) async throws {
        let hasEnded = await eventually(within: .seconds(120)) {
            if kill(process, 0) != 0 { return true }
            let state = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            return state.contains(") Z ")
        }
        try #require(hasEnded, "the postmaster doesn't end")
    }

    @Test func dataSurvivesStoppingAndStarting() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = PrivatePostgres(dataDirectory: directory, logger: logger)
        let url = try await first.start()
        try await TestDatabase.withClient(url: url) { (client) async throws in
            try await client.execute("CREATE TABLE kept (a int)")
            let durable = try await client.query("SELECT current_setting('fsync'), current_setting('listen_addresses')")
            #expect(try durable[0].decode((String, String).self) == ("on", ""))
        }
        await first.stop()
        #expect(!FileManager.default.fileExists(atPath: directory + "/postgres/data/postmaster.pid"))

        let second = PrivatePostgres(dataDirectory: directory, logger: logger)
        try await TestDatabase.withClient(url: try await second.start()) { (client) async throws in
            #expect(try await client.query("SELECT * FROM kept").isEmpty)
        }
        await second.stop()
    }

    /// A service killed with -9 leaves its server running and its lock free: so does one that is let go of.
    @Test func aServerLeftRunningIsAdopted() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let process = try await startAndLetGo()
        let next = try await startWhenUnlocked()
        #expect(try postmaster() == process)
        await next.stop()
        try await waitForEnd(of: process)
    }

    private func startAndLetGo() async throws -> Int32 {
        _ = try await PrivatePostgres(dataDirectory: directory, logger: logger).start()
        return try postmaster()
    }

    /// Why a start fails; nil if it doesn't.
    private func failure(_ postgres: PrivatePostgres) async -> PrivatePostgresError? {
        do throws(PrivatePostgresError) {
            _ = try await postgres.start()
            return nil
        } catch {
            return error
        }
    }

    private func startWhenUnlocked() async throws -> PrivatePostgres {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let next = PrivatePostgres(dataDirectory: directory, logger: logger)
            guard let failure = await failure(next) else { return next }
            guard case .inUse = failure, ContinuousClock.now < deadline else { throw failure }
            await Task.yield()
        }
    }

    @Test func aServerKilledWithTheServiceStartsAgain() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = PrivatePostgres(dataDirectory: directory, logger: logger)
        let url = try await first.start()
        try await TestDatabase.withClient(url: url) { (client) async throws in
            try await client.execute("CREATE TABLE kept AS SELECT 7 AS a")
        }
        let process = try postmaster()
        kill(process, SIGKILL)
        try await waitForEnd(of: process)
        await first.stop()

        let second = try await startWhenUnlocked()
        #expect(try postmaster() != process)
        let again = try await second.start()
        try await TestDatabase.withClient(url: again) { (client) async throws in
            #expect(try await client.query("SELECT a FROM kept")[0].decode(Int.self, at: 0) == 7)
        }
        await second.stop()
    }

    @Test func aServerKilledUnderARunningServiceIsStartedAgain() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let postgres = PrivatePostgres(dataDirectory: directory, logger: logger)
        let url = try await postgres.start()
        let keeper = Task { await postgres.keepRunning() }
        try await TestDatabase.withClient(url: url) { (client) async throws in
            try await client.execute("CREATE TABLE kept AS SELECT 7 AS a")
        }
        for _ in 0..<2 {
            let process = try postmaster()
            kill(process, SIGKILL)
            try await waitForEnd(of: process)
            let isBack = await eventually(within: .seconds(120)) {
                guard let another = self.postmasterIfAny(), another != process else { return false }
                let kept = try? await TestDatabase.withClient(url: url) { (client) async throws in
                    try await client.query("SELECT a FROM kept")[0].decode(Int.self, at: 0)
                }
                return kept == 7
            }
            #expect(isBack)
        }
        keeper.cancel()
        await keeper.value
        let last = try postmaster()
        await postgres.stop()
        try await waitForEnd(of: last)
        // Stopped on purpose, it stays so.
        await postgres.keepRunning()
        #expect(!FileManager.default.fileExists(atPath: directory + "/postgres/data/postmaster.pid"))
    }

    @Test func aPidFileOfAForeignProcessIsNoObstacle() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = PrivatePostgres(dataDirectory: directory, logger: logger)
        _ = try await first.start()
        let file = directory + "/postgres/data/postmaster.pid"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        await first.stop()
        let rest = text.drop { $0 != "\n" }
        try "\(ProcessInfo.processInfo.processIdentifier)\(rest)".write(toFile: file, atomically: true, encoding: .utf8)
        let second = try await startWhenUnlocked()
        #expect(try postmaster() != ProcessInfo.processInfo.processIdentifier)
        await second.stop()
    }

    @Test func twoServicesDoNotShareADirectory() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = PrivatePostgres(dataDirectory: directory, logger: logger)
        _ = try await first.start()
        let second = PrivatePostgres(dataDirectory: directory, logger: logger)
        #expect(await failure(second) == .inUse(directory: directory + "/postgres"))
        await first.stop()
    }

    @Test func aDeepDirectoryGetsItsSocketElsewhere() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let deep = directory + "/" + String(repeating: "d", count: 90)
        try FileManager.default.createDirectory(
            atPath: deep, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let postgres = PrivatePostgres(dataDirectory: deep, logger: logger)
        let url = try await postgres.start()
        #expect(url.contains("host=/tmp/"))
        try await TestDatabase.withClient(url: url) { (client) async throws in
            #expect(try await client.query("SELECT 1").count == 1)
        }
        await postgres.stop()
    }

    @Test func dataOfAnotherVersionIsRefused() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(
            atPath: directory + "/postgres/data", withIntermediateDirectories: true)
        try "99\n".write(toFile: directory + "/postgres/data/PG_VERSION", atomically: true, encoding: .utf8)
        let postgres = PrivatePostgres(dataDirectory: directory, logger: logger)
        let failure = await failure(postgres)
        #expect(failure?.description.contains("made by PostgreSQL 99") == true)
    }

    /// Root enters anything, so there it is the server's user who is kept out; anybody else is kept out themselves.
    @Test func aParentTheServersUserCannotEnterIsNamed() async throws {
        defer {
            chmod(directory, 0o700)
            try? FileManager.default.removeItem(atPath: directory)
        }
        let isRoot = geteuid() == 0
        chmod(directory, isRoot ? 0o700 : 0)
        let postgres = PrivatePostgres(dataDirectory: directory + "/inside", logger: logger)
        let failure = await failure(postgres)
        let named = isRoot ? "can't enter \(directory):" : "\(directory)/inside can't be used"
        #expect(failure?.description.contains(named) == true)
    }

    // MARK: Long starts

    /// Makes data whose next start recovers until ``endRecovery()``: a restore command stands still till then.
    private func prepareLongRecovery() async throws {
        let first = PrivatePostgres(dataDirectory: directory, logger: logger)
        try await TestDatabase.withClient(url: try await first.start()) { (client) async throws in
            try await client.execute("CREATE TABLE kept AS SELECT 7 AS a")
        }
        await first.stop()
        let data = directory + "/postgres/data"
        let settings = try #require(FileHandle(forWritingAtPath: data + "/postgresql.conf"))
        try settings.seekToEnd()
        let command = "while [ -d \(directory) ] && [ ! -e \(directory)/go ]; do sleep 0.05; done; exit 1"
        try settings.write(contentsOf: Data("restore_command = '\(command)'\n".utf8))
        try settings.close()
        try Data().write(to: URL(fileURLWithPath: data + "/recovery.signal"))
        if let user = try ServerUser.current() { chown(data + "/recovery.signal", user.id, user.groupID) }
    }

    private func endRecovery() throws {
        try Data().write(to: URL(fileURLWithPath: directory + "/go"))
    }

    private func expectKeptData(at url: String) async throws {
        try await TestDatabase.withClient(url: url) { (client) async throws in
            #expect(try await client.query("SELECT a FROM kept")[0].decode(Int.self, at: 0) == 7)
        }
    }

    @Test func aServerThatRecoversLongerThanPgCtlWaitsIsWaitedFor() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await prepareLongRecovery()
        let log = LogRecorder()
        let postgres = PrivatePostgres(dataDirectory: directory, startPatience: 1, logger: log.logger)
        let start = Task { try await postgres.start() }
        #expect(await eventually(within: .seconds(60)) { log.has("still starting") })
        let process = try postmaster()
        try endRecovery()
        try await expectKeptData(at: try await start.value)
        #expect(try postmaster() == process)
        await postgres.stop()
    }

    @Test func aServerLeftRecoveringIsWaitedForAndAdopted() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await prepareLongRecovery()
        let user = try ServerUser.current()
        let binaries = try #require(await PostgresBinaries.installed().first)
        _ = try await ServerProgram.run(
            binaries.path("pg_ctl"),
            ["start", "-D", directory + "/postgres/data", "-l", directory + "/postgres/log/start.log", "-W", "-s"],
            as: user)
        #expect(
            await eventually(within: .seconds(60)) {
                let text = try? String(contentsOfFile: directory + "/postgres/data/postmaster.pid", encoding: .utf8)
                return text.flatMap { PostmasterFile($0) }?.socketDirectory.isEmpty == false
            })
        let process = try postmaster()
        let log = LogRecorder()
        let postgres = PrivatePostgres(dataDirectory: directory, startPatience: 1, logger: log.logger)
        let start = Task { try await postgres.start() }
        #expect(await eventually(within: .seconds(60)) { log.has("Adopting") && log.has("still starting") })
        try endRecovery()
        try await expectKeptData(at: try await start.value)
        #expect(try postmaster() == process)
        await postgres.stop()
    }

    @Test func aCancelledStartStopsTheServerThatRecovers() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await prepareLongRecovery()
        let log = LogRecorder()
        let postgres = PrivatePostgres(dataDirectory: directory, startPatience: 1, logger: log.logger)
        let start = Task { try await postgres.start() }
        #expect(await eventually(within: .seconds(60)) { log.has("still starting") })
        let process = try postmaster()
        start.cancel()
        await #expect(throws: PrivatePostgresError.interrupted(directory: directory + "/postgres/data")) {
            try await start.value
        }
        try await waitForEnd(of: process)
        try endRecovery()
        let again = try await startWhenUnlocked()
        try await expectKeptData(at: try await again.start())
        await again.stop()
    }
}
