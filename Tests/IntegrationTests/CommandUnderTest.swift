import Foundation
import TestSupport
import Testing

/// The real `outpace` binary run as a command, its output in files, so that no pipe can fill up.
final class CommandUnderTest: Sendable {
    /// How a command ended.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    private let process: ChildProcess
    private let folder: URL

    var output: String { self.read("output") }
    var errors: String { self.read("errors") }
    var isRunning: Bool { self.process.isRunning }

    /// Starts a command that goes on until ``stop()``.
    ///
    /// - Parameter environment: `OUTPACE_` variables; those of the test's own environment are not handed on.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        self.folder = ServiceUnderTest.makeFolder()
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OUTPACE_") }
        let output = try Self.file(self.folder.appending(path: "output"))
        let errors = try Self.file(self.folder.appending(path: "errors"))
        self.process = try ChildProcess(
            ServiceUnderTest.binary.path,
            arguments,
            environment: inherited.merging(environment) { $1 },
            folder: self.folder.path,
            output: output.fileDescriptor,
            errors: errors.fileDescriptor
        )
        try output.close()
        try errors.close()
    }

    /// Runs a command to its end.
    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        let command = try CommandUnderTest(arguments, environment: environment)
        return await command.outcome()
    }

    /// Waits for the end.
    func outcome() async -> Outcome {
        let status = await self.process.end()
        defer { try? FileManager.default.removeItem(at: self.folder) }
        return Outcome(status: status, output: self.output, errors: self.errors)
    }

    /// SIGTERM, then waits for the end.
    @discardableResult
    func stop() async -> Outcome {
        self.process.signal(SIGTERM)
        return await self.outcome()
    }

    /// `kill -9`, then waits for the end.
    @discardableResult
    func kill() async -> Outcome {
        self.process.signal(SIGKILL)
        return await self.outcome()
    }

    private static func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    private func read(_ name: String) -> String {
        (try? String(contentsOf: self.folder.appending(path: name), encoding: .utf8)) ?? ""
    }
}
