import DialerModel
import DialerStore
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@Suite struct UploadJobTests {
    @Test func aLargeFileIsAnsweredAtOnceAndLoadedLater() async throws {
        try await APIHarness.run(.live) { api in
            let list = try await api.client.create("/dlmas")
            let answer = try await api.client(.post, "/dlmas/\(list)/dls?async=1", "number_1\n300\n301\nx y\n")
            #expect(answer.status == 202)
            #expect(answer.result["status"] == "waiting")
            let job = try await Poll.until {
                try await api.client(.get, "/uploads/\(answer.uuid)").result
            } holds: {
                $0["status"] == "done"
            }
            #expect(job["rows_read"] == 3)
            #expect(job["rows_loaded"] == 2)
            #expect(job["rows_rejected"] == 1)
            #expect(job["seconds_left"] == .number(0))
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.count == 2)
        }
    }

    @Test func theRefusedRowsAreAFileThatASpreadsheetMayOpen() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let bad = "=cmd|' /C calc'!A0"
            let answer = try await api.client(
                .post, "/dlmas/\(list)/dls", "number_1,name\n110,A\n030901820,B\n\"\(bad)\",\"C, D\"\n")
            let file = try await api.client(.get, "/uploads/\(answer.uuid)/rejects")
            #expect(file.headers[.contentType] == "text/csv; charset=utf-8")
            let lines = file.text.split(separator: "\r\n").map(String.init)
            #expect(lines.count == 3)
            #expect(lines.first == "line,field,reason,row")
            #expect(lines[1] == #"2,number_1,"""110"" is an emergency number in DE","110,A""#)
            #expect(lines.last?.hasPrefix("4,number_1,") == true)
            #expect(lines.last?.hasSuffix(#","'=cmd|' /C calc'!A0,C, D""#) == true, "\(file.text)")
        }
    }

    @Test func manyRefusedRowsOnOneLineAreAllInTheFile() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let body = "[" + (0..<5_000).map { "{\"number_1\":\"a \($0)\"}" }.joined(separator: ",") + "]"
            let answer = try await api.client(.post, "/dlmas/\(list)/dls", body)
            #expect(answer.result["rows_rejected"] == 5_000)
            let lines = try await api.client(.get, "/uploads/\(answer.uuid)/rejects").text.split(separator: "\r\n")
            #expect(lines.count == 5_001)
            #expect(Set(lines).count == 5_001)
        }
    }

    /// An upload whose file is complete, and which no desk knows of.
    private func received(_ api: APIHarness, _ list: String) async throws -> Upload {
        let options = UploadOptions(dlma: try #require(UUID(wire: list)))
        return try await api.store.uploads.received(try await api.store.uploads.begin(UUID(), options))
    }

    @Test func anUploadThatWasCancelledLoadsNothing() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let waiting = try await self.received(api, list)
            #expect(try await api.client(.delete, "/uploads/\(waiting.uuid.wire)").status == 200)
            let upload = try #require(try await api.store.uploads.find(waiting.uuid))
            await #expect(throws: StoreError.self) { _ = try await api.store.uploads.load(upload) }
            _ = try await api.store.uploads.end(upload, .cancelled, message: "cancelled on request")
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
            #expect(try await api.stagingTables() == 0)
            #expect(try await api.client(.delete, "/uploads/\(waiting.uuid.wire)").status == 200)
            let done = try await api.client(.post, "/dlmas/\(list)/dls", "number_1\n300\n")
            let late = try await api.client(.delete, "/uploads/\(done.uuid)")
            #expect(late.status == 409)
            #expect(late.message.contains("is done already"))
        }
    }

    @Test func whatAStopInterruptedHasFailedAndLeavesNothing() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let waiting = try await self.received(api, list)
            #expect(try await api.stagingTables() == 1)
            #expect(try await api.store.uploads.recover() == 1)
            let job = try await api.client(.get, "/uploads/\(waiting.uuid.wire)").result
            #expect(job["status"] == "failed")
            #expect(job["message"]?.stringValue?.contains("send the file again") == true)
            #expect(try await api.stagingTables() == 0)
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
            #expect(try await api.store.uploads.recover() == 0)
        }
    }
}
