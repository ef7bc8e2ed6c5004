import Subprocess
import SystemPackage

/// Runs one of PostgreSQL's programs to its end.
enum ServerProgram {
    /// - Parameter user: Whom to run it as; nil: whoever this process runs as.
    /// - Returns: What it printed.
    /// - Throws: ``PrivatePostgresError/failed(program:output:)``.
    static func run(_ path: String, _ arguments: [String], as user: ServerUser?) async throws(PrivatePostgresError)
        -> String
    {
        let name = FilePath(path).lastComponent?.string ?? path
        let output: String
        let isSuccess: Bool
        do {
            // setpriv changes the user in a process of its own: setgroups and setuid between fork and exec wait for threads that a
            // fork does not copy, and hang now and then.
            let command = [path] + arguments
            let words =
                user.map { ["setpriv", "--reuid=\($0.id)", "--regid=\($0.groupID)", "--clear-groups", "--"] + command }
                ?? command
            let result = try await Subprocess.run(
                words[0].contains("/") ? .path(FilePath(words[0])) : .name(words[0]),
                arguments: Arguments(Array(words.dropFirst())),
                environment: .inherit.updating(["LC_ALL": "C"]),
                workingDirectory: FilePath("/"),
                output: .string(limit: 1_048_576),
                error: .combinedWithOutput
            )
            output = result.standardOutput
            isSuccess = result.terminationStatus.isSuccess
        } catch {
            throw .failed(program: name, output: "\(error)")
        }
        guard isSuccess else { throw .failed(program: name, output: String(output.suffix(2000))) }
        return output
    }
}
