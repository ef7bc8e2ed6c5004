import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

/// What each command prints and how it ends, asked of the binary itself.
@Suite("The command line", .serialized, .timeLimit(.minutes(10)))
struct CommandTests {
    // MARK: migrate

    @Test("migrate brings an empty database up to date, and the second time finds it so")
    func migrateTwice() async throws {
        let database = try await TestDatabase.create()
        let environment = ["OUTPACE_DATABASE_URL": database.url]
        for _ in 1...2 {
            let outcome = try await CommandUnderTest.run("migrate", environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "the schema is up to date\n")
        }
        try await database.withClient { client in
            let rows = try await client.query("SELECT count(*) FROM campaign")
            #expect(try rows.first?.decode(Int.self, at: 0) == 0)
        }
    }

    @Test("migrate refuses a database that a newer Outpace has migrated, and leaves it as it is")
    func newerDatabase() async throws {
        let database = try await TestDatabase.create()
        let environment = ["OUTPACE_DATABASE_URL": database.url]
        #expect(try await CommandUnderTest.run("migrate", environment: environment).status == 0)
        try await database.withClient { client in
            try await client.execute(
                "INSERT INTO schema_migration (version, name, checksum) VALUES (9000, '9000_future.sql', 'x')")
        }
        let outcome = try await CommandUnderTest.run("migrate", environment: environment)
        #expect(outcome.status != 0)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("9000"), "\(outcome.errors)")
        #expect(outcome.errors.contains("newer"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("newerSchema"), "the error is shown as code: \(outcome.errors)")
    }

    @Test("migrate without its database says why, and never shows the password")
    func noDatabase() async throws {
        let port = try FreePort.next()
        let outcome = try await CommandUnderTest.run(
            "migrate",
            environment: [
                "OUTPACE_DATABASE_URL": "postgresql://outpace:hush-hush@127.0.0.1:\(port)/nobody",
                "OUTPACE_DATABASE_CONNECT_TIMEOUT": "1", "OUTPACE_DATABASE_STATEMENT_TIMEOUT": "1",
            ]
        )
        #expect(outcome.status != 0)
        #expect(!outcome.errors.isEmpty)
        #expect(!(outcome.output + outcome.errors).contains("hush-hush"))
    }

    // MARK: Refusals

    @Test(
        "serve and migrate end with the key's name when the configuration is no good", arguments: ["serve", "migrate"])
    func badConfiguration(_ command: String) async throws {
        let bad = try await CommandUnderTest.run(command, environment: ["OUTPACE_HTTP_PORT": "99999"])
        #expect(bad.status != 0)
        #expect(bad.errors.contains("http.port: expected an integer from 0 to 65535"), "\(bad.errors)")
        let missing = try await CommandUnderTest.run(command, "--config", "/nonexistent/outpace.yaml")
        #expect(missing.status != 0)
        #expect(missing.errors.contains("/nonexistent/outpace.yaml: cannot be read"), "\(missing.errors)")
    }

