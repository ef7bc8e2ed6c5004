import DialerModel
import HTTPTypes
import Testing

/// Blocks of a file are cleaned at once and end in any order.
@Suite struct UploadPipelineTests {
    /// Good numbers take the number library long and bad ones are refused at once: later blocks are ready before earlier ones.
    @Test func slowBlocksBeforeQuickOnesKeepTheFilesOrder() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let rows = (0..<12_000).map { row in
                row / 3_000 % 2 == 0 || row % 100 == 0 ? "0171 \(1_000_000 + row)" : "4.9E+11"
            }
            let body = "number_1,name\n" + rows.enumerated().map { "\($1),\($0 + 2)\n" }.joined()
            let answer = try await api.client(.post, "/dlmas/\(list)/dls?async=0", body)
            let lines = rows.indices.map { (line: "\($0 + 2)", isGood: rows[$0].hasPrefix("0")) }
            let good = lines.filter(\.isGood).map(\.line)
            #expect(answer.result["rows_read"] == .integer(Int64(rows.count)), "\(answer.text.prefix(1_000))")
            #expect(answer.result["rows_loaded"] == .integer(Int64(good.count)))
            #expect(answer.result["bytes_read"] == .integer(Int64(body.utf8.count)))

            let contacts = try await self.table("/dlmas/\(list)/dls?columns=name,uuid", of: api)
            #expect(self.firstDifference(contacts.map(\.[0]), good) == nil)
            let uuids = contacts.map(\.[1])
            #expect(self.firstDifference(uuids, uuids.sorted()) == nil)
            #expect(Set(uuids).count == good.count)

            let upload = try #require(answer.result["uuid"]?.stringValue)
            let rejects = try await self.table("/uploads/\(upload)/rejects", of: api)
            #expect(self.firstDifference(rejects.map(\.[0]), lines.filter { !$0.isGood }.map(\.line)) == nil)
        }
    }

    /// The rows of a CSV file that has no quotes worth minding, without its header line.
    private func table(_ path: String, of api: APIHarness) async throws -> [[String]] {
        try await api.client(.get, path).text.split(whereSeparator: \.isNewline).dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    private func firstDifference(_ found: [String], _ expected: [String]) -> String? {
        guard found.count == expected.count else { return "\(found.count) instead of \(expected.count)" }
        return zip(found, expected).first { $0 != $1 }.map { "\($0) instead of \($1)" }
    }
}
