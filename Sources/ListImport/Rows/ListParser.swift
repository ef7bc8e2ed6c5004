import DialerModel

/// Reads a whole file of contacts, piece by piece: its format, its columns, where its rows begin and end. What comes out are blocks of
/// rows to be cleaned, which takes most of the time and can be done for several blocks at once.
package struct ListParser: Sendable {
    /// What the file is written in.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        case csv, ndjson, json
    }

    /// How a file is to be read.
    package struct Options: Sendable {
        /// nil looks at the first byte.
        package var format: Format?
        /// What separates the columns of CSV; nil looks at the first line.
        package var delimiter: UInt8?
        /// Whether the first record names the columns.
        package var hasHeader = true
        package var choices = ColumnMap.Choices()
        package var rules: NumberRules
        package var limits = ReadingLimits()

        package init(rules: NumberRules) {
            self.rules = rules
        }
    }

    private let options: Options
    private var reader: (any RecordReader)?
    /// nil until the header line, or the first row of a file without one, was read.
    private var columns: ListBlock.Columns?
    private var batch = RecordBatch()
    /// Whether the file holds anything but its header line.
    private var hasRows = false

    package init(options: Options) {
        self.options = options
    }

    /// The memory the rows take that were not taken yet.
    package var waitingBytes: Int { self.batch.byteCount }

    /// Takes the next piece.
    package mutating func push(_ piece: UnsafeBufferPointer<UInt8>) throws(FileProblem) {
        if self.reader == nil { self.reader = self.makeReader(piece) }
        try self.reader?.push(piece, into: &self.batch)
        try self.takeColumns()
    }

    /// Says that the file ended.
    package mutating func finish() throws(FileProblem) {
        guard self.reader != nil else { throw FileProblem("the file is empty") }
        try self.reader?.finish(into: &self.batch)
        try self.takeColumns()
        guard self.columns == nil, !self.hasRows else { return }
        if self.reader is CSVReader { throw FileProblem("the file is empty") }
    }

    /// Hands over the rows read since the last block; nil when there are none.
    package mutating func takeBlock() -> ListBlock? {
        guard !self.batch.isEmpty else { return nil }
        // Broken rows alone need no columns.
        let columns = self.columns ?? .unknown
        defer { self.batch = RecordBatch(reservingFor: self.batch) }
        return ListBlock(batch: self.batch, columns: columns, rules: self.options.rules)
    }

    private func makeReader(_ piece: UnsafeBufferPointer<UInt8>) -> (any RecordReader)? {
        guard !piece.isEmpty else { return nil }
        switch self.options.format ?? Self.guess(piece) {
        case .csv: return CSVReader(delimiter: self.options.delimiter, limits: self.options.limits)
        case .ndjson: return JSONRecordReader(isArray: false, limits: self.options.limits)
        case .json: return JSONRecordReader(isArray: true, limits: self.options.limits)
        }
    }

    static func guess(_ piece: UnsafeBufferPointer<UInt8>) -> Format {
        let start = piece.first { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }
        return start == UInt8(ascii: "[") ? .json : start == UInt8(ascii: "{") ? .ndjson : .csv
    }

    /// Learns from the first row what the columns are.
    private mutating func takeColumns() throws(FileProblem) {
        guard !self.batch.isEmpty else { return }
        if self.columns == nil { try self.takeColumns(self.batch.records.first, self.batch.problems.first) }
        self.hasRows = self.hasRows || !self.batch.isEmpty
    }

    private mutating func takeColumns(_ first: RecordBatch.Record?, _ broken: RowProblem?) throws(FileProblem) {
        guard self.reader is CSVReader else {
            self.columns = .keys(try KeyMap(choices: self.options.choices))
            return
        }
        guard self.options.hasHeader else {
            guard let first else { return }
            self.columns = .map(try ColumnMap(columnCount: first.fieldCount, choices: self.options.choices))
            return
        }
        // Rows and broken rows come apart; whichever stands first is the header line.
        if let broken, first.map({ $0.line >= broken.line }) ?? true {
            throw FileProblem("line \(broken.line), the header line: \(broken.reason)")
        }
        guard let first else { return }
        let headings = (0..<first.fieldCount).map { self.batch.text($0, of: first) }
        self.columns = .map(try ColumnMap(headings: headings, choices: self.options.choices))
        self.batch.removeFirstRecord()
    }
}
