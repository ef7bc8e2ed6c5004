import DialerModel
import PostgresClient

/// What can be exported: how its rows are walked, and what they look like.
protocol ExportKind: Sendable {
    static var columns: [ExportColumn] { get }
    static var columnNames: [String] { get }

    /// Finds the end of the next stretch of rows: its last place, if there is one, and how many rows it has.
    func stretch(after place: ExportPlace?, limit: Int) -> PostgresQuery
    /// A row of ``stretch(after:limit:)``.
    func end(of row: PostgresRow) throws(PostgresError) -> (place: ExportPlace, count: Int)?
    /// Writes the rows of a stretch that are wanted.
    func statement(_ columns: [ExportColumn]?, _ format: ExportFormat, after place: ExportPlace?, upTo end: ExportPlace)
        -> (ExportStatement, copy: String)
}

extension ExportKind {
    /// The columns of these names, in this order; nil for nil.
    ///
    /// - Throws: ``StoreError/invalid(_:)`` for a name that is none.
    static func columns(named names: [String]?) throws(StoreError) -> [ExportColumn]? {
        guard let names else { return nil }
        var columns: [ExportColumn] = []
        for name in names {
            guard let column = self.columns.first(where: { $0.name == name }) else {
                throw .invalid(
                    ValidationError(
                        field: "columns",
                        message:
                            "columns: no column is called \(JSONValue.string(name).excerpt); there are \(self.columnNames.joined(separator: ", "))"
                    )
                )
            }
            columns.append(column)
        }
        return columns
    }
}
