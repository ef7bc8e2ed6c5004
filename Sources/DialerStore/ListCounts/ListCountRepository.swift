import PostgresClient

import struct Foundation.UUID

/// The counts of lists, which are kept while contacts change. Every call may throw ``StoreError/unavailable(_:)``.
///
/// Each statement that changes contacts notes what it added to the counts of whom, in rows that nobody else touches; the notes are
/// folded into the counts every now and then. Reading adds both up, so it is exact at every moment and costs the same however long
/// the list is.
package struct ListCountRepository: Sendable {
    private let database: Database

    /// How many notes are folded at once.
    package static let foldedAtOnce = 20_000

    init(database: Database) {
        self.database = database
    }

    /// The counts of a list; zeros for an unknown one.
    ///
    /// - Parameter plan: Whose limits decide who may still be called; nil takes those of the campaigns that have the list.
    package func counts(of dlma: UUID, plan: UUID? = nil) async throws(StoreError) -> ListCounts {
        let rows = try await self.database.query(
            """
            SELECT o_total, o_untouched, o_dialing, o_reserved, o_answered, o_left, o_blocked
            FROM list_counts(\(dlma), CASE WHEN \(optional: plan)::uuid IS NULL THEN list_limits(\(dlma))
                ELSE (SELECT plan_limits(p) FROM plan p WHERE p.uuid = \(optional: plan)::uuid) END)
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            var counts = ListCounts()
            guard let row = rows.first else { return counts }
            counts.total = try row.decode(Int.self, at: 0)
            counts.untouched = try row.decode(Int.self, at: 1)
            counts.dialing = try row.decode(Int.self, at: 2)
            counts.reserved = try row.decode(Int.self, at: 3)
            counts.answered = try row.decode(Int.self, at: 4)
            counts.left = try row.decode(Int?.self, at: 5)
            counts.blocked = try row.decode(Int.self, at: 6)
            return counts
        }
    }

    /// Folds notes into the counts, ``foldedAtOnce`` at most.
    ///
    /// - Returns: How many; 0 also while somebody else does it.
    @discardableResult
    package func fold() async throws(StoreError) -> Int {
        let rows = try await self.database.query("SELECT fold_list_counts(\(Self.foldedAtOnce)::integer)")
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
    }
}
