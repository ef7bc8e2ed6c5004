import DialerModel
import Foundation
import TestSupport
import Testing

@testable import outpace

/// One results file, and who may write it.
@Suite("Results files", .serialized, .timeLimit(.minutes(15)))
struct ResultsCommandTests {
    /// Calls `count` busy lines and returns the file's text.
    private func dial(_ count: Int, on service: ServiceUnderTest) async throws -> String {
        let before = try service.resultLines().count
        let walk = try await Walk.create(
            on: service, numbers: (0..<count).map { "2\($0)" }, technology: "PJSIP", trunk: "trunk")
        try await walk.start()
        _ = try await service.waitForResultLines(before + count)
        try await walk.waitUntilStopped()
        return try String(contentsOf: service.resultsFile, encoding: .utf8)
    }

    @Test(
        "rebuild writes the same bytes, all of them or those of a time, beside a running service and its private PostgreSQL"
    )
    func rebuild() async throws {
        let (floor, port) = try await CommandTests.floor("--setup", "0", "--rule", "* busy ring=0")
        let folder = ServiceUnderTest.makeFolder()
        let service = try await ServiceUnderTest.start(
            in: folder, asteriskPort: port, username: "outpace", secret: "change-me")
        defer { service.tearDown() }
        let configuration = folder.appending(path: "outpace.yaml").path
        let output = folder.appending(path: "again.json")
        let text = try await self.dial(30, on: service)

        let all = try await CommandUnderTest.run(
            "results", "rebuild", "--output", output.path, "--config", configuration)
        #expect(all.status == 0, "\(all.errors)")
        #expect(all.output == "\(output.path): 30 results\n")
        #expect(try String(contentsOf: output, encoding: .utf8) == text)

        let again = try await CommandUnderTest.run(
            "results", "rebuild", "--output", output.path, "--config", configuration)
        #expect(again.status == 1)
        #expect(again.errors.contains("\(output.path) exists; give --force"), "\(again.errors)")
        let taken = try await CommandUnderTest.run(
            "results", "rebuild", "--output", service.resultsFile.path, "--force", "--config", configuration)
        #expect(taken.status == 1)
        #expect(taken.errors.contains("is written by a running service"), "\(taken.errors)")
        #expect(try String(contentsOf: service.resultsFile, encoding: .utf8) == text)

        // From the end of one call to the end of another: those of the same instant belong to it, those at its end do not.
        let ends = try service.resultLines().map { try #require($0["tm_end"]?.text) }.sorted()
        let (from, to) = (ends[7], ends[22])
        let part = try await CommandUnderTest.run(
            "results", "rebuild", "--from", from, "--to", to, "--output", output.path, "--force", "--config",
            configuration)
        #expect(part.status == 0, "\(part.errors)")
        let expected = text.split(separator: "\n").filter { line in
            guard let end = (try? JSONValue.parse(Array(line.utf8)))?["tm_end"]?.text else { return false }
            return end >= from && end < to
        }
        #expect(try String(contentsOf: output, encoding: .utf8) == expected.map { $0 + "\n" }.joined())
        #expect(!FileManager.default.fileExists(atPath: output.path + ".part"))

        // And without the service, which stops its PostgreSQL.
        await service.stop()
        let alone = try await CommandUnderTest.run(
            "results", "rebuild", "--force", "--output", service.resultsFile.path, "--config", configuration)
        #expect(alone.status == 0, "\(alone.errors)")
        #expect(try String(contentsOf: service.resultsFile, encoding: .utf8) == text)
        let none = try await CommandUnderTest.run(
            "results", "rebuild", "--to", "1999-01-01", "--force", "--output", output.path, "--config", configuration)
        #expect(none.output == "\(output.path): 0 results\n", "\(none.errors)")
        await floor.stop()
    }

    @Test("times that are none, or the wrong way round, are usage errors; a database without a schema makes no file")
    func refusals() async throws {
        for arguments in [
            ["--from", "yesterday"], ["--from", "2026-03-02", "--to", "2026-03-01"],
            ["--from", "2026-03-01", "--to", "2026-03-01"],
        ] {
            let outcome = try await CommandUnderTest(["results", "rebuild", "--output", "x"] + arguments).outcome()
            #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
        }
        let folder = ServiceUnderTest.makeFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try await CommandUnderTest.run(
            "results", "rebuild", "--output", folder.path + "/x.json",
            environment: ["OUTPACE_DATABASE_URL": TestDatabase.create().url])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("dialing_result"), "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("the line of progress says how much there is")
    func progress() {
        let text = ResultsRebuild.progress(lines: 500, of: 1000, bytes: 1_250_000, seconds: 2)
        #expect(text == "writing  [##########----------]  50 %  500 of 1000 results, 1.3 MB, 2 s left")
    }

    @Test("a second service with the same results file does not start, and names it; the first goes on")
    func oneWriter() async throws {
        let (floor, port) = try await CommandTests.floor("--setup", "0", "--rule", "* busy ring=0")
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: port, username: "outpace", secret: "change-me",
            databaseURL: TestDatabase.create().url)
        defer { service.tearDown() }
        let before = try await self.dial(2, on: service)
        let other = ServiceUnderTest.makeFolder()
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: other) }
        let environment = [
            "OUTPACE_DATABASE_URL": try await TestDatabase.create().url, "OUTPACE_DATA_DIR": other.path,
            "OUTPACE_HTTP_PORT": "0", "OUTPACE_RESULTS_FILE": service.resultsFile.path,
        ]
        let second = try await CommandUnderTest.run("serve", environment: environment)
        #expect(second.status == 1)
        #expect(
            second.errors.contains(
                "another service writes \(service.resultsFile.path): stop it, or give this one a results.file of its own"
            ),
            "\(second.errors)")
        #expect(!second.errors.contains("listening"))

        // Renamed, the file is let go of and the new one held.
        let rotated = service.folder.appending(path: "results.json.1")
        try FileManager.default.moveItem(at: service.resultsFile, to: rotated)
        try await eventually("a new one is made, without being asked for") {
            FileManager.default.fileExists(atPath: service.resultsFile.path)
        }
        let third = try await CommandUnderTest.run("serve", environment: environment)
        #expect(third.status == 1)
        #expect(third.errors.contains("another service writes"), "\(third.errors)")
        #expect(try await self.dial(3, on: service).split(separator: "\n").count == 3)
        #expect(try String(contentsOf: rotated, encoding: .utf8) == before)

        // With the same data_dir and another file it is the spool that is taken.
        var shared = environment
        shared["OUTPACE_RESULTS_FILE"] = other.path + "/r.json"
        shared["OUTPACE_DATA_DIR"] = service.folder.path + "/data"
        let fourth = try await CommandUnderTest.run("serve", environment: shared)
        #expect(fourth.status == 1)
        #expect(fourth.errors.contains("give this one a data_dir of its own"), "\(fourth.errors)")
        await floor.stop()
    }
}
