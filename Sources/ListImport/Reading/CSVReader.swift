/// Reads delimited text by RFC 4180, whatever pieces it comes in.
///
/// Lines may end in LF, CRLF or CR. A UTF-8 mark at the start is skipped. Empty lines are passed over. A row that is broken or
/// beyond a limit is rejected and the next one is read as if nothing had happened; memory ends at one record.
package struct CSVReader: RecordReader {
    private enum State {
        case fieldStart
        case plain
        case quoted
        /// Behind a quote inside a quoted field: the field's end, or the first half of a doubled quote.
        case quoteSeen
        /// Throwing away the rest of a broken row. Quotes mean nothing here, so that one that was never closed costs
        /// no more than it has to.
        case skipping
    }

    private let limits: ReadingLimits
    private var delimiter: UInt8?
    private var state = State.fieldStart
    private var isAfterCarriageReturn = false
    private var line = 1
    private var recordLine = 1
    private var quoteLine = 1
    private var record: [UInt8] = []
    private var ends: [Int] = []
    private var fault: String?
    /// The file's start, until it says what separates the fields.
    private var head: [UInt8]? = []

    /// - Parameter delimiter: What separates fields; nil takes the commonest of comma, semicolon and tab in the first line.
    package init(delimiter: UInt8? = nil, limits: ReadingLimits = ReadingLimits()) {
        self.delimiter = delimiter
        self.limits = limits
    }

    package mutating func push(_ piece: UnsafeBufferPointer<UInt8>, into batch: inout RecordBatch) throws(FileProblem) {
        guard self.head != nil else { return self.read(piece, into: &batch) }
        self.head?.append(contentsOf: piece)
        guard let head = self.head, Self.hasFirstLine(head) || head.count >= self.limits.recordBytes else { return }
        try self.begin(head, into: &batch)
    }

    package mutating func finish(into batch: inout RecordBatch) throws(FileProblem) {
        if let head = self.head { try self.begin(head, into: &batch) }
        switch self.state {
        case .fieldStart where self.record.isEmpty && self.ends.isEmpty: break
        case .quoted:
            self.fault = "the quote opened on line \(self.quoteLine) is never closed"
            self.endRecord(into: &batch)
        case .fieldStart, .plain, .quoteSeen: self.endRecord(into: &batch)
        case .skipping: break
        }
        self.state = .fieldStart
    }

    // MARK: The start of the file

    private static func hasFirstLine(_ head: [UInt8]) -> Bool {
        var isQuoted = false
        var isEmpty = true
        for byte in head {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if !isEmpty { return true }
            } else {
                isEmpty = false
            }
        }
        return false
    }

    private mutating func begin(_ head: [UInt8], into batch: inout RecordBatch) throws(FileProblem) {
        self.head = nil
        let start: Int
        if head.starts(with: [0xEF, 0xBB, 0xBF]) {
            start = 3
        } else if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            throw FileProblem("the file is UTF-16; save it as UTF-8")
        } else {
            start = 0
        }
        // No more than a record may hold: what comes along behind it depends on the pieces.
        if self.delimiter == nil { self.delimiter = Self.delimiter(of: head.prefix(self.limits.recordBytes)) }
        head.withUnsafeBufferPointer { self.read(UnsafeBufferPointer(rebasing: $0[start...]), into: &batch) }
    }

    private static func delimiter(of head: ArraySlice<UInt8>) -> UInt8 {
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        var counts = [0, 0, 0]
        var isQuoted = false
        // Empty lines may stand before the first one.
        for byte in head.drop(while: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard !isQuoted else { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
            if let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
        }
        return candidates[counts.firstIndex(of: counts.max() ?? 0) ?? 0]
    }

    // MARK: Rows

    private mutating func read(_ piece: UnsafeBufferPointer<UInt8>, into batch: inout RecordBatch) {
        let delimiter = self.delimiter ?? UInt8(ascii: ",")
        var index = 0
        while index < piece.count {
            if self.isAfterCarriageReturn {
                self.isAfterCarriageReturn = false
                if piece[index] == UInt8(ascii: "\n") {
                    index += 1
                    continue
                }
            }
            switch self.state {
            case .fieldStart:
                if piece[index] == UInt8(ascii: "\"") {
                    self.quoteLine = self.line
                    self.state = .quoted
                    index += 1
                } else {
                    self.state = .plain
                }
            case .plain:
                index = self.readPlain(piece, from: index, delimiter: delimiter, into: &batch)
            case .quoted:
                index = self.readQuoted(piece, from: index, into: &batch)
            case .quoteSeen:
                self.readBehindQuote(piece[index], delimiter: delimiter, into: &batch)
                index += 1
            case .skipping:
                index = self.skip(piece, from: index)
            }
        }
    }

    private mutating func readPlain(
        _ piece: UnsafeBufferPointer<UInt8>, from start: Int, delimiter: UInt8, into batch: inout RecordBatch
    ) -> Int {
        var end = start
        while end < piece.count, !Self.endsPlain(piece[end], delimiter) { end += 1 }
        let taken = self.take(piece, start, end, into: &batch)
        guard taken == end, end < piece.count else { return taken }
        switch piece[end] {
        case delimiter: self.endField(into: &batch)
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): self.endLine(piece[end], into: &batch)
        default: self.fault = self.fault ?? "the row holds a NUL character"
        }
        return end + 1
    }

    private static func endsPlain(_ byte: UInt8, _ delimiter: UInt8) -> Bool {
        byte == delimiter || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == 0
    }

    private mutating func readQuoted(
        _ piece: UnsafeBufferPointer<UInt8>, from start: Int, into batch: inout RecordBatch
    ) -> Int {
        var end = start
        while end < piece.count, piece[end] != UInt8(ascii: "\"") {
            if piece[end] == 0 { self.fault = self.fault ?? "the row holds a NUL character" }
            end += 1
        }
        let taken = self.take(piece, start, end, into: &batch)
        for byte in piece[start..<taken] where byte == UInt8(ascii: "\n") { self.line += 1 }
        guard taken == end, end < piece.count else { return taken }
        self.state = .quoteSeen
        return end + 1
    }

    private mutating func readBehindQuote(_ byte: UInt8, delimiter: UInt8, into batch: inout RecordBatch) {
        switch byte {
        case UInt8(ascii: "\""):
            self.record.append(byte)
            self.state = .quoted
        case delimiter:
            self.endField(into: &batch)
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            self.endLine(byte, into: &batch)
        default:
            self.fault = self.fault ?? "text follows the closing quote of a field"
            self.state = .plain
        }
    }

    /// Appends a run of a field's bytes.
    ///
    /// - Returns: Where it ended; before `end` when the row came to a limit and is being skipped from there.
    private mutating func take(
        _ piece: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, into batch: inout RecordBatch
    ) -> Int {
        let size = self.record.count + end - start
        let fieldSize = size - (self.ends.last ?? 0)
        guard size <= self.limits.recordBytes, fieldSize <= self.limits.fieldBytes else {
            let isQuoted = if case .quoted = self.state { true } else { false }
            let recordRoom = self.limits.recordBytes - self.record.count
            let fieldRoom = self.limits.fieldBytes - (self.record.count - (self.ends.last ?? 0))
            let limit = recordRoom < fieldRoom ? self.limits.recordBytes : self.limits.fieldBytes
            // What fits belongs to the excerpt, whatever pieces it came in.
            let fit = start + max(0, min(recordRoom, fieldRoom))
            self.record.append(contentsOf: piece[start..<fit])
            self.abandonRow(
                isQuoted
                    ? "the quote opened on line \(self.quoteLine) is not closed within \(limit) bytes"
                    : "the row is longer than \(limit) bytes",
                into: &batch
            )
            return fit
        }
        self.record.append(contentsOf: piece[start..<end])
        return end
    }

    private mutating func endField(into batch: inout RecordBatch) {
        self.ends.append(self.record.count)
        self.state = .fieldStart
        if self.ends.count >= self.limits.columns {
            self.abandonRow("the row has more than \(self.limits.columns) columns", into: &batch)
        }
    }

    private mutating func endLine(_ byte: UInt8, into batch: inout RecordBatch) {
        self.isAfterCarriageReturn = byte == UInt8(ascii: "\r")
        self.endRecord(into: &batch)
        self.line += 1
        self.recordLine = self.line
    }

    private mutating func endRecord(into batch: inout RecordBatch) {
        let isEmptyLine = self.ends.isEmpty && self.record.isEmpty
        self.ends.append(self.record.count)
        if let fault {
            batch.reject(RowProblem(line: self.recordLine, reason: fault, excerpt: self.excerpt))
        } else if !isEmptyLine {
            batch.append(line: self.recordLine, bytes: self.record, ends: self.ends)
        }
        self.forgetRecord()
        self.state = .fieldStart
    }

    private mutating func abandonRow(_ reason: String, into batch: inout RecordBatch) {
        batch.reject(RowProblem(line: self.recordLine, reason: reason, excerpt: self.excerpt))
        self.forgetRecord()
        self.state = .skipping
    }

    private mutating func forgetRecord() {
        self.record.removeAll(keepingCapacity: true)
        self.ends.removeAll(keepingCapacity: true)
        self.fault = nil
    }

    private var excerpt: String {
        String(decoding: self.record.prefix(RowProblem.excerptBytes), as: UTF8.self)
    }

    private mutating func skip(_ piece: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var end = start
        while end < piece.count, piece[end] != UInt8(ascii: "\n"), piece[end] != UInt8(ascii: "\r") { end += 1 }
        guard end < piece.count else { return end }
        self.isAfterCarriageReturn = piece[end] == UInt8(ascii: "\r")
        self.line += 1
        self.recordLine = self.line
        self.state = .fieldStart
        return end + 1
    }
}
