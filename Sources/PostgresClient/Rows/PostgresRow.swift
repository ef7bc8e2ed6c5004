/// One row. Keeps its whole result alive.
public struct PostgresRow: Sendable {
    @usableFromInline let result: ResultOwner
    @usableFromInline let row: Int32

    /// Number of columns.
    @inlinable public var count: Int { Int(result.columnCount) }

    /// - Throws: ``PostgresError/Code/decoding`` when there is no such column, or the value is null or of another type.
    @inlinable
    public func decode<Value: PostgresDecodable>(_ type: Value.Type, at column: Int) throws(PostgresError) -> Value {
        guard (0..<count).contains(column) else {
            throw PostgresError(.decoding, "column \(column) was asked for as \(type), but the row has \(count)")
        }
        return try Value(postgres: PostgresCell(result: result, row: row, column: Int32(column)))
    }

    /// The value of the first column of this name.
    ///
    /// - Throws: ``PostgresError/Code/decoding``, as ``decode(_:at:)``.
    public subscript<Value: PostgresDecodable>(name: String, as type: Value.Type) -> Value {
        get throws(PostgresError) {
            guard let column = result.column(named: name) else {
                var error = PostgresError(.decoding, "there is no column \"\(name)\" in the result")
                error.column = name
                throw error
            }
            return try Value(postgres: PostgresCell(result: result, row: row, column: column))
        }
    }

    /// The first columns as a tuple: `row.decode((UUID, String, Int?).self)`.
    public func decode<each Value: PostgresDecodable>(
        _ type: (repeat each Value).Type
    ) throws(PostgresError) -> (repeat each Value) {
        var column = 0
        func next<Element: PostgresDecodable>(_ type: Element.Type) throws(PostgresError) -> Element {
            defer { column += 1 }
            return try decode(type, at: column)
        }
        return (repeat try next((each Value).self))
    }
}
