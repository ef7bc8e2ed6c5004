import DialerModel
import ListImport

/// Checked contacts and refused rows on their way to PostgreSQL, in the text format of its COPY.
package struct StagedRows: Sendable {
    private(set) var contacts: [UInt8] = []
    private(set) var refused: [UInt8] = []
    package private(set) var contactCount = 0
    package private(set) var refusedCount = 0
    /// How many refused rows ``refused`` holds.
    private(set) var keptCount = 0

    package init() {}

    /// The memory the rows take.
    package var byteCount: Int { self.contacts.count + self.refused.count }
    package var isEmpty: Bool { self.contactCount == 0 && self.refusedCount == 0 }

    /// Forgets the rows and keeps the memory.
    package mutating func removeAll() {
        self.contacts.removeAll(keepingCapacity: true)
        self.refused.removeAll(keepingCapacity: true)
        self.contactCount = 0
        self.refusedCount = 0
        self.keptCount = 0
    }

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

    /// Adds a row that was refused.
    ///
    /// - Parameter isKept: Whether it is stored; otherwise it only counts.
    package mutating func append(_ problem: RowProblem, of upload: Upload, isKept: Bool) {
        self.refusedCount += 1
        guard isKept else { return }
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
