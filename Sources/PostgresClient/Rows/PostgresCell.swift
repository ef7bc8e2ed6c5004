/// One value of a result, in the server's text format.
public struct PostgresCell: Sendable {
    private enum Source {
        case column(ResultOwner, row: Int32, column: Int32)
        case element([UInt8], column: String)
    }

    private let source: Source

    @usableFromInline
    init(result: ResultOwner, row: Int32, column: Int32) {
        self.source = .column(result, row: row, column: column)
    }

    private init(element: [UInt8], column: String) {
        self.source = .element(element, column: column)
    }

    public var isNull: Bool {
        switch source {
        case .column(let result, let row, let column): result.isNull(row: row, column: column)
        case .element: false
        }
    }

    public var columnName: String {
        switch source {
        case .column(let result, _, let column): result.columnName(column)
        case .element(_, let column): column
        }
    }

    /// Calls `body` with the value's bytes, which are valid during the call only.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` when the value is null.
    public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) throws(PostgresError) -> R {
        switch source {
        case .column(let result, let row, let column):
            guard !result.isNull(row: row, column: column) else {
                throw mismatch(R.self, "it is null")
            }
            return result.withBytes(row: row, column: column, body)
        case .element(let bytes, _):
            return bytes.withUnsafeBufferPointer(body)
        }
    }

    /// The error for a value that isn't a `type`. The value itself stays out of it.
    public func mismatch(_ type: Any.Type, _ why: String = "its value doesn't fit") -> PostgresError {
        var error = PostgresError(.decoding, "column \"\(columnName)\" can't be read as \(type): \(why)")
        error.column = columnName
        return error
    }

    /// Reads an array's element as if it were a column of its own.
    func decodeElement<Value: PostgresDecodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(PostgresError) -> Value {
        try Value(postgres: PostgresCell(element: bytes, column: columnName))
    }
}
