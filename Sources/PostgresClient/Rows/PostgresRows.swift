/// The rows a statement returned, all of them in memory, decoded when they are read.
public struct PostgresRows: Sendable, RandomAccessCollection {
    let result: ResultOwner

    public var startIndex: Int { 0 }
    public var endIndex: Int { Int(result.rowCount) }

    public subscript(position: Int) -> PostgresRow {
        precondition((0..<endIndex).contains(position), "row index out of range")
        return PostgresRow(result: result, row: Int32(position))
    }

    /// Rows that were inserted, updated, deleted or selected.
    public var affectedRows: Int { result.affectedRows }

    /// What was executed, such as `INSERT 0 1`.
    public var commandTag: String { result.commandTag }

    /// The columns' names in their order.
    public var columnNames: [String] {
        (0..<result.columnCount).map { result.columnName($0) }
    }

    /// Every row as a tuple: `rows.decode((Int, String?).self)`.
    public func decode<each Value: PostgresDecodable>(
        _ type: (repeat each Value).Type
    ) throws(PostgresError) -> [(repeat each Value)] {
        var values: [(repeat each Value)] = []
        values.reserveCapacity(count)
        for row in self { values.append(try row.decode(type)) }
        return values
    }
}
