import DialerModel
import PostgresClient

import struct Foundation.UUID

extension Database.Transaction {
    /// Makes sure that what a resource refers to is in use, and keeps it from being deleted until the transaction ends.
    ///
    /// - Parameter field: The referring field, for the error.
    /// - Throws: ``StoreError/danglingReference(field:_:_:)`` when it is not.
    func require(
        _ uuid: UUID, _ kind: ResourceKind, in table: String, field: String
    ) async throws(StoreError) {
        let rows = try await self.query(
            "SELECT 1 FROM \(unescaped: table) WHERE uuid = \(uuid) AND in_use FOR KEY SHARE"
        )
        guard !rows.isEmpty else { throw .danglingReference(field: field, kind, uuid) }
    }
}
