import DialerModel
import ListImport

/// Checked contacts and refused rows on their way to PostgreSQL, in the text format of its COPY.
package struct StagedRows: Sendable {
    private(set) var contacts: [UInt8] = []
    private(set) var refused: [UInt8] = []
    package private(set) var contactCount = 0
    package private(set) var refusedCount = 0
    /// How many refused rows are stored, not only counted.
    package private(set) var keptCount = 0

    package init() {}

    /// The memory the rows take.
    package var byteCount: Int { self.contacts.count + self.refused.count }
    package var isEmpty: Bool { self.contactCount == 0 && self.refusedCount == 0 }

    /// Adds a contact.
    package mutating func append(_ row: ContactRow, _ key: ContactKey) {
        self.contactCount += 1
        CopyText.append("\(row.line)".utf8, to: &self.contacts)
        self.contacts.append(UInt8(ascii: "\t"))
        key.append(to: &self.contacts)
        row.withFields { field in
            self.contacts.append(UInt8(ascii: "\t"))
            if let field {
                CopyText.append(field, to: &self.contacts)
            } else {
                self.contacts.append(contentsOf: CopyText.null)
            }
        }
        self.contacts.append(UInt8(ascii: "\n"))
    }

    /// Adds the rows of another piece of the file, which follow these.
    ///
    /// - Parameter maximumKept: How many of its refused rows may be stored, the first ones; the others only count.
    package mutating func append(contentsOf other: StagedRows, maximumKept: Int) {
        self.contacts.append(contentsOf: other.contacts)
        self.contactCount += other.contactCount
        self.refusedCount += other.refusedCount
        let kept = min(other.keptCount, max(maximumKept, 0))
        self.keptCount += kept
        if kept == other.keptCount {
            self.refused.append(contentsOf: other.refused)
        } else if kept > 0 {
            // COPY's text has no line break but a row's end.
            let ends = other.refused.indices.lazy.filter { other.refused[$0] == UInt8(ascii: "\n") }
            let last = ends.dropFirst(kept - 1).first ?? other.refused.endIndex - 1
            self.refused.append(contentsOf: other.refused[...last])
        }
    }

    /// Adds a row that was refused.
    package mutating func append(_ problem: RowProblem, of upload: Upload) {
        self.refusedCount += 1
        self.keptCount += 1
        self.refused.append(contentsOf: upload.uuid.wire.utf8)
        self.refused.append(UInt8(ascii: "\t"))
        CopyText.append("\(problem.line)".utf8, to: &self.refused)
        self.refused.append(UInt8(ascii: "\t"))
        if let field = problem.field {
            CopyText.append(field.utf8, to: &self.refused)
        } else {
            self.refused.append(contentsOf: CopyText.null)
        }
        for text in [problem.reason, problem.excerpt] {
            self.refused.append(UInt8(ascii: "\t"))
            // No text of the database can hold a NUL, and a broken row may be full of them.
            CopyText.append(text.utf8.lazy.filter { $0 != 0 }, to: &self.refused)
        }
        self.refused.append(UInt8(ascii: "\n"))
    }
}
