/// A value that can be read from a column.
public protocol PostgresDecodable: Sendable {
    /// - Throws: ``PostgresError/Code/decoding`` with the column's name when the value isn't of this type or is null.
    init(postgres cell: PostgresCell) throws(PostgresError)
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    @inlinable
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = cell.isNull ? nil : try Wrapped(postgres: cell)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try Element.decodePostgresArray(cell)
    }
}
