import Subprocess

/// The curl that users have.
enum Curl {
    /// Runs `curl` with these arguments and returns what it printed.
    static func run(_ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .name("curl"),
            arguments: Arguments(["-sS", "--max-time", "120"] + arguments),
            output: .string(limit: 1_000_000),
            error: .string(limit: 100_000)
        )
        return result.standardOutput + result.standardError
    }
}
