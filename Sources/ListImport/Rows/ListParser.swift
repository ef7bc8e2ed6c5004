import DialerModel

/// Reads a whole file of contacts, piece by piece: format, columns, cleaning. What comes out is handed on row by row.
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

    private enum Columns {
        case awaited
        case map(ColumnMap)
        case keys(KeyMap)
    }

    private let options: Options
    private var reader: (any RecordReader)?
    private var columns = Columns.awaited
    private var batch = RecordBatch()
    private var cleaner: RowCleaner
    /// Rows read so far: good, refused and broken ones.
    package private(set) var rowsRead = 0

    package init(options: Options) {
        self.options = options
        self.cleaner = RowCleaner(rules: options.rules)
    }

    /// The fields the file gives; nil when they differ from row to row, or nothing was read yet.
    package var fields: Set<String>? {
        if case .map(let map) = self.columns { map.fields } else { nil }
    }

    /// Takes the next piece.
    ///
    /// - Parameters:
    ///   - accept: Takes a contact.
    ///   - reject: Takes what is wrong with a row.
    package mutating func push(
        _ piece: UnsafeBufferPointer<UInt8>,
        accept: (ContactRow) -> Void,
        reject: (RowProblem) -> Void
    ) throws(FileProblem) {
        if self.reader == nil { self.reader = self.makeReader(piece) }
        self.batch.removeAll()
        try self.reader?.push(piece, into: &self.batch)
        try self.handOn(accept, reject)
    }

    /// Says that the file ended.
    package mutating func finish(
        accept: (ContactRow) -> Void, reject: (RowProblem) -> Void
    ) throws(FileProblem) {
        guard self.reader != nil else { throw FileProblem("the file is empty") }
        self.batch.removeAll()
        try self.reader?.finish(into: &self.batch)
        try self.handOn(accept, reject)
        guard case .awaited = self.columns, self.rowsRead == 0 else { return }
        if self.reader is CSVReader { throw FileProblem("the file is empty") }
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

    private mutating func handOn(
        _ accept: (ContactRow) -> Void, _ reject: (RowProblem) -> Void
    ) throws(FileProblem) {
        var records = self.batch.records[...]
        // Rows and broken rows come apart; whichever stands first is the header line.
        if self.isAwaitingHeader, let first = records.first,
            self.batch.problems.first.map({ $0.line > first.line }) ?? true
        {
            records = try self.takeHeader(first) ? records.dropFirst() : records
        }
        for problem in self.batch.problems {
            guard !self.isAwaitingHeader else {
                throw FileProblem("line \(problem.line), the header line: \(problem.reason)")
            }
            self.rowsRead += 1
            reject(problem)
        }
        for record in records {
            if try self.takeHeader(record) { continue }
            self.rowsRead += 1
            do throws(RowRefusal) {
                accept(try self.clean(record))
            } catch {
                reject(
                    RowProblem(
                        line: record.line, field: error.field, reason: error.reason,
                        excerpt: self.batch.excerpt(of: record)
                    )
                )
            }
        }
    }

    private var isAwaitingHeader: Bool {
        guard case .awaited = self.columns else { return false }
        return self.reader is CSVReader && self.options.hasHeader
    }

    /// - Returns: true when the record was the header line.
    private mutating func takeHeader(_ record: RecordBatch.Record) throws(FileProblem) -> Bool {
        guard case .awaited = self.columns else { return false }
        guard self.reader is CSVReader else {
            self.columns = .keys(try KeyMap(choices: self.options.choices))
            return false
        }
        guard self.options.hasHeader else {
            self.columns = .map(try ColumnMap(columnCount: record.fieldCount, choices: self.options.choices))
            return false
        }
        var headings: [String] = []
        for index in 0..<record.fieldCount { headings.append(self.batch.text(index, of: record)) }
        self.columns = .map(try ColumnMap(headings: headings, choices: self.options.choices))
        return true
    }

    private mutating func clean(_ record: RecordBatch.Record) throws(RowRefusal) -> ContactRow {
        switch self.columns {
        case .map(let map):
            return try self.cleaner.clean(record, of: self.batch, columns: map)
        case .keys(var keys):
            defer { self.columns = .keys(keys) }
            let object: JSONValue
            do throws(JSONParseError) {
                object = try JSONValue.parse(self.batch.field(0, of: record))
            } catch {
                throw RowRefusal(nil, error.message)
            }
            return try self.cleaner.clean(object, line: record.line, keys: &keys)
        case .awaited:
            preconditionFailure("a record is read after its columns")
        }
    }
}
