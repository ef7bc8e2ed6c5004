import DialerModel
import PostgresClient

import struct Foundation.UUID

/// The campaigns that dial a list, alone or among others.
struct ListReferences: Sendable {
    /// Makes a list, whose row the transaction has locked, free of references: by force, or because it has none.
    ///
    /// - Throws: ``StoreError/referenced(_:_:by:)`` without `force`. Only campaigns in use count; by force deleted ones let go too.
    func release(_ uuid: UUID, force: Bool, in transaction: Database.Transaction) async throws(StoreError) {
        if force {
            try await transaction.query("SELECT release_list(\(uuid))")
            return
        }
        let rows = try await transaction.query(
            """
            SELECT uuid, name FROM campaign WHERE dlmas @> \([uuid]) AND in_use
            ORDER BY seq LIMIT \(ResourceReferences.namedReferences)
            """
        )
        let references = try Database.decoding { () throws(PostgresError) in
            try rows.decode((UUID, String?).self).map { Reference(kind: .campaign, uuid: $0.0, name: $0.1) }
        }
        guard references.isEmpty else { throw .referenced(.dlma, uuid, by: references) }
    }
}
