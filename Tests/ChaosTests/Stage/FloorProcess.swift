import Foundation
import TestSupport

/// `outpace floor` as a process of its own, which outlives every fault of the engine and keeps its own log.
final class FloorProcess: Sendable {
    let log: URL
    let port: Int
    private let process: ChildProcess

    /// Starts a floor and waits for its port.
    init(binary: URL, folder: URL, options: [String]) async throws {
        self.log = folder.appending(path: "floor.log")
        let said = folder.appending(path: "floor.out")
        _ = FileManager.default.createFile(atPath: said.path, contents: nil)
        let complaints = folder.appending(path: "floor.errors")
        _ = FileManager.default.createFile(atPath: complaints.path, contents: nil)
        let output = try FileHandle(forWritingTo: said)
        let errors = try FileHandle(forWritingTo: complaints)
        let process = try ChildProcess(
            binary.path, ["floor", "--port", "0", "--log", self.log.path] + options, folder: folder.path,
            output: output.fileDescriptor, errors: errors.fileDescriptor)
        try output.close()
        try errors.close()
        let port = { () -> Int? in
            let text = try String(contentsOf: said, encoding: .utf8)
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("floor listening on ") }) else {
                return nil
            }
            return line.split(separator: ":").last.flatMap { Int($0) }
        }
        guard try await eventually({ try port() != nil }), let port = try port() else {
            process.signal(SIGKILL)
            throw StageError("the floor does not start: \(try String(contentsOf: complaints, encoding: .utf8))")
        }
        self.process = process
        self.port = port
    }

    func signal(_ number: Int32) { self.process.signal(number) }

    /// How many calls the floor was asked for so far.
    func originates() throws -> Int {
        guard let data = try? Data(contentsOf: self.log) else { return 0 }
        return data.ranges(of: Data(#"{"event":"originate""#.utf8)).count
    }

    /// SIGTERM; the log is complete when this returns.
    func stop() async {
        self.process.signal(SIGCONT)
        self.process.signal(SIGTERM)
        _ = await self.process.end()
    }
}
