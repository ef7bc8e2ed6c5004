import Foundation
import Logging

/// A PostgreSQL of the service's own, for an installation without a database server: made on the first start, reused
/// afterwards, reached by a unix socket only, and stopped with the service.
///
/// Under `data_dir/postgres`: `data` is the cluster, `log` what the server says (one file for each day of the week),
/// `run` the socket. After the service was killed, the server it left behind is adopted.
package actor PrivatePostgres {
    private let root: String
    let logger: Logger
    private let maximumConnections: Int
    private let startPatience: Int
    private var lock: DirectoryLock?
    private var running: (binaries: PostgresBinaries, user: ServerUser?)?

    var data: String { "\(root)/data" }
    var log: String { "\(root)/log" }

    /// The name of socket files, after their directory (`sockaddr_un` takes 107 bytes in all).
    private static let socketName = "/.s.PGSQL.5432.lock"
    private static let longestSocketPath = 107

    /// - Parameter dataDirectory: The service's `data_dir`; created if it isn't there. A relative path counts from the
    ///   current directory.
    /// - Parameter poolSize: Connections the service will open; the server takes some more, for `psql` and `pg_dump`.
    /// - Parameter startPatience: Seconds, 1 or more, after which the log tells of a start that takes longer. There is no
    ///   limit to the start itself as long as the server says that it is starting.
    package init(dataDirectory: String, poolSize: Int = 8, startPatience: Int = 10, logger: Logger) {
        self.startPatience = startPatience
        self.maximumConnections = max(50, poolSize + 10)
        let base = URL(fileURLWithPath: dataDirectory).standardizedFileURL.path
        self.root = "\(base)/postgres"
        self.logger = logger
    }

    /// Starts the server, or adopts the one that runs on this data, and returns its URL for libpq.
    package func start() async throws(PrivatePostgresError) -> String {
        let user = try ServerUser.current()
        try makeDirectory(root, for: user)
        if lock == nil { lock = try DirectoryLock(directory: root) }
        do throws(PrivatePostgresError) {
            return try await startLocked(as: user)
        } catch {
            self.lock = nil
            throw translated(error)
        }
    }

    /// The URL of the server that another process started on this data and that takes work; nil when there is none.
    package func runningURL() -> String? {
        guard let postmaster = postmaster(), postmaster.state == .ready else { return nil }
        return Self.url(socket: postmaster.socketDirectory)
    }

    /// Stops the server in order; connections still open are broken off.
    package func stop() async {
        guard let (binaries, user) = running else { return }
        running = nil
        do {
            try await stopServer(binaries, user)
            logger.info("Private PostgreSQL stopped")
        } catch {
            logger.error("Private PostgreSQL doesn't stop", metadata: ["error": "\(error)"])
        }
        lock = nil
    }

    /// Between ``start()`` and ``stop()``, whether or not the server lives.
    var isStarted: Bool { running != nil }

    /// Starts the server of a service that is running.
    func startAgain() async throws(PrivatePostgresError) {
        _ = try await startLocked(as: try ServerUser.current())
    }

    // MARK: Start

    private func startLocked(as user: ServerUser?) async throws(PrivatePostgresError) -> String {
        try await checkReach(of: user)
        try makeDirectory(log, for: user)
        let socket = try socketDirectory(for: user)
        let binaries = try await binaries()
        if !FileManager.default.fileExists(atPath: "\(data)/PG_VERSION") {
            try await initialise(binaries, as: user)
        }
        try await settle(binaries, user, socket: socket)
        running = (binaries, user)
        return Self.url(socket: socket)
    }

    /// Makes sure that a server runs on the data with this socket.
    private func settle(
        _ binaries: PostgresBinaries, _ user: ServerUser?, socket: String
    ) async throws(PrivatePostgresError) {
        if let postmaster = postmaster() {
            let metadata: Logger.Metadata = ["pid": "\(postmaster.processID)"]
            if postmaster.state != .stopping, postmaster.socketDirectory == socket {
                logger.notice("Adopting the private PostgreSQL that was left running", metadata: metadata)
                if try await becomesReady(postmaster, stoppedBy: binaries, user) { return }
            } else {
                // Stopping already, or started with another socket: an orderly stop settles both.
                logger.notice("Stopping the private PostgreSQL that was left behind", metadata: metadata)
                try await stopServer(binaries, user)
            }
        }
        if postmaster() == nil {
            // Its process is gone, or the number belongs to another by now; the server would refuse to start then.
            try? FileManager.default.removeItem(atPath: "\(data)/postmaster.pid")
        }
        try writeSettings(socket: socket, for: user)
        let startLog = "\(log)/start.log"
        try? FileManager.default.removeItem(atPath: startLog)
        do throws(PrivatePostgresError) {
            _ = try await ServerProgram.run(
                binaries.path("pg_ctl"), ["start", "-D", data, "-l", startLog, "-w", "-t", "\(startPatience)", "-s"],
                as: user)
        } catch {
            // pg_ctl gives up on a server that recovers from a crash; the server itself goes on.
            if postmaster()?.state != .starting {
                let said = (try? String(contentsOfFile: startLog, encoding: .utf8)) ?? ""
                guard case .failed(let program, let output) = error else { throw error }
                throw .failed(program: program, output: "\(output)\n\(said.suffix(2000))\nsee \(log)")
            }
        }
        guard let postmaster = postmaster(), try await becomesReady(postmaster, stoppedBy: binaries, user) else {
            throw .failed(program: "postgres", output: "it ended while it was starting: \(lastWords())\nsee \(log)")
        }
        logger.info("Private PostgreSQL started", metadata: ["version": "\(binaries.version)", "directory": "\(data)"])
    }

    private func binaries() async throws(PrivatePostgresError) -> PostgresBinaries {
        let installed = await PostgresBinaries.installed()
        guard let newest = installed.first else {
            throw .noBinaries(searched: PostgresBinaries.searchedDirectories())
        }
        guard let text = try? String(contentsOfFile: "\(data)/PG_VERSION", encoding: .utf8) else { return newest }
        let version = PostgresBinaries.version(in: text) ?? 0
        guard let fitting = installed.first(where: { $0.version == version }) else {
            throw .versionMismatch(directory: data, data: version, installed: installed.map(\.version))
        }
        return fitting
    }

    /// Makes the cluster beside its place and renames it, so that half a cluster is never taken for one.
    private func initialise(_ binaries: PostgresBinaries, as user: ServerUser?) async throws(PrivatePostgresError) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] where name.hasPrefix("data.new")
        {
            try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
        }
        // A name of its own: an initdb that outlived a killed service may still be writing into its own.
        let new = "\(root)/data.new.\(UUID().uuidString)"
        _ = try await ServerProgram.run(
            binaries.path("initdb"),
            ["-D", new, "-U", "outpace", "--auth=trust", "--encoding=UTF8", "--locale=C", "--data-checksums"], as: user)
        let configuration = "\(new)/postgresql.conf"
        do {
            let text = try String(contentsOfFile: configuration, encoding: .utf8)
            try write(text + "\ninclude_if_exists = 'outpace.conf'\n", to: configuration, for: user)
            try FileManager.default.moveItem(atPath: new, toPath: data)
        } catch let error as PrivatePostgresError {
            throw error
        } catch {
            throw .unusablePath(new, reason: "\(error.localizedDescription)")
        }
    }

    /// Everything that isn't PostgreSQL's default. Durability is: nothing here weakens it.
    private func writeSettings(socket: String, for user: ServerUser?) throws(PrivatePostgresError) {
        let settings = """
            # Written at each start of the service; changes belong into postgresql.conf, before the include.
            listen_addresses = ''
            port = 5432
            unix_socket_directories = '\(socket.replacing("'", with: "''"))'
            unix_socket_permissions = 0700
            max_connections = \(maximumConnections)
            logging_collector = on
            log_directory = '\(log.replacing("'", with: "''"))'
            log_filename = 'postgresql-%a.log'
            log_truncate_on_rotation = on
            log_rotation_age = 1d
            log_rotation_size = 0
            log_min_messages = warning
            log_min_error_statement = panic
            log_checkpoints = off

            """
        try write(settings, to: "\(data)/outpace.conf", for: user)
    }

    // MARK: Files

    private func write(_ text: String, to path: String, for user: ServerUser?) throws(PrivatePostgresError) {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw .unusablePath(path, reason: "\(error)")
        }
        chmod(path, 0o600)
        try give(path, to: user)
    }

    private func give(_ path: String, to user: ServerUser?) throws(PrivatePostgresError) {
        guard let user else { return }
        guard lchown(path, user.id, user.groupID) == 0 else {
            throw .unusablePath(path, reason: String(cString: strerror(errno)))
        }
    }

    /// A directory for the server's user alone, made if it isn't there. What others own is not taken.
    private func makeDirectory(_ path: String, for user: ServerUser?) throws(PrivatePostgresError) {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch {
            throw .unusablePath(parent, reason: error.localizedDescription)
        }
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .unusablePath(path, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .unusablePath(path, reason: "it is not a directory")
        }
        let owner = user?.id ?? geteuid()
        guard status.st_uid == owner || status.st_uid == geteuid() else {
            throw .unusablePath(path, reason: "it belongs to another user")
        }
        chmod(path, 0o700)
        try give(path, to: user)
    }

    /// Whether the server's user gets through to the root directory.
    private func checkReach(of user: ServerUser?) async throws(PrivatePostgresError) {
        guard let user else { return }
        var directory = ""
        for component in root.split(separator: "/") {
            directory += "/\(component)"
            do {
                _ = try await ServerProgram.run("/bin/sh", ["-c", "cd \"$1\"", "sh", directory], as: user)
            } catch {
                throw .notTraversable(directory: directory, user: user.name)
            }
        }
    }

    /// `run` under the root, or a private directory elsewhere when that path is too long for a socket.
    private func socketDirectory(for user: ServerUser?) throws(PrivatePostgresError) -> String {
        var directory = "\(root)/run"
        if (directory + Self.socketName).utf8.count > Self.longestSocketPath {
            // The same for each start, so that a server left behind is found.
            let hash = root.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
            directory = "/tmp/outpace-\(geteuid())-\(String(hash, radix: 36))"
        }
        try makeDirectory(directory, for: user)
        return directory
    }

    private func translated(_ error: PrivatePostgresError) -> PrivatePostgresError {
        let text = error.description
        return text.contains("No space left on device") || text.contains("Disk quota exceeded")
            ? .diskFull(directory: root) : error
    }

    private static func url(socket: String) -> String {
        "postgresql:///postgres?host=\(Self.escaped(socket))&user=outpace"
    }

    /// A path as a value in a URL's query.
    private static func escaped(_ path: String) -> String {
        path.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 47, 95, 126: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
