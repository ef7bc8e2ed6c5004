import Foundation
import TestSupport
import Testing

/// `outpace pace` and `outpace simulate`, run as a program that has a floor of its own runs them.
@Suite("The pacing core as a command", .serialized)
struct PaceCommandTests {
    /// Starts `outpace pace`.
    ///
    /// - Parameter errors: A file for what it says on standard error.
    private func pace(_ arguments: String..., errors: URL? = nil) throws -> Conversation {
        let file = try errors.map { try FileHandle(forWritingTo: $0) }
        defer { try? file?.close() }
        return try Conversation(
            ServiceUnderTest.binary.path, ["pace"] + arguments, errors: file?.fileDescriptor)
    }

    @Test("each decide is answered at once, agents of the start line are ready")
    func conversation() async throws {
        let pace = try self.pace()
        try await pace.tell(#"{"t":0,"type":"start","agents":["a1","a2"],"grace":2.0}"#, #"{"t":0.5,"type":"decide"}"#)
        #expect(try await pace.answer() == #"{"t":0.5,"dial":2}"#)
        try await pace.tell(
            #"{"t":0.5,"type":"dial","id":"c1"}"#, #"{"t":0.5,"type":"dial","id":"c2"}"#, #"{"t":1,"type":"decide"}"#)
        #expect(try await pace.answer() == #"{"t":1,"dial":0}"#)
        try await pace.tell(
            #"{"t":9.1,"type":"call","id":"c1","outcome":"human"}"#,
            #"{"t":9.1,"type":"connect","id":"c1","agent":"a1"}"#,
            #"{"t":9.5,"type":"call","id":"c2","outcome":"busy"}"#,
            #"{"t":20,"type":"talkend","id":"c1"}"#, #"{"t":20,"type":"agent","id":"a1","state":"break"}"#,
            #"{"t":20.5,"type":"decide"}"#)
        #expect(try await pace.answer() == #"{"t":20.5,"dial":1}"#)
        #expect(await pace.end() == 0)
    }

    @Test("lines that are none are told with their number and passed over")
    func malformed() async throws {
        let log = ServiceUnderTest.makeFolder()
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let pace = try self.pace("--mode", "progressive", errors: log)
        try await pace.tell(
            #"{"t":0,"type":"start","agents":["a1"]}"#, "hello", "", #"{"t":1,"type":"agent","id":"a1"}"#,
            #"{"type":"decide"}"#, #"{"t":1,"type":"call","id":"x","outcome":"dog"}"#, #"{"t":2,"type":"dance"}"#,
            #"{"t":-1,"type":"decide"}"#, "[1]", #"{"t":"3","type":"decide"}"#, #"{"t":3,"type":"decide","extra":[{}]}"#
        )
        #expect(try await pace.answer() == #"{"t":3,"dial":1}"#)
        #expect(await pace.end() == 0)
        let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
        #expect(lines.map { $0.prefix { $0 != ":" } } == [2, 4, 5, 6, 7, 8, 9, 10].map { "line \($0)" })
        #expect(lines[1].contains("state is missing"))
        #expect(lines[3].contains("unknown outcome \"dog\""))
    }

    @Test("a line without end is passed over, and memory stays flat")
    func endless() async throws {
        let log = ServiceUnderTest.makeFolder()
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let pace = try self.pace("--mode", "jade", "--service-level", "2", errors: log)
        for _ in 0..<40 { try await pace.tell(String(repeating: "x", count: 100_000)) }
        let long = String(repeating: "y", count: 3_000_000)
        try await pace.tell(long, #"{"t":1,"type":"agent","id":1,"state":"idle"}"#, #"{"t":3,"type":"decide"}"#)
        #expect(try await pace.answer() == #"{"t":3,"dial":3}"#)
        #expect(await pace.end() == 0)
        #expect(try String(contentsOf: log, encoding: .utf8).contains("line 41: it is longer than"))
    }

    @Test("limits are kept")
    func limits() async throws {
        let pace = try self.pace(
            "--mode", "ratio", "--ratio", "10", "--max-calls", "7", "--max-calls-per-second", "5")
        try await pace.tell(#"{"t":0,"type":"start","agents":["a1"]}"#, #"{"t":0,"type":"decide"}"#)
        #expect(try await pace.answer() == #"{"t":0,"dial":5}"#)
        for call in 0..<5 { try await pace.tell("{\"t\":0,\"type\":\"dial\",\"id\":\(call)}") }
        try await pace.tell(#"{"t":4,"type":"decide"}"#)
        #expect(try await pace.answer() == #"{"t":4,"dial":2}"#)
        #expect(await pace.end() == 0)
    }

    @Test("an option out of range is refused by name", arguments: ["--target-abandon", "--grace", "--ratio"])
    func options(_ name: String) async throws {
        let outcome = try await CommandUnderTest.run("pace", name, "5000")
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("\(name) must be"))
    }

    @Test("simulate writes JSON, a table and a plot")
    func simulate() async throws {
        let folder = ServiceUnderTest.makeFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let scenario = folder.appending(path: "scenario.json"), plot = folder.appending(path: "plot.svg")
        try Data(#"{"agents":5,"hours":0.5,"shifts":2}"#.utf8).write(to: scenario)
        let outcome = try await CommandUnderTest.run("simulate", "--scenario", scenario.path, "--svg", plot.path)
        #expect(outcome.status == 0)
        #expect(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) is [String: Any])
        #expect(outcome.errors.contains("progressive"))
        #expect(try String(contentsOf: plot, encoding: .utf8).hasPrefix("<svg"))
        try Data(#"{"agents":5,"speed":1}"#.utf8).write(to: scenario)
        let refused = try await CommandUnderTest.run("simulate", "--scenario", scenario.path)
        #expect(refused.status != 0)
        #expect(refused.errors.contains("speed is unknown"))
    }
}
