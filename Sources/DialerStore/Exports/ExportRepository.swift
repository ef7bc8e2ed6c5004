import DialerModel
import PostgresClient

/// Contacts and results as text, page by page. Every call may throw ``StoreError/unavailable(_:)``.
///
/// PostgreSQL writes the text itself, by COPY. Each page is a short transaction of its own, so a client that reads slowly holds
/// no connection and no snapshot, and what is created behind an export's place while it runs is in it.
package struct ExportRepository: Sendable {
    private let database: Database
    private let helper = ExportHelper()

    /// Rows looked at in one stretch; a page has one or two, fetched at once.
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

    /// PostgreSQL's writing is what takes the time, so two stretches are written at once, on a connection each, where no other export does
    /// that now.
    private func page<Kind: ExportKind>(
        of export: Kind, columns: [String]?, format: ExportFormat, after place: ExportPlace?
    ) async throws(StoreError) -> ExportPage {
        let chosen = try Kind.columns(named: columns)
        guard let first = try await self.stretch(of: export, after: place) else {
            return ExportPage(pieces: [], next: nil)
        }
        let isHelped = !first.isLast && self.helper.take()
        defer { if isHelped { self.helper.giveBack() } }
        let second = isHelped ? try await self.stretch(of: export, after: first.end) : nil
        let stretches = [first, second].compactMap(\.self)
        let copied = await withTaskGroup(of: (Int, Result<[[UInt8]]?, StoreError>).self) { group in
            for (index, stretch) in stretches.enumerated() {
                group.addTask { (index, await self.copy(export, chosen, format, stretch)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var page = ExportPage(pieces: [], next: place)
        for (index, stretch) in stretches.enumerated() {
            guard let pieces = try copied[index]?.get() else {
                guard index == 0 else { return page }
                return try await self.smallPage(of: export, chosen, format, after: place)
            }
            page.pieces += pieces
            page.next = stretch.isLast ? nil : stretch.end
        }
        if isHelped, second == nil { page.next = nil }
        return page
    }

    /// The next rows an export looks at; nil when there are none.
    private func stretch<Kind: ExportKind>(
        of export: Kind, after place: ExportPlace?, rows: Int = Self.stretchRows
    ) async throws(StoreError) -> ExportStretch? {
        let found = try await self.database.query(export.stretch(after: place, limit: rows))
        return try Database.decoding { () throws(PostgresError) in
            try found.first.flatMap { row throws(PostgresError) in try export.end(of: row) }
                .map { ExportStretch(start: place, end: $0.place, isLast: $0.count < rows) }
        }
    }

    /// A stretch of rows that are too large for a page of the usual number.
    private func smallPage<Kind: ExportKind>(
        of export: Kind, _ columns: [ExportColumn]?, _ format: ExportFormat, after place: ExportPlace?
    ) async throws(StoreError) -> ExportPage {
        var rows = Self.stretchRows
        while true {
            rows = max(1, rows / 8)
            guard let stretch = try await self.stretch(of: export, after: place, rows: rows) else {
                return ExportPage(pieces: [], next: nil)
            }
            let limit = rows == 1 ? .max : Self.maximumPageBytes
            if let pieces = try await self.copy(export, columns, format, stretch, atMost: limit).get() {
                return ExportPage(pieces: pieces, next: stretch.isLast ? nil : stretch.end)
            }
        }
    }

    /// The rows of a stretch as text; nil when they would be more than so many bytes.
    private func copy<Kind: ExportKind>(
        _ export: Kind, _ columns: [ExportColumn]?, _ format: ExportFormat, _ stretch: ExportStretch,
        atMost maximumBytes: Int = Self.maximumPageBytes
    ) async -> Result<[[UInt8]]?, StoreError> {
        let (statement, copy) = export.statement(columns, format, after: stretch.start, upTo: stretch.end)
        var isTooLarge = false
        do throws(StoreError) {
            return .success(
                try await self.database.transaction { transaction throws(StoreError) in
                    try await transaction.query(statement.preparation)
                    guard let pieces = try await transaction.copyOut(copy, upTo: maximumBytes) else {
                        isTooLarge = true
                        throw .database(PostgresError(.cancelled, "the page is too large"))
                    }
                    return pieces
                })
        } catch {
            return isTooLarge ? .success(nil) : .failure(error)
        }
    }
}
