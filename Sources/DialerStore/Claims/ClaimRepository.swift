import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Hands out contacts to dial, each to one claimer. Every call may throw ``StoreError/unavailable(_:)``.
///
/// A contact may be dialed when it is in use, idle, was not answered, has a number with tries left by the plan's limits
/// (the lowest such number is dialed), and more than the plan's retry delay has passed since its last call. Those with the
/// fewest tries on all numbers come first, among them those who have waited longest, then the order of creation.
package struct ClaimRepository: Sendable {
    let database: Database
    let maker: DialingMaker

    /// Claims up to `count` contacts in one statement: marks them, counts their tries and opens their dialings. When it
    /// returns, all is committed; a contact claimed is claimed once, however many claim at the same time.
    ///
    /// - Returns: Fewer than `count`, or none, when not enough are due; none when the campaign is not started, or its plan,
    ///   destination or list are others by now or deleted.
    package func claim(_ request: ClaimRequest) async throws(StoreError) -> [Dialing] {
        guard request.count > 0 else { return [] }
        return try await self.claim(request, reserved: nil)
    }

    /// Dials a reserved contact: what ``claim(_:)`` does, for this one.
    ///
    /// - Returns: nil when it is not reserved for the campaign, has no number left, or the campaign is not started.
    package func dialReserved(_ request: ClaimRequest, entry: UUID) async throws(StoreError) -> Dialing? {
        try await self.claim(request, reserved: entry).first
    }

    private func claim(_ request: ClaimRequest, reserved: UUID?) async throws(StoreError) -> [Dialing] {
        guard !request.pbx.utf8.contains(0) else {
            throw .invalid(ValidationError(field: "pbx", message: "pbx: a text cannot hold the character NUL"))
        }
        let known = self.maker.snapshots.latest(of: request.campaign)
        let rows = try await self.database.query(
            """
            SELECT o_dialing, o_index, o_snapshot, o_campaign, o_plan, o_destination, o_dlma, \(unescaped: Self.contactColumns)
            FROM claim_dialings(
                \(request.campaign), \(request.plan), \(request.destination), \(request.dlma),
                \(min(request.count, 10_000))::integer, \(request.pbx)::text, \(PostgresTimestamp(request.now)),
                \(optional: known?.id)::bigint, \(optional: reserved)::uuid
            )
            """
        )
        return try Database.decoding { () throws(PostgresError) in try self.dialings(rows, request, known: known) }
    }

    private static let contactColumns = DialListEntry.columnList(prefix: "(o_contact).")

    /// - Parameter known: The snapshot the database was told of; it sends no other resources when the calls have this one.
    private func dialings(
        _ rows: PostgresRows,
        _ request: ClaimRequest,
        known: (id: Int64, resources: SnapshotCache.Resources)?
    ) throws(PostgresError) -> [Dialing] {
        guard let first = rows.first else { return [] }
        let id = try first.decode(Int64.self, at: 2)
        let resources: SnapshotCache.Resources
        if let known, known.id == id {
            resources = known.resources
        } else {
            resources = try SnapshotCache.Resources(row: first, from: 3)
            self.maker.snapshots.insert(resources, id: id)
        }
        var dialings: [Dialing] = []
        dialings.reserveCapacity(rows.count)
        for row in rows {
            dialings.append(
                try self.maker.dialing(
                    uuid: try row.decode(UUID.self, at: 0),
                    number: try row.decode(Int.self, at: 1),
                    pbx: request.pbx,
                    now: request.now,
                    resources: resources,
                    entry: try DialListEntry(row: row, from: 7)
                )
            )
        }
        return dialings
    }

    /// What a list still holds for a campaign's plan. Costs the same however long the list is.
    package func outlook(campaign: UUID, plan: UUID, dlma: UUID) async throws(StoreError) -> ListOutlook {
        let rows = try await self.database.query("SELECT o_open, o_next_due FROM list_outlook(\(plan), \(dlma))")
        return try Database.decoding { () throws(PostgresError) in
            guard let row = rows.first else { return ListOutlook(hasOpenContacts: false, nextDue: nil) }
            let nextDue = try row.decode(PostgresTimestamp?.self, at: 1)
            return ListOutlook(
                hasOpenContacts: try row.decode(Bool.self, at: 0),
                // Somebody never called is due since ever.
                nextDue: nextDue.map { Timestamp(microseconds: $0 == .negativeInfinity ? 0 : $0.microseconds) }
            )
        }
    }
}
