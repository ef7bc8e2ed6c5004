import Foundation

/// The server programs of one installed version.
struct PostgresBinaries: Sendable, Hashable {
    /// The oldest version the store's SQL runs on.
    static let oldestVersion = 15

    let directory: String
    let version: Int

    func path(_ program: String) -> String { "\(directory)/\(program)" }

    /// Every supported installation in `PATH` and where Debian puts them, newest first.
    static func installed() async -> [PostgresBinaries] {
        var found: [PostgresBinaries] = []
        for directory in searchedDirectories() {
            guard
                ["postgres", "initdb", "pg_ctl"].allSatisfy({
                    FileManager.default.isExecutableFile(atPath: "\(directory)/\($0)")
                }),
                let answer = try? await ServerProgram.run("\(directory)/postgres", ["--version"], as: nil),
                let version = version(in: answer), version >= oldestVersion
            else { continue }
            found.append(PostgresBinaries(directory: directory, version: version))
        }
        return found.sorted { $0.version > $1.version }
    }

    static func searchedDirectories() -> [String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []).compactMap { Int($0) }
        return path.split(separator: ":").map(String.init) + versions.sorted(by: >).map { "\(debian)/\($0)/bin" }
    }

    /// The major version in `postgres (PostgreSQL) 15.20 (Debian …)`.
    static func version(in answer: String) -> Int? {
        answer.split(whereSeparator: \.isWhitespace).lazy
            .compactMap { Int($0.prefix { $0.isNumber }) }.first
    }
}
