import DialerModel
import DialerStore
import ListImport

/// What became of a file of numbers.
struct DoNotCallReport: Sendable {
    /// How many refused rows an answer shows.
    private static let shownRejects = 20

    private(set) var rowsRead = 0
    private(set) var rejected = 0
    private(set) var rejects: [RejectedRow] = []
    var counts = DoNotCallCounts()

    mutating func accept() {
        self.rowsRead += 1
    }

    mutating func reject(_ problem: RowProblem) {
        self.rowsRead += 1
        self.rejected += 1
        guard self.rejects.count < Self.shownRejects else { return }
        self.rejects.append(
            RejectedRow(
                line: problem.line, field: problem.field, reason: problem.reason, excerpt: problem.excerpt))
    }

    /// Rows on the list, or of numbers that are.
    var listed: Int { self.counts.added + self.counts.updated + self.counts.repeated }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("rows_read", self.rowsRead)
        writer.field("rows_added", self.counts.added)
        writer.field("rows_updated", self.counts.updated)
        writer.field("rows_duplicate", self.counts.repeated)
        writer.field("rows_rejected", self.rejected)
        writer.beginArray("rejects")
        for reject in self.rejects { reject.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}
