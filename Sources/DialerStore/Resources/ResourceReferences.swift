import DialerModel
import PostgresClient

import struct Foundation.UUID

/// A column by which campaigns or plans refer to a kind of resource.
struct ResourceReferences: Sendable {
    /// Whose column it is.
    enum Referrer: Sendable {
        case campaign
        case plan

        var kind: ResourceKind {
            switch self {
            case .campaign: .campaign
            case .plan: .plan
            }
        }

        var table: String {
            switch self {
            case .campaign: Campaign.table
            case .plan: Plan.table
            }
        }
    }

    /// The kind of what is referred to.
    let kind: ResourceKind
    let referrer: Referrer
    let column: String
    /// What else a referrer has to give up with the reference: assignments, each with a comma before it.
    let consequences: String

    init(kind: ResourceKind, referrer: Referrer = .campaign, column: String, consequences: String = "") {
        self.kind = kind
        self.referrer = referrer
        self.column = column
        self.consequences = consequences
    }

    /// How many references an error names.
    static let namedReferences = 10

    /// Makes a resource, whose row the transaction has locked, free of references: by force, or because it has none.
    ///
    /// - Throws: ``StoreError/referenced(_:_:by:)`` without `force`. Only referrers in use count; by force deleted ones let go too.
    func release(_ uuid: UUID, force: Bool, in transaction: Database.Transaction) async throws(StoreError) {
        if force {
            try await transaction.execute(
                """
                UPDATE \(unescaped: self.referrer.table)
                SET \(unescaped: self.column) = NULL\(unescaped: self.consequences), tm_update = clock_timestamp()
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
            SELECT uuid, name FROM \(unescaped: self.referrer.table) WHERE \(unescaped: self.column) = \(uuid) AND in_use
            ORDER BY seq LIMIT \(Self.namedReferences)
            """
        )
        let kind = self.referrer.kind
        return try Database.decoding { () throws(PostgresError) in
            try rows.decode((UUID, String?).self).map { Reference(kind: kind, uuid: $0.0, name: $0.1) }
        }
    }
}
