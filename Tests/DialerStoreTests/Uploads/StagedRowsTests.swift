import DialerModel
import Foundation
import ListImport
import Testing

@testable import DialerStore

/// The rows of a file's pieces, put together.
@Suite struct StagedRowsTests {
    private func refused(_ lines: ClosedRange<Int>, of upload: Upload) -> StagedRows {
        var rows = StagedRows()
        for line in lines {
            // Whatever ends a row or a field in COPY's text is in it.
            rows.append(
                RowProblem(line: line, field: "a\tb", reason: "two\nlines \(line)", excerpt: "x\u{0}\\\r\n\t"),
                of: upload)
        }
        return rows
    }

    @Test(arguments: [(-1, 3), (0, 3), (1, 4), (4, 7), (5, 8), (99, 8)])
    func theFirstRefusedRowsAreKeptAndAllCounted(maximumKept: Int, expected: Int) async throws {
        try await Site.with { site in
            let uploads = site.store.uploads
            let upload = try await uploads.begin(UUID(), UploadOptions(dlma: site.dlma.uuid))
            var rows = self.refused(2...4, of: upload)
            rows.append(contentsOf: self.refused(5...9, of: upload), maximumKept: maximumKept)
            #expect(rows.keptCount == expected)
            let staged = try await uploads.stage(rows, of: upload, bytesRead: 10)
            #expect(staged.counts.rejected == 8)
            #expect(staged.counts.read == 8)
            let kept = try await uploads.rejects(of: upload.uuid, limit: 100)
            #expect(kept.map(\.line) == Array(2..<2 + expected))
            #expect(kept.map(\.reason) == kept.map { "two\nlines \($0.line)" })
            #expect(kept.allSatisfy { $0.field == "a\tb" && $0.excerpt == "x\\\r\n\t" })
        }
    }
}
