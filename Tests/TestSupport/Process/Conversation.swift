import Dispatch
import Foundation
import Glibc

/// A program spoken to by lines on its standard input and output. Its pipes block, so a queue of its own does the waiting: a
/// thread of the pool that waited here would be missing for all other tests.
package final class Conversation: Sendable {
    private let process: ChildProcess
    private let input: FileHandle
    private let output: FileHandle
    private let queue = DispatchQueue(label: "conversation")

    /// - Parameters:
    ///   - errors: Where its standard error goes; nil is `/dev/null`. The caller closes its own.
    ///   - environment: The child's; nil hands this process's down.
    package init(
        _ executable: String, _ arguments: [String], errors: Int32? = nil, environment: [String: String]? = nil
    ) throws {
        let input = Pipe()
        let output = Pipe()
        // Another child that held the writing end would keep this one from seeing the end of its input.
        for handle in [input.fileHandleForReading, input.fileHandleForWriting, output.fileHandleForReading] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        self.process = try ChildProcess(
            executable,
            arguments,
            environment: environment,
            input: input.fileHandleForReading.fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor,
            errors: errors
        )
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
    }

    package func tell(_ lines: String...) async throws {
        let input = self.input
        try await self.blocking { try input.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8)) }
    }

    /// Waits for one line; nil at the end of its output.
    package func answer() async throws -> String? {
        let output = self.output
        return try await self.blocking {
            var line = Data()
            while let byte = try output.read(upToCount: 1), !byte.isEmpty {
                if byte[0] == 0x0a { return String(decoding: line, as: UTF8.self) }
                line += byte
            }
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }
    }

    /// Closes its input and waits for its end.
    ///
    /// - Returns: As ``ChildProcess/end()``.
    @discardableResult
    package func end() async -> Int32 {
        try? self.input.close()
        return await self.process.end()
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
