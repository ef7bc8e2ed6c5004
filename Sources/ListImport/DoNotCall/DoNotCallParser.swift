import DialerModel
import OrderedCollections

/// Reads a whole file of do-not-call numbers, piece by piece: CSV, NDJSON or an array of objects.
package struct DoNotCallParser: Sendable {
    /// How a file is to be read.
    package struct Options: Sendable {
        /// nil looks at the first byte.
        package var format: ListParser.Format?
        /// What separates the columns of CSV; nil looks at the first line.
        package var delimiter: UInt8?
        /// Whether the first record names the columns; without names they are number, reason, expire, region.
        package var hasHeader = true
        /// Whose national numbers are read where a row does not say; nil: none.
        package var region: String?
        package var limits = ReadingLimits()
        /// When the file came; what has expired by then is refused.
        package var now: Timestamp

        package init(now: Timestamp) {
            self.now = now
        }
    }

    private let options: Options
    private var reader: (any RecordReader)?
    private var isCSV = false
    /// nil until the header line, or the first row of a file without one, was read.
    private var columns: DoNotCallColumns?
    private var batch = RecordBatch()
    /// Rows read so far: good, refused and broken ones.
    package private(set) var rowsRead = 0

    package init(options: Options) {
        self.options = options
    }

    /// Takes the next piece.
    ///
    /// - Parameters:
    ///   - accept: Takes a number and the line it begins on.
    ///   - reject: Takes what is wrong with a row.
    package mutating func push(
        _ piece: UnsafeBufferPointer<UInt8>,
        accept: (DoNotCallRow, _ line: Int) -> Void,
        reject: (RowProblem) -> Void
    ) throws(FileProblem) {
        if self.reader == nil, !piece.isEmpty { self.begin(piece) }
        self.batch.removeAll()
        try self.reader?.push(piece, into: &self.batch)
        try self.handOn(accept, reject)
    }

    /// Says that the file ended.
    package mutating func finish(
        accept: (DoNotCallRow, _ line: Int) -> Void, reject: (RowProblem) -> Void
    ) throws(FileProblem) {
        guard self.reader != nil else { throw FileProblem("the file is empty") }
        self.batch.removeAll()
        try self.reader?.finish(into: &self.batch)
        try self.handOn(accept, reject)
        if self.isCSV, self.columns == nil, self.rowsRead == 0 { throw FileProblem("the file is empty") }
    }

    private mutating func begin(_ piece: UnsafeBufferPointer<UInt8>) {
        let format = self.options.format ?? ListParser.guess(piece)
        self.isCSV = format == .csv
        switch format {
        case .csv: self.reader = CSVReader(delimiter: self.options.delimiter, limits: self.options.limits)
        case .ndjson: self.reader = JSONRecordReader(isArray: false, limits: self.options.limits)
        case .json: self.reader = JSONRecordReader(isArray: true, limits: self.options.limits)
        }
    }

    private mutating func handOn(
        _ accept: (DoNotCallRow, Int) -> Void, _ reject: (RowProblem) -> Void
    ) throws(FileProblem) {
        var records = self.batch.records[...]
        // Rows and broken rows come apart; whichever stands first is the header line.
        if self.isCSV, self.columns == nil, let first = records.first,
            self.batch.problems.first.map({ $0.line > first.line }) ?? true
        {
            if try self.takeColumns(first) { records = records.dropFirst() }
        }
        for problem in self.batch.problems {
            guard !self.isCSV || self.columns != nil || !self.options.hasHeader else {
                throw FileProblem("line \(problem.line), the header line: \(problem.reason)")
            }
            self.rowsRead += 1
            reject(problem)
        }
        for record in records {
            if self.isCSV, self.columns == nil, try self.takeColumns(record) { continue }
            self.rowsRead += 1
            do throws(RowRefusal) {
                let texts = try self.isCSV ? self.texts(of: record) : self.members(of: record)
                accept(try DoNotCallRow(texts, region: self.options.region, now: self.options.now), record.line)
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

    /// - Returns: true when the record was the header line.
    private mutating func takeColumns(_ record: RecordBatch.Record) throws(FileProblem) -> Bool {
        guard self.options.hasHeader else {
            self.columns = DoNotCallColumns(columnCount: record.fieldCount)
            return false
        }
        self.columns = try DoNotCallColumns(
            headings: (0..<record.fieldCount).map { self.batch.text($0, of: record) })
        return true
    }

    private func texts(of record: RecordBatch.Record) throws(RowRefusal) -> [DoNotCallRow.Field: String] {
        var texts: [DoNotCallRow.Field: String] = [:]
        let fields = self.columns?.fields ?? []
        for index in fields.count..<max(fields.count, record.fieldCount)
        where !self.batch.field(index, of: record).isEmpty {
            throw RowRefusal(nil, "the row has \(record.fieldCount) fields, the first line \(fields.count)")
        }
        for (index, field) in fields.enumerated() where index < record.fieldCount {
            guard let field else { continue }
            var value = FieldChecks.trimmed(self.batch.field(index, of: record))
            if field == .number { value = FieldChecks.withoutSpreadsheetMarks(value) }
            guard FieldChecks.isUTF8(value) else {
                throw RowRefusal(field.rawValue, "the text is not UTF-8; save the file as UTF-8")
            }
            if !value.isEmpty { texts[field] = String(decoding: value, as: UTF8.self) }
        }
        return texts
    }

    private func members(of record: RecordBatch.Record) throws(RowRefusal) -> [DoNotCallRow.Field: String] {
        let object: JSONValue
        do throws(JSONParseError) {
            object = try JSONValue.parse(self.batch.field(0, of: record))
        } catch {
            throw RowRefusal(nil, error.message)
        }
        guard case .object(let members) = object else {
            throw RowRefusal(nil, "expected an object, got \(object.excerpt)")
        }
        var texts: [DoNotCallRow.Field: String] = [:]
        for (key, value) in members where !value.isNull {
            guard let field = DoNotCallColumns.field(named: key) else { continue }
            guard texts[field] == nil else { throw RowRefusal(field.rawValue, "two members are \(field.rawValue)") }
            let text: String
            switch value {
            case .string(let string): text = string
            case .integer where field == .number: text = value.text
            case .integer, .number, .bool, .array, .object, .null:
                throw RowRefusal(field.rawValue, "expected a text, got \(value.excerpt)")
            }
            let trimmed = FieldChecks.trimmed(Array(text.utf8)[...])
            if !trimmed.isEmpty { texts[field] = String(decoding: trimmed, as: UTF8.self) }
        }
        return texts
    }
}
