import ControlAPI
import DialerModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@Suite struct BrokenUploadTests {
    private static let body = "number_1\n" + (0..<20_000).map { "\(100_000 + $0)\n" }.joined()

    /// Sends the request's head and a part of its body, and goes away.
    private func breakOff(_ port: Int, _ list: String, after bytes: Int, chunked: Bool) async throws {
        try await RawConnection.run(port: port) { _, outbound in
            let length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(Self.body.utf8.count)"
            try await outbound.write(
                ByteBuffer(string: "POST /dlmas/\(list)/dls HTTP/1.1\r\nHost: x\r\n\(length)\r\n\r\n"))
            let part = String(Self.body.prefix(bytes))
            guard !part.isEmpty else { return }
            try await outbound.write(
                ByteBuffer(string: chunked ? String(part.utf8.count, radix: 16) + "\r\n\(part)\r\n" : part))
        }
    }

    @Test(arguments: [true, false])
    func aConnectionThatBreaksAnywhereLeavesNothing(chunked: Bool) async throws {
        try await APIHarness.run(.live) { api in
            let port = try #require(api.port)
            let list = try await api.client.create("/dlmas")
            var state: UInt64 = 11
            for _ in 0..<8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                // Line ends too: what has come may well look like a whole file.
                let bytes = Int(state >> 33) % Self.body.utf8.count / 7 * 7 + 9
                try await self.breakOff(port, list, after: bytes, chunked: chunked)
            }
            let uploads = try await Poll.until {
                try await api.client(.get, "/uploads").list
            } holds: {
                $0.count == 8 && $0.allSatisfy { $0["status"] == "failed" }
            }
            #expect(uploads.allSatisfy { $0["rows_loaded"] == 0 })
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)&limit=10").list.isEmpty)
            #expect(try await api.stagingTables() == 0)
        }
    }

    @Test func aWholeBodyInChunksIsLoaded() async throws {
        try await APIHarness.run(.live) { api in
            let port = try #require(api.port)
            let list = try await api.client.create("/dlmas")
            let answer = try await RawConnection.exchange(
                port: port,
                "POST /dlmas/\(list)/dls HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "d\r\nnumber_1\n300\n\r\n4\r\n301\n\r\n0\r\n\r\n")
            #expect(answer.contains("\"rows_loaded\":2"), "\(answer)")
        }
    }

    /// Held to the time of each part, not of the whole.
    @Test func aClientThatStopsInTheMiddleIsSentAway() async throws {
        try await APIHarness.run(.live, configure: { $0.requestTimeout = .milliseconds(300) }) { api in
            let port = try #require(api.port)
            let list = try await api.client.create("/dlmas")
            let head = "POST /dlmas/\(list)/dls HTTP/1.1\r\nHost: x\r\nContent-Length: 45\r\n\r\nnumber_1\n"
            let answer = try await RawConnection.exchange(port: port, head)
            #expect(answer.contains("408"), "\(answer)")
            #expect(answer.contains("no more of the request came"))
        }
    }
}
