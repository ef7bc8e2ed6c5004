import DialerModel
import PostgresClient

/// Contacts and results as text, page by page. Every call may throw ``StoreError/unavailable(_:)``.
///
/// PostgreSQL writes the text itself, by COPY. Each page is a short transaction of its own, so a client that reads slowly holds
/// no connection and no snapshot, and what is created behind an export's place while it runs is in it.
package struct ExportRepository: Sendable {
    private let database: Database

    /// Rows looked at in one page.
    private static let stretchRows = 4_000
    /// A page that would be larger is fetched in smaller ones.
    private static let maximumPageBytes = 16 << 20

    init(database: Database) {
        self.database = database
    }

    /// The next contacts of an export.
    ///
    /// - Parameters:
    ///   - columns: Which, in which order; nil for all.
    ///   - place: Where the page before ended; nil for the first page.
    /// - Throws: ``StoreError/invalid(_:)`` for a column that does not exist.
    package func page(
        _ export: ContactExport, columns: [String]?, format: ExportFormat, after place: ExportPlace?
    ) async throws(StoreError) -> ExportPage {
        try await self.page(of: export, columns: columns, format: format, after: place)
    }

    /// The next results of an export; as the same for contacts.
    package func page(
        _ export: ResultExport, columns: [String]?, format: ExportFormat, after place: ExportPlace?
    ) async throws(StoreError) -> ExportPage {
        try await self.page(of: export, columns: columns, format: format, after: place)
    }

    private func page<Kind: ExportKind>(
        of export: Kind, columns: [String]?, format: ExportFormat, after place: ExportPlace?
    ) async throws(StoreError) -> ExportPage {
        let chosen = try Kind.columns(named: columns)
        var limit = Self.stretchRows
        while true {
            var isTooLarge = false
            do throws(StoreError) {
                return try await self.database.transaction { transaction throws(StoreError) in
                    let found = try await transaction.query(export.stretch(after: place, limit: limit))
                    let end = try Database.decoding { () throws(PostgresError) in
                        try found.first.flatMap { row throws(PostgresError) in try export.end(of: row) }
                    }
                    guard let end else { return ExportPage(bytes: [], next: nil) }
                    let (statement, copy) = export.statement(chosen, format, after: place, upTo: end.place)
                    try await transaction.query(statement.preparation)
                    let bytes = try await transaction.copyOut(copy, upTo: limit == 1 ? .max : Self.maximumPageBytes)
                    guard let bytes else {
                        isTooLarge = true
                        throw .database(PostgresError(.cancelled, "the page is too large"))
                    }
                    return ExportPage(bytes: bytes, next: end.count < limit ? nil : end.place)
                }
            } catch {
                guard isTooLarge else { throw error }
                limit = max(1, limit / 8)
            }
        }
    }
}
