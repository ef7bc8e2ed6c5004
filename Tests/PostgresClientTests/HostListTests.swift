import PostgresClient
import TestSupport
import Testing

/// A URL with several hosts.
@Suite(.timeLimit(.minutes(10))) struct HostListTests {
    @Test("a silent host does not hide the next one, whether the hosts share a time-out or each has its own")
    func silentFirst() async throws {
        let silent = try SilentListener()
        let server = try await PostgresTestServer.shared()
        let hosts = "host=127.0.0.1,\(server.directory) port=\(silent.port),5432 user=outpace dbname=postgres"
        for (url, timeout) in [(hosts, 2), ("\(hosts) connect_timeout=1", 600)] {
            try await TestDatabase.withClient(
                url: url,
                configure: {
                    $0.connectTimeout = .seconds(timeout)
                    $0.acquireTimeout = .seconds(60)
                }
            ) { (client) async throws in
                #expect(try await client.query("SELECT 1").count == 1)
            }
        }
    }

    @Test(
        "when no host gives a connection the error tells of each, whether they share a time-out or each has its own",
        arguments: ["", " connect_timeout=1"])
    func everyFailureIsTold(timeout: String) async throws {
        let first = try SilentListener()
        let second = try SilentListener()
        let refusing = try FreePort.next()
        try await TestDatabase.withClient(
            url:
                "host=127.0.0.1,127.0.0.1,127.0.0.1 port=\(first.port),\(refusing),\(second.port) user=outpace\(timeout)",
            configure: {
                // Enough for each host's turn to come on a machine that stands still for seconds.
                $0.connectTimeout = .seconds(8)
                $0.acquireTimeout = .seconds(60)
            }
        ) { (client) async throws in
            await #expect {
                try await client.query("SELECT 1")
            } throws: { error in
                guard let error = error as? PostgresError else { return false }
                return error.code == .connectionFailed && error.isTransient
                    && error.message.contains("no connection to \"127.0.0.1\", port \(first.port) within the time-out")
                    && error.message.contains("port \(refusing) failed: Connection refused")
                    && error.message.contains("no connection to \"127.0.0.1\", port \(second.port) within the time-out")
            }
        }
    }

    /// Each begins a second after the one before, and is asked again a second after it failed: always while another is awaited.
    @Test("silent hosts with time-outs of their own do not keep each other being asked for ever")
    func silentHostsComeToAnEnd() async throws {
        let listeners = try (0..<3).map { _ in try SilentListener() }
        let ports = listeners.map { "\($0.port)" }
        try await TestDatabase.withClient(
            url:
                "host=127.0.0.1,127.0.0.1,127.0.0.1 port=\(ports.joined(separator: ",")) user=outpace connect_timeout=2",
            configure: { $0.acquireTimeout = .seconds(30) }
        ) { (client) async throws in
            await #expect {
                try await client.query("SELECT 1")
            } throws: { error in
                ports.allSatisfy { "\(error)".contains("port \($0) within the time-out") }
            }
        }
    }

    @Test("a server that refuses the password ends the search")
    func refusalIsFinal() async throws {
        let port = try FreePort.next()
        let strict = try await PostgresTestServer.start(
            port: port,
            files: ["pg_hba.conf": "local all outpace trust\nhost all all 127.0.0.1/32 scram-sha-256\n"])
        let open = try await PostgresTestServer.shared()
        try await TestDatabase.withClient(
            url: "host=127.0.0.1,\(open.directory) port=\(port),5432 user=outpace password=wrong dbname=postgres"
        ) { (client) async throws in
            await #expect { try await client.query("SELECT 1") } throws: {
                ($0 as? PostgresError)?.sqlState == .invalidPassword
            }
        }
        await strict.remove()
    }

    @Test("target_session_attrs chooses among the hosts")
    func sessionAttributes() async throws {
        let reader = try await PostgresTestServer.start(settings: ["default_transaction_read_only = on"])
        let writer = try await PostgresTestServer.shared()
        let base = "port=5432 user=outpace dbname=postgres target_session_attrs"
        for (hosts, wish, isReadOnly) in [
            ("\(reader.directory),\(writer.directory)", "read-write", "off"),
            ("\(writer.directory),\(reader.directory)", "read-only", "on"),
            ("\(writer.directory),\(reader.directory)", "any", "off"),
            // Neither is a standby, so the first of all is taken.
            ("\(reader.directory),\(writer.directory)", "prefer-standby", "on"),
        ] {
            try await TestDatabase.withClient(url: "host=\(hosts) \(base)=\(wish)") { (client) async throws in
                let answer = try await client.query("SHOW default_transaction_read_only")
                #expect(try answer[0].decode(String.self, at: 0) == isReadOnly, "\(wish)")
            }
        }
        try await TestDatabase.withClient(
            url: "host=\(reader.directory),\(writer.directory) \(base)=standby",
            configure: { $0.acquireTimeout = .seconds(10) }
        ) { (client) async throws in
            await #expect { try await client.query("SELECT 1") } throws: { "\($0)".contains("standby") }
        }
        await reader.remove()
    }

    @Test("a list of ports that does not fit the hosts is explained")
    func portsDoNotFit() async throws {
        try await TestDatabase.withClient(
            url: "host=127.0.0.1,127.0.0.1 port=1,2,3 user=outpace", configure: { $0.acquireTimeout = .seconds(10) }
        ) { (client) async throws in
            await #expect { try await client.query("SELECT 1") } throws: {
                "\($0)".contains("could not match 3 port numbers to 2 hosts")
            }
        }
    }
}
