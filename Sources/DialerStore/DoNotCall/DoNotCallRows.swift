import DialerModel
import ListImport

/// Numbers on their way to the do-not-call list, in the text format of PostgreSQL's COPY.
package struct DoNotCallRows: Sendable {
    private(set) var text: [UInt8] = []
    package private(set) var count = 0

    package init() {}

    /// The memory the rows take.
    package var byteCount: Int { self.text.count }

    package mutating func append(_ row: DoNotCallRow, line: Int) {
        self.count += 1
        CopyText.append("\(line)".utf8, to: &self.text)
        self.text.append(UInt8(ascii: "\t"))
        CopyText.append(row.number.utf8, to: &self.text)
        for value in [row.reason, row.expiresAt?.wire] {
            self.text.append(UInt8(ascii: "\t"))
            if let value {
                CopyText.append(value.utf8, to: &self.text)
            } else {
                self.text.append(contentsOf: CopyText.null)
            }
        }
        self.text.append(UInt8(ascii: "\n"))
    }
}
