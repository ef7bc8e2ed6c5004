import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct TLSTests {
    /// A self-made certificate for `localhost`, by openssl.
    private func certificate() async throws -> (certificate: String, key: String) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "outpace-tls-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "certificate", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        ]
        try await ChildProcess("/usr/bin/openssl", arguments, folder: directory.path).end()
        return (
            try String(contentsOf: directory.appending(path: "certificate"), encoding: .utf8),
            try String(contentsOf: directory.appending(path: "key"), encoding: .utf8)
        )
    }

    @Test func aVerifiedConnectionCarriesLargeResults() async throws {
        let (certificate, key) = try await certificate()
        let port = try FreePort.next()
        let server = try await PostgresTestServer.start(
            settings: ["ssl = on"], port: port,
            files: [
                "server.crt": certificate, "server.key": key,
                "pg_hba.conf": "local all all trust\nhostssl all all 127.0.0.1/32 trust\n",
            ])
        let root = server.directory + "/server.crt"
        let base = "postgresql://outpace@localhost:\(port)/postgres"
        try await TestDatabase.withClient(url: "\(base)?sslmode=verify-full&sslrootcert=\(root)") {
            (client) async throws in
            #expect(
                try await client.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0]
                    .decode(Bool.self, at: 0))
            let rows = try await client.query("SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
            #expect(rows.count == 20_000)
            try await client.withConnection { (connection) async throws in
                var bytes = 0
                for try await chunk in connection.copyOut(
                    "COPY (SELECT repeat('y', 99) FROM generate_series(1, 50000)) TO STDOUT")
                {
                    bytes += chunk.count
                }
                #expect(bytes == 5_000_000)
            }
            let sleeper = Task { try await client.query("SELECT pg_sleep(600)") }
            sleeper.cancel()
            await #expect(throws: PostgresError.self) { try await sleeper.value }
        }
        for (url, expected) in [
            // The certificate is for localhost, not for the address.
            ("postgresql://outpace@127.0.0.1:\(port)/postgres?sslmode=verify-full&sslrootcert=\(root)", "certificate"),
            ("\(base)?sslmode=verify-full&sslrootcert=/nowhere", "root certificate"),
            ("\(base)?sslmode=disable", "pg_hba.conf"),
        ] {
            try await TestDatabase.withClient(url: url) { (client) async throws in
                await #expect { try await client.query("SELECT 1") } throws: { error in
                    let error = error as? PostgresError
                    return error?.code == .connectionFailed && error?.message.contains(expected) == true
                }
            }
        }
        await server.remove()
    }
}
