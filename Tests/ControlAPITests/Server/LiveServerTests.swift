import DialerModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import ControlAPI

@Suite("The server on a real socket")
struct LiveServerTests {
    @Test("What is no HTTP is answered with the envelope and closed")
    func noHTTP() async throws {
        try await APIHarness.run(.live) { api in
            let answer = try await RawConnection.exchange(
                port: try #require(api.port), "\u{16}\u{03}\u{01} hello\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains(#""error":{"code":400,"message":"the request is not valid HTTP/1.1"}"#))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test("Headers without end are a 431")
    func hugeHeaders() async throws {
        try await APIHarness.run(.live) { api in
            let header = "X-Long: " + String(repeating: "a", count: 40_000) + "\r\n"
            let answer = try await RawConnection.exchange(
                port: try #require(api.port), "GET /plans HTTP/1.1\r\nHost: x\r\n" + header)
            #expect(answer.hasPrefix("HTTP/1.1 431 "))
            #expect(answer.contains(#""code":431"#))
        }
    }

    @Test("A body that trickles in is ended with 408 after the time limit")
    func slowBody() async throws {
        try await APIHarness.run(.live, configure: { $0.requestTimeout = .milliseconds(300) }) { api in
            let answer = try await RawConnection.exchange(
                port: try #require(api.port),
                "POST /plans HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"name\":"
            )
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(answer.contains("not complete within"))
            #expect(try await api.client(.get, "/plans").list.isEmpty)
        }
    }

    @Test("A connection that says nothing is closed")
    func silence() async throws {
        try await APIHarness.run(.live, configure: { $0.idleTimeout = .milliseconds(200) }) { api in
            let answer = try await RawConnection.run(port: try #require(api.port)) { inbound, _ in
                try await RawConnection.rest(of: inbound)
            }
            #expect(answer.isEmpty)
        }
    }

    @Test("A broken connection in the middle of a body creates nothing")
    func brokenBody() async throws {
        try await APIHarness.run(.live) { api in
            try await RawConnection.run(port: try #require(api.port)) { _, outbound in
                try await outbound.write(
                    ByteBuffer(string: "POST /plans HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"name\":\"x\"}")
                )
            }
            #expect(try await api.client(.get, "/plans").list.isEmpty)
        }
    }

    @Test("A chunked body over the limit is a 413, and the connection goes on to serve")
    func chunkedTooLarge() async throws {
        try await APIHarness.run(.live, configure: { $0.maximumBodyBytes = 1_000 }) { api in
            let chunk = "400\r\n" + String(repeating: " ", count: 0x400) + "\r\n"
            let answer = try await RawConnection.exchange(
                port: try #require(api.port),
                "POST /plans HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n"
                    + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("HTTP/1.1 200 "))
            #expect(answer.contains(#""status":"up""#))
        }
    }

    @Test("Several requests on one connection are answered in order")
    func pipelining() async throws {
        try await APIHarness.run(.live) { api in
            let answer = try await RawConnection.exchange(
                port: try #require(api.port),
                "GET /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            let statuses = answer.matches(of: /HTTP\/1\.1 ([0-9]{3})/).map { String($0.1) }
            #expect(statuses == ["200", "404", "200"])
        }
    }

    @Test("Expect: 100-continue is answered before the body, unless the body is too large anyway")
    func expectContinue() async throws {
        try await APIHarness.run(.live) { api in
            let port = try #require(api.port)
            let head = "POST /plans HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
            let answers = try await RawConnection.run(port: port) { inbound, outbound in
                try await outbound.write(ByteBuffer(string: head + "Content-Length: 2\r\n\r\n"))
                var parts: [String] = []
                for try await part in inbound {
                    if parts.isEmpty { try await outbound.write(ByteBuffer(string: "{}")) }
                    parts.append(String(buffer: part))
                }
                return parts
            }
            #expect(answers.first?.hasPrefix("HTTP/1.1 100 ") == true)
            #expect(answers.dropFirst().joined().hasPrefix("HTTP/1.1 200 "))

            let refused = try await RawConnection.exchange(port: port, head + "Content-Length: 90000000\r\n\r\n")
            #expect(refused.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("A port in use is an error that names host, port and key")
    func portInUse() async throws {
        try await APIHarness.run { api in
            let occupied = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .bind(host: "127.0.0.1", port: 0).get()
            let port = try #require(occupied.localAddress?.port)
            var configuration = ControlAPIConfiguration()
            configuration.port = port
            let server = api.server(configuration)
            await #expect(throws: ControlAPIError.addressInUse(host: "127.0.0.1", port: port)) {
                try await server.run()
            }
            let error = ControlAPIError.addressInUse(host: "127.0.0.1", port: port)
            #expect(error.description.contains("127.0.0.1:\(port)"))
            #expect(error.description.contains("http.port"))
            try await occupied.close()
        }
    }

    @Test("Graceful shutdown ends the server without an error")
    func shutdown() async throws {
        try await APIHarness.run { api in
            var configuration = ControlAPIConfiguration()
            configuration.port = 0
            let (ports, listening) = AsyncStream<Int>.makeStream()
            let server = api.server(configuration) { listening.yield($0) }
            let group = ServiceGroup(services: [server], logger: APIHarness.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                var bound = 0
                for await port in ports {
                    bound = port
                    break
                }
                let answer = try await RawConnection.exchange(
                    port: bound, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
