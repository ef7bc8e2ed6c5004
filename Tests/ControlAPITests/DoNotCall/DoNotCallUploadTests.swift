import ControlAPI
import DialerModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@Suite("Files of do-not-call numbers")
struct DoNotCallUploadTests {
    private static func numbers(_ api: APIHarness) async throws -> [JSONValue?] {
        try await api.client(.get, "/dnc").list.map { $0["number"] }
    }

    @Test("CSV, NDJSON and arrays are taken; refused rows are told by their lines")
    func formats() async throws {
        try await APIHarness.run { api in
            let csv = try await api.client(
                .post, "/dnc/upload?region=DE",
                "\u{FEFF}Phone;Reason;Expires;Name\r\n030 901820;letter;2030-01-01;Ada\r\n12;;;\r\n+1 202-456-1111;;;\r\n"
                    + "030901820;\"second;\nword\";;\r\n0301;;;;too much\r\n030 901821;;yesterday;\r\n",
                headers: [.contentType: "text/csv"])
            #expect(csv.status == 200, "\(csv.text)")
            #expect(
                csv.resultKeys == [
                    "rows_read", "rows_added", "rows_updated", "rows_duplicate", "rows_rejected", "rejects",
                ])
            #expect(csv.result["rows_read"] == 6)
            #expect(csv.result["rows_added"] == 2)
            #expect(csv.result["rows_updated"] == 0)
            #expect(csv.result["rows_duplicate"] == 1)
            #expect(csv.result["rows_rejected"] == 3)
            let rejects = csv.result["rejects"]?.arrayValue ?? []
            #expect(rejects.map { $0["line"] } == [3, 7, 8])
            #expect(rejects.map { $0["field"] } == ["number", .null, "expire"])
            #expect(rejects.first?["row"] == "12,,,")
            let found = try await api.client(.get, "/dnc/+4930901820").result
            #expect(found["reason"] == "second;\nword")
            #expect(found["expire"] == .null)

            let ndjson = try await api.client(
                .post, "/dnc/upload",
                "{\"number\":\"300\",\"reason\":\"x\",\"town\":\"Bonn\"}\n{\"number\":301}\n{\"number\":[1]}\nnonsense\n"
                    + "{\"phone\":\"030 901820\",\"region\":\"DE\"}\n",
                headers: [.contentType: "application/x-ndjson"])
            #expect(ndjson.result["rows_added"] == 2, "\(ndjson.text)")
            #expect(ndjson.result["rows_updated"] == 1)
            #expect(ndjson.result["rejects"]?.arrayValue?.map { $0["line"] } == [3, 4])

            let array = try await api.client(.post, "/v1/ob/dnc/upload", #"[{"number":"302"},{"number":"303"}]"#)
            #expect(array.result["rows_added"] == 2)
            let bare = try await api.client(.post, "/ob/dnc/upload?header=0", "304\n305,because\n")
            #expect(bare.result["rows_added"] == 1, "\(bare.text)")
            #expect(bare.result["rejects"]?.arrayValue?.first?["line"] == 2)
            #expect(
                try await Self.numbers(api)
                    == ["+12024561111", "+4930901820", "300", "301", "302", "303", "304"])
        }
    }

    @Test("A file of many pieces is put on the list as a whole")
    func manyPieces() async throws {
        try await APIHarness.run { api in
            let body = "number,reason\n" + (0..<60_000).map { "\(100_000 + $0),a reason of some length\n" }.joined()
            let answer = try await api.client(.post, "/dnc/upload", body)
            #expect(answer.result["rows_added"] == 60_000, "\(answer.text)")
            let again = try await api.client(.post, "/dnc/upload", body)
            #expect(again.result["rows_updated"] == 60_000)
            #expect(again.result["rows_added"] == 0)
            #expect(try await api.client(.get, "/dnc?number=15999").list.count == 10)
        }
    }

    @Test(
        "What is no file of numbers is refused, and says that nothing was added",
        arguments: [
            ("", "the file is empty"), ("name,town\nAda,Bonn\n", "no column holds a number"),
            ("number,phone\n1,2\n", "two columns are number"), ("[{\"number\":\"300\"}", "not closed"),
            ("\u{1F}\u{8B}", "no column"), ("\n\n\n", "the file is empty"),
        ]
    )
    func refusedFile(body: String, message: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.post, "/dnc/upload", body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer.message.contains(message), "\(answer.message)")
        }
    }

    @Test("Bad queries and headers are refused by name")
    func refusedQuery() async throws {
        try await APIHarness.run { api in
            for query in ["region=Germany", "format=xml", "delimiter=x", "header=maybe"] {
                let answer = try await api.client(.post, "/dnc/upload?" + query, "number\n300\n")
                #expect(answer.status == 400)
                #expect(answer.message.contains(String(query.prefix { $0 != "=" })), "\(answer.message)")
            }
            let encoded = try await api.client(
                .post, "/dnc/upload", "number\n300\n", headers: [.contentEncoding: "br"])
            #expect(encoded.status == 415)
            #expect(try await Self.numbers(api).isEmpty)
        }
    }

    @Test("A gzip is read whether it is said to be one or not", arguments: [true, false])
    func gzip(isSaid: Bool) async throws {
        // "number,reason\n300,why\n301,\n"
        let file: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xCB, 0x2B, 0xCD, 0x4D, 0x4A, 0x2D, 0xD2, 0x29,
            0x4A, 0x4D, 0x2C, 0xCE, 0xCF, 0xE3, 0x32, 0x36, 0x30, 0xD0, 0x29, 0xCF, 0xA8, 0x04, 0xD2, 0x86, 0x3A, 0x5C,
            0x00, 0x75, 0xBF, 0x38, 0x04, 0x1B, 0x00, 0x00, 0x00,
        ]
        try await APIHarness.run { api in
            let answer = try await api.client(
                .post, "/dnc/upload", bytes: file, headers: isSaid ? [.contentEncoding: "gzip"] : [:])
            #expect(answer.result["rows_added"] == 2, "\(answer.text)")
            #expect(try await api.client(.get, "/dnc/300").result["reason"] == "why")
            let torn = try await api.client(.post, "/dnc/upload", bytes: Array(file.dropLast(9)))
            #expect(torn.status == 400)
            #expect(torn.message.contains("ends in the middle"), "\(torn.message)")
        }
    }

    @Test("A gzip that is no gzip, and one that breaks off")
    func brokenGzip() async throws {
        try await APIHarness.run { api in
            let broken = try await api.client(
                .post, "/dnc/upload", bytes: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF, 0xFF])
            #expect(broken.status == 400, "\(broken.text)")
            #expect(broken.message.contains("nothing was added"))
        }
    }

    @Test("A file beyond the limit is refused; what came before holds")
    func tooLarge() async throws {
        try await APIHarness.run(configure: { $0.maximumUploadBytes = 4_000 }) { api in
            let answer = try await api.client(
                .post, "/dnc/upload", "number\n" + (0..<2_000).map { "\(1_000 + $0)\n" }.joined())
            #expect(answer.status == 400)
            #expect(answer.message.contains("larger than 4000 bytes"), "\(answer.message)")
        }
    }

    @Test("Of a body that breaks off the whole rows are on the list and half a number is not")
    func brokenBody() async throws {
        try await APIHarness.run(.live) { api in
            let port = try #require(api.port)
            try await RawConnection.run(port: port) { _, outbound in
                try await outbound.write(
                    ByteBuffer(
                        string:
                            "POST /dnc/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nnumber\n300\n301\n30"))
            }
            let isListed = try await eventually(within: .seconds(60)) { try await Self.numbers(api).count == 2 }
            #expect(isListed)
            #expect(try await Self.numbers(api) == ["300", "301"])
        }
    }

    @Test("More files at once than are allowed are told to come again")
    func tooMany() async throws {
        try await APIHarness.run(configure: { $0.maximumConcurrentUploads = 0 }) { api in
            let answer = try await api.client(.post, "/dnc/upload", "number\n300\n")
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter] == "1")
        }
    }
}
