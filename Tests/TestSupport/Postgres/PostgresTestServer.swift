import Foundation

/// A real, throw-away PostgreSQL server on a unix socket in a temporary directory, gone with the test process however
/// that ends: a small shell script owns the server and stops it when its standard input closes.
package final class PostgresTestServer: Sendable {
    /// How a server is stopped.
    package enum Stop: String, Sendable {
        /// Breaks connections off and writes everything down.
        case fast
        /// Breaks off without writing, as after a crash.
        case immediate
        /// `kill -9` of the postmaster.
        case kill
    }

    /// Holds the socket, the data directory and the log.
    package let directory: String
    /// The TCP port on 127.0.0.1, if the server was started with TLS.
    package let port: Int?
    private let script: Conversation

    /// Starts a server of its own, for tests that stop it or need TLS. Others take ``shared()``.
    ///
    /// - Parameters:
    ///   - settings: More of `postgresql.conf`, a line each.
    ///   - port: Listen on 127.0.0.1 too.
    ///   - files: Contents of `pg_hba.conf`, `server.crt`, `server.key`, by these names, for the data directory.
    ///   - folder: Where the directory with everything is made.
    ///   - environment: More variables of its processes, above those of the test's own.
    package static func start(
        settings: [String] = [], port: Int? = nil, files: [String: String] = [:], folder: String = "/tmp",
        environment: [String: String] = [:]
    ) async throws -> PostgresTestServer {
        let server = try PostgresTestServer(
            settings: settings, port: port, files: files, folder: folder, environment: environment)
        try await server.expectReady()
        return server
    }

    /// The server that the tests of one process share.
    package static func shared() async throws -> PostgresTestServer {
        try await sharedServer.value
    }

    private static let sharedServer = Task { try await start() }

    private init(
        settings: [String], port: Int?, files: [String: String], folder: String, environment: [String: String]
    ) throws {
        let binaries = try Self.binaries()
        var template = Array("\(folder)/outpace-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PostgresTestError("no temporary directory in \(folder)") }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.directory = directory
        self.port = port
        var configuration = [
            "fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200",
            "unix_socket_directories = '\(directory)'", "shared_buffers = '64MB'", "log_min_messages = warning",
        ]
        configuration.append(port.map { "listen_addresses = '127.0.0.1'\nport = \($0)" } ?? "listen_addresses = ''")
        configuration.append(contentsOf: settings)
        try (configuration.joined(separator: "\n") + "\n").write(
            toFile: directory + "/extra.conf", atomically: true, encoding: .utf8)
        for (name, content) in files {
            try content.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
        }

        self.script = try Conversation(
            "/bin/sh", ["-c", Self.scriptText, "outpace-test-postgres", binaries, directory, "\(port ?? 5432)"],
            errors: 2, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
    }

    /// A URL for a database of this server, by unix socket.
    package func url(database: String = "postgres") -> String {
        "postgresql:///\(database)?host=\(directory)&port=\(port ?? 5432)&user=outpace"
    }

    /// Stops the server; its connections break. ``restart()`` brings it back with the same data.
    package func stop(_ how: Stop = .fast) async throws {
        try await send(how.rawValue)
    }

    package func restart() async throws {
        try await send("start")
    }

    /// Stops the server's processes where they are: it answers nobody, and the system goes on to take connections for it.
    package func freeze() async throws {
        try await send("freeze")
    }

    package func thaw() async throws {
        try await send("thaw")
    }

    /// Stops the server for good and removes its files.
    package func remove() async {
        await script.end()
    }

    private func send(_ command: String) async throws {
        try await script.tell(command)
        try await expectReady()
    }

    private func expectReady() async throws {
        let answer = try await script.answer()
        guard answer == "ok" else {
            let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
            throw PostgresTestError("the test's PostgreSQL doesn't start: \(answer ?? "")\n\(log.suffix(2000))")
        }
    }

    /// The newest installed server programs, version 15 or later.
    package static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int($0) }
        for version in versions.sorted(by: >) where version >= 15 {
            let directory = "\(root)/\(version)/bin"
            if FileManager.default.isExecutableFile(atPath: directory + "/postgres") { return directory }
        }
        throw PostgresTestError("no PostgreSQL server (15 or newer) under \(root): run `make setup`")
    }

    /// Shell: hands the folder `$dir` to a user who is not root, since PostgreSQL refuses root, and makes `$as` the words before a command
    /// of that user's.
    static let asUnprivileged = """
        as=''
        if [ "$(id -u)" = 0 ]; then
            user=postgres; id -u $user >/dev/null 2>&1 || user=nobody
            chown -R "$user" "$dir"; chmod 755 "$dir"
            as="setpriv --reuid=$user --regid=$(id -g $user) --clear-groups"
        fi
        """

    private static let scriptText = """
        trap '' INT HUP TERM PIPE
        bin=$1; dir=$2; port=$3
        \(asUnprivileged)
        start() {
            tries=0
            while [ $tries -lt 100 ]; do
                $as "$bin/postgres" -D "$dir/data" >>"$dir/log" 2>&1 &
                pid=$!
                while kill -0 $pid 2>/dev/null; do
                    if "$bin/pg_isready" -q -h "$dir" -p "$port"; then echo ok; return; fi
                    sleep 0.05
                done
                tries=$((tries + 1)); sleep 0.1
            done
            echo 'see the log:'
        }
        every() { kill -"$1" $pid; kill -"$1" $(pgrep -P $pid); } 2>/dev/null
        halt() { every CONT; kill -"$1" $pid 2>/dev/null; wait $pid 2>/dev/null; }
        cd /
        $as "$bin/initdb" -D "$dir/data" -U outpace --auth=trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 ||
            { echo 'initdb failed:'; rm -rf "$dir"; exit 1; }
        cat "$dir/extra.conf" >>"$dir/data/postgresql.conf"
        for file in pg_hba.conf server.crt server.key root.crt; do
            [ -f "$dir/$file" ] && $as install -m 600 "$dir/$file" "$dir/data/$file"
        done
        start
        while read -r command; do
            case $command in
                start) start;;
                fast) halt INT; echo ok;;
                immediate) halt QUIT; echo ok;;
                kill) halt KILL; echo ok;;
                freeze) every STOP; echo ok;;
                thaw) every CONT; echo ok;;
            esac
        done
        halt QUIT
        rm -rf "$dir"
        """
}
