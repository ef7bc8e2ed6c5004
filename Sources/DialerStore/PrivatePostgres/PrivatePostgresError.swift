/// Why the private PostgreSQL doesn't run. Each message says what to do.
package enum PrivatePostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No server programs of a supported version on this machine.
    case noBinaries(searched: [String])
    /// The data was made by a version whose programs aren't installed.
    case versionMismatch(directory: String, data: Int, installed: [Int])
    /// Another service uses the same data directory.
    case inUse(directory: String)
    /// A running service's server does not take work at this moment.
    case notReady
    /// The server's user can't reach the directory.
    case notTraversable(directory: String, user: String)
    /// A directory or file can't be made or used.
    case unusablePath(String, reason: String)
    case diskFull(directory: String)
    /// As root there is neither a user `postgres` nor `nobody` to run the server as.
    case noUnprivilegedUser
    /// The start was cancelled while the server was starting.
    case interrupted(directory: String)
    /// A program of PostgreSQL failed; `output` is the end of what it said.
    case failed(program: String, output: String)

    package var description: String {
        switch self {
        case .noBinaries(let searched):
            """
            no PostgreSQL server, version \(PostgresBinaries.oldestVersion) or newer, in \(searched.joined(separator: ", ")): \
            install the package postgresql, or set database.url
            """
        case .versionMismatch(let directory, let data, let installed):
            """
            \(directory) was made by PostgreSQL \(data), but only \(installed.map(String.init).joined(separator: ", ")) \
            is installed: install postgresql-\(data), or move the data with pg_upgrade
            """
        case .inUse(let directory):
            "another service uses \(directory): stop it, or give this one a data_dir of its own"
        case .notReady:
            "the private PostgreSQL of the running service is starting or stopping: try again shortly"
        case .notTraversable(let directory, let user):
            "the user \(user), whom PostgreSQL runs as, can't enter \(directory): chmod o+x it, or choose another data_dir"
        case .unusablePath(let path, let reason):
            "\(path) can't be used for the private PostgreSQL: \(reason)"
        case .diskFull(let directory):
            "no space left on the disk that holds \(directory): make room and start again"
        case .noUnprivilegedUser:
            "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: create one, or set database.url"
        case .interrupted(let directory):
            "the start was cancelled while PostgreSQL on \(directory) was starting: start again, it goes on from where it was"
        case .failed(let program, let output):
            "\(program) failed: \(output)"
        }
    }
}
