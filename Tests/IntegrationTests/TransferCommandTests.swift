import DialerModel
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Files in and out by the command line, against a running service.
@Suite("outpace import and export", .timeLimit(.minutes(10)))
struct TransferCommandTests {
    /// A service beside a call floor, and a folder for files.
    private func withService(
        _ body: (_ service: ServiceUnderTest, _ folder: URL, _ there: [String: String]) async throws -> Void
    ) async throws {
        let folder = ServiceUnderTest.makeFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (floor, port) = try await CommandTests.floor()
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(),
            asteriskPort: port,
            username: "outpace",
            secret: "change-me",
            databaseURL: TestDatabase.create().url
        )
        defer { service.tearDown() }
        try await body(service, folder, ["OUTPACE_URL": service.baseURL])
        await floor.stop()
    }

    @Test("a file goes into a new list, its bad rows into a file of their own, and comes out again")
    func thereAndBack() async throws {
        try await self.withService { service, folder, there in
            let file = folder.appending(path: "crm list.csv")
            let rows = (0..<5_000).map { "Name \($0);0171 \(1_000_000 + $0);k\($0)\n" }.joined()
            try ("Name;Phone;Id\n" + rows + "Bad;12;x\n" + "Worse;;y\n").write(
                to: file, atomically: true, encoding: .utf8)
            let rejects = folder.appending(path: "rejects.csv")

            let imported = try await CommandUnderTest.run(
                "import", file.path, "--new-list", "spring", "--region", "DE", "--rejects", rejects.path,
                environment: there)
            #expect(imported.status == 1, "\(imported.errors)")
            let words = imported.output.split(separator: "\n")
            let list = String(words.first?.dropFirst("list ".count) ?? "")
            #expect(UUID(uuidString: list) != nil, "\(imported.output)")
            #expect(words.last == "5002 rows: 5000 loaded, 0 updated, 0 duplicates, 2 refused")
            #expect(imported.errors.contains("line 5002: number_1: "), "\(imported.errors)")
            #expect(imported.errors.contains("line 5003: the row has no number"), "\(imported.errors)")
            let refused = try String(contentsOf: rejects, encoding: .utf8)
            #expect(refused.split(whereSeparator: \.isNewline).count == 3, "\(refused)")
            #expect(refused.hasPrefix("line,field,reason,row"))

            let output = folder.appending(path: "out.csv")
            let exported = try await CommandUnderTest.run(
                "export", "contacts", "--list", list, "--columns", "name,number_1,ukey", "--no-tried", "--output",
                output.path, environment: there)
            #expect(exported.status == 0, "\(exported.errors)")
            #expect(exported.output.isEmpty)
            let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 5_001)
            #expect(lines.first == "name,number_1,ukey")
            #expect(lines.last == "Name 4999,+491711004999,k4999")
            #expect(!FileManager.default.fileExists(atPath: output.path + ".part"))

            let again = try await CommandUnderTest.run(
                "import", output.path, "--list", list, "--duplicates", "skip", environment: there)
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.output == "5000 rows: 0 loaded, 0 updated, 5000 duplicates, 0 refused\n")

            let allowed = try await CommandUnderTest.run(
                "import", file.path, "--list", list, "--allow-rejects", "--dry-run", environment: there)
            #expect(allowed.status == 0, "\(allowed.errors)")
            let results = try await CommandUnderTest.run("export", "results", "--format", "ndjson", environment: there)
            #expect(results.status == 0, "\(results.errors)")
            #expect(results.output.isEmpty)
        }
    }

    @Test("--on-error abort loads nothing; what is wrong is said, and nothing is left behind")
    func refusals() async throws {
        try await self.withService { service, folder, there in
            let list = try await service.create("/dlmas", "{}")
            let file = folder.appending(path: "list.csv")
            try "number_1\n300\n\n1 2 x\n".write(to: file, atomically: true, encoding: .utf8)
            let aborted = try await CommandUnderTest.run(
                "import", file.path, "--list", list, "--on-error", "abort", environment: there)
            #expect(aborted.status == 1)
            #expect(aborted.errors.contains("nothing was loaded"), "\(aborted.errors)")
            #expect(aborted.errors.contains("line 4: number_1"), "\(aborted.errors)")

            let unknown = try await CommandUnderTest.run(
                "import", file.path, "--list", UUID().uuidString, environment: there)
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("(404)"), "\(unknown.errors)")
            let missing = try await CommandUnderTest.run(
                "import", folder.path + "/none.csv", "--list", list, environment: there)
            #expect(missing.status == 64)
            #expect(missing.errors.contains("none.csv"), "\(missing.errors)")
            let column = try await CommandUnderTest.run(
                "export", "contacts", "--list", list, "--columns", "nombre", "--output", folder.path + "/x.csv",
                environment: there)
            #expect(column.status == 1)
            #expect(column.errors.contains("nombre"), "\(column.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/x.csv"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/x.csv.part"))
            let empty = try await CommandUnderTest.run("export", "contacts", "--list", list, environment: there)
            #expect(empty.output.split(separator: "\n").count == 1)
        }
    }

    @Test("SIGTERM in the middle of a pipe ends the import with 130, and nothing is loaded")
    func interrupted() async throws {
        try await self.withService { service, folder, there in
            let list = try await service.create("/dlmas", "{}")
            // A pipe that someone holds open never ends.
            let pipe = folder.appending(path: "pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            let holder = open(pipe, O_RDWR)
            defer { close(holder) }
            let text = Array("number_1\n300\n301\n".utf8)
            #expect(write(holder, text, text.count) == text.count)
            let command = try CommandUnderTest(["import", pipe, "--list", list], environment: there)
            try await eventually("the upload has begun (\(command.errors))") {
                try await service.get("/uploads").result["list"]?.elements?.isEmpty == false
            }
            let outcome = await command.stop()
            #expect(outcome.status == 130, "\(outcome.errors)")
            #expect(outcome.errors.contains("cancelled; nothing was loaded"), "\(outcome.errors)")
            try await eventually("the service has given the upload up") {
                let upload = try await service.get("/uploads").result["list"]?.elements?.first
                return upload?["status"]?.text == "failed"
            }
            #expect(try await service.get("/dls?dlma_uuid=\(list)").result["list"]?.elements?.isEmpty == true)
        }
    }

    @Test("arguments that make no sense are usage errors")
    func usage() async throws {
        let uuid = "01a1fdbd-595e-79e5-acd3-8e3009973876"
        for arguments in [
            ["import", "x.csv"], ["import", "x.csv", "--list", "a"],
            ["import", "x.csv", "--list", uuid, "--new-list", "b"],
            ["import", "x.csv", "--list", uuid, "--region", "DE"],
            ["import", "x.csv", "--list", uuid, "--duplicate-key", "ukey"],
            ["export", "contacts", "--list", "1"], ["export", "results", "--campaign", "1"],
            ["export", "results", "--format", "xml"],
        ] {
            let outcome = await (try CommandUnderTest(arguments)).outcome()
            #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
        }
    }
}