    @Test("serve with a port in use ends and names http.port")
    func servePortInUse() async throws {
        let database = try await TestDatabase.create()
        let (holder, port) = try await Self.floor()
        let outcome = try await CommandUnderTest.run(
            "serve",
            environment: ["OUTPACE_DATABASE_URL": database.url, "OUTPACE_HTTP_PORT": "\(port)"]
        )
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("http.port"), "\(outcome.errors)")
        #expect(outcome.errors.contains("127.0.0.1:\(port)"), "\(outcome.errors)")
        await holder.stop()
    }

    @Test("floor with a port in use ends and names the port and the option")
    func floorPortInUse() async throws {
        let (holder, port) = try await Self.floor()
        let outcome = try await CommandUnderTest.run("floor", "--port", "\(port)")
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("port \(port) on 127.0.0.1 is in use"), "\(outcome.errors)")
        #expect(outcome.errors.contains("--port"))
        #expect(outcome.output.isEmpty)
        await holder.stop()
    }

    @Test("a subcommand or an option nobody knows, and no sense in an argument, end with a usage error")
    func usage() async throws {
        let uuid = "01a1fdbd-595e-79e5-acd3-8e3009973876"
        for arguments in [
            ["frobnicate"], ["serve", "--prot", "1"], ["campaign", "restart", uuid], ["campaign", "start", "first"],
            ["status", "--url", "127.0.0.1:8081"], ["floor", "--speed", "0"], ["floor", "--rule", "300 dances"],
            ["list", "recycle", uuid], ["list", "move", uuid], ["list", "delete", uuid, "--to", uuid],
            ["list", "delete", "first"], ["list", "move", uuid, "--to", "second"], ["list", "stats", uuid, "--tried"],
            ["list", "delete", uuid, "--whole"],
        ] {
            let outcome = await (try CommandUnderTest(arguments)).outcome()
            #expect(outcome.status == 64, "\(arguments)")
            #expect(outcome.errors.contains("Error: "), "\(arguments): \(outcome.errors)")
        }
    }

    @Test("help names every subcommand")
    func help() async throws {
        let outcome = try await CommandUnderTest.run("--help")
        #expect(outcome.status == 0)
        for name in ["serve", "migrate", "floor", "status", "campaign"] { #expect(outcome.output.contains(name)) }
    }

    // MARK: Beside a running service

    @Test("status and campaign talk to a running service")
    func runningService() async throws {
        let (floor, port) = try await Self.floor("--rule", "* answer ring=0.1 talk=0.2", "--setup", "0.1")
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(),
            asteriskPort: port,
            username: "outpace",
            secret: "change-me",
            databaseURL: TestDatabase.create().url
        )
        defer { service.tearDown() }
        let there = ["OUTPACE_URL": service.baseURL]

        let none = try await CommandUnderTest.run("status", environment: there)
        #expect(none.status == 0, "\(none.errors)")
        #expect(none.output == "no campaigns yet\n")

        let walk = try await Walk.create(on: service, numbers: ["300", "301"], technology: "PJSIP", trunk: "trunk")
        let before = try await CommandUnderTest.run("status", "--url", service.baseURL + "/")
        #expect(Self.rows(before.output).last == [walk.campaign, "walk", "stop", "0", "0", "0", "0"])

        let started = try await CommandUnderTest.run("campaign", "start", walk.campaign, environment: there)
        #expect(started.status == 0, "\(started.errors)")
        #expect(started.output == "walk: start asked for\n")
        _ = try await service.waitForResultLines(2)
        try await walk.waitUntilStopped()

        let after = try await CommandUnderTest.run("status", environment: there)
        #expect(after.status == 0)
        let rows = Self.rows(after.output)
        #expect(rows.first == ["campaign", "name", "status", "in", "progress", "dialed", "answered", "abandoned"])
        #expect(rows.last == [walk.campaign, "walk", "stop", "0", "2", "2", "0"])
        #expect(rows.count == 2)

        let unknown = try await CommandUnderTest.run("campaign", "stop", UUID().uuidString, environment: there)
        #expect(unknown.status != 0)
        #expect(unknown.errors.contains("(404)"), "\(unknown.errors)")
        #expect(unknown.output.isEmpty)
        await floor.stop()
    }

    @Test("list shows how far a list is, and recycles, moves and deletes its contacts")
    func lists() async throws {
        let (floor, port) = try await Self.floor("--rule", "* busy", "--setup", "0.1")
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: port, username: "outpace", secret: "change-me",
            databaseURL: TestDatabase.create().url
        )
        defer { service.tearDown() }
        let there = ["OUTPACE_URL": service.baseURL]
        let walk = try await Walk.create(
            on: service, numbers: ["300", "301", "302"], technology: "PJSIP", trunk: "trunk")
        try await walk.start()
        _ = try await service.waitForResultLines(3)
        try await walk.waitUntilStopped()
        func run(_ arguments: String...) async throws -> CommandUnderTest.Outcome {
            let outcome = await (try CommandUnderTest(["list"] + arguments, environment: there)).outcome()
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome
        }
        let before = Self.rows(try await run("stats", walk.dlma).output)
        for row in [
            ["total", "3"], ["tried", "3"], ["penetration", "100", "%"], ["left", "0"], ["exhausted", "3"],
        ] {
            #expect(before.contains(row), "\(before)")
        }
        let recycled = try await run("recycle", walk.dlma, "--results", "busy,3,no_answer,failed", "--whole")
        #expect(recycled.output == "3 of 3 contacts recycled\n")
        let after = Self.rows(try await run("stats", walk.dlma).output)
        #expect(after.contains(["left", "3"]) && after.contains(["untouched", "3"]), "\(after)")
        let target = try await service.create("/dlmas", "{}")
        let none = try await run("move", walk.dlma, "--to", target, "--tried")
        #expect(none.output == "0 of 3 contacts moved\n")
        #expect(try await run("move", walk.dlma, "--to", target).output == "3 of 3 contacts moved\n")
        #expect(try await run("delete", target, "--no-tried").output == "3 of 3 contacts deleted\n")
        let unknown = try await CommandUnderTest.run("list", "delete", UUID().uuidString, environment: there)
        #expect(unknown.status != 0 && unknown.errors.contains("(404)"), "\(unknown.errors)")
        await floor.stop()
    }

    @Test("status with no service there says where it looked and how to name another place")
    func noService() async throws {
        let url = "http://127.0.0.1:\(try FreePort.next())"
        let outcome = try await CommandUnderTest.run("status", "--url", url)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("no answer from \(url)"), "\(outcome.errors)")
        #expect(outcome.errors.contains("OUTPACE_URL"))
    }

    @Test("floor tells its port, and at SIGTERM its totals")
    func floorSummary() async throws {
        let (floor, port) = try await Self.floor()
        #expect(port > 0)
        let outcome = await floor.stop()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("originates   0\n"))
        #expect(outcome.output.contains("peak calls   0\n"))
    }

    // MARK: Helpers

    /// A call floor on a free port.
    static func floor(port: Int = 0, _ arguments: String...) async throws -> (CommandUnderTest, port: Int) {
        let floor = try CommandUnderTest(["floor", "--port", "\(port)"] + arguments)
        var port: Int?
        try await eventually("the floor listens (\(floor.errors))") {
            guard floor.isRunning else { throw TestFailure("the floor ended: \(floor.errors)") }
            guard let match = floor.output.firstMatch(of: /^floor listening on 127\.0\.0\.1:(\d+)\n/) else {
                return false
            }
            port = Int(match.output.1)
            return true
        }
        return (floor, try #require(port))
    }

    /// The words of a table's lines.
    private static func rows(_ table: String) -> [[String]] {
        table.split(separator: "\n").map { line in line.split(separator: " ").map(String.init) }
    }
}
