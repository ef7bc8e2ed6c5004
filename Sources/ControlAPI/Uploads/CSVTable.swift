import NIOCore

/// Writes CSV by RFC 4180 that a spreadsheet may open: a cell that it would take for a formula gets an apostrophe in front, which
/// uploads take off again.
struct CSVTable {
    private var buffer = ByteBuffer()

    init(_ headings: [String]) {
        self.append(headings)
    }

    mutating func append(_ cells: [String]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { self.buffer.writeInteger(UInt8(ascii: ",")) }
            self.append(cell)
        }
        self.buffer.writeBytes([UInt8(ascii: "\r"), UInt8(ascii: "\n")])
    }

    /// Hands over what was written so far.
    mutating func takeBytes() -> ByteBuffer {
        defer { self.buffer = ByteBuffer() }
        return self.buffer
    }

    private mutating func append(_ cell: String) {
        let isFormula = cell.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        guard isFormula || cell.utf8.contains(where: { ",;\"\r\n\t".utf8.contains($0) }) else {
            self.buffer.writeString(cell)
            return
        }
        self.buffer.writeString(isFormula ? "\"'" : "\"")
        self.buffer.writeString(cell.replacing("\"", with: "\"\""))
        self.buffer.writeString("\"")
    }
}
