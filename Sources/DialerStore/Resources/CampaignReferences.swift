import DialerModel
import PostgresClient

import struct Foundation.UUID

/// The column by which campaigns refer to a kind of resource.
struct CampaignReferences: Sendable {
    /// The kind of what is referred to.
    let kind: ResourceKind
    let column: String

    /// How many references an error names.
    static let namedReferences = 10

    /// Makes a resource, whose row the transaction has locked, free of references: by force, or because it has none.
    ///
    /// - Throws: ``StoreError/referenced(_:_:by:)`` without `force`. Only campaigns in use count; by force deleted ones let go too.
    func release(_ uuid: UUID, force: Bool, in transaction: Database.Transaction) async throws(StoreError) {
        if force {
            try await transaction.execute(
                """
                UPDATE campaign SET \(unescaped: self.column) = NULL, tm_update = clock_timestamp()
                WHERE \(unescaped: self.column) = \(uuid)
                """
            )
            return
        }
        let references = try await self.references(to: uuid, in: transaction)
        guard references.isEmpty else { throw .referenced(self.kind, uuid, by: references) }
    }

    private func references(to uuid: UUID, in transaction: Database.Transaction) async throws(StoreError) -> [Reference]
    {
        let rows = try await transaction.query(
            """
            SELECT uuid, name FROM campaign WHERE \(unescaped: self.column) = \(uuid) AND in_use
            ORDER BY seq LIMIT \(Self.namedReferences)
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            try rows.decode((UUID, String?).self).map { Reference(kind: .campaign, uuid: $0.0, name: $0.1) }
        }
    }
}
