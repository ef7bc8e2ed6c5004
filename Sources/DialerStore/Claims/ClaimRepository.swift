import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Hands out contacts to dial, each to one claimer. Every call may throw ``StoreError/unavailable(_:)``.
///
/// A contact may be dialed when it is in use, idle, was not answered, has a number with tries left by the plan's limits
/// (the lowest such number is dialed), and more than the plan's retry delay has passed since its last call. Who of these comes
/// first says the list's ``ContactOrder``, and of which of several lists the campaign's ``ListMode``; the same statement decides both.
///
/// A number on the do-not-call list is not dialed: the statement that claims looks it up. It is held back for as long as it is
/// listed, and one result says so; another number of the contact may be claimed at once.
package struct ClaimRepository: Sendable {
    let database: Database
    let maker: DialingMaker

    /// How many contacts are looked at in one go when those looked at first were blocked.
    static let blockedScan = 500
    /// How often, before whoever claims is told that nobody was found.
    static let blockedRounds = 20

    /// Claims up to `count` contacts in one statement: marks them, counts their tries and opens their dialings. When it
    /// returns, all is committed; a contact claimed is claimed once, however many claim at the same time.
    ///
    /// - Returns: Fewer than `count`, or none, when not enough are due, or many of those due are on the do-not-call list: then
    ///   claiming again goes on behind them. None when the campaign is not started, or its plan, destination or lists are others
    ///   by now or deleted; of several lists those that are not are dialed on.
    /// - Throws: ``StoreError/leaseLost`` when the request names a lease that is not the campaign's.
    package func claim(_ request: ClaimRequest) async throws(StoreError) -> Claim {
        guard request.count > 0 else { return Claim() }
        return try await self.claim(request, reserved: nil)
    }

    /// Dials a reserved contact: what ``claim(_:)`` does, for this one.
    ///
    /// - Returns: No dialing when it is not reserved for the campaign, has no number left, or the campaign is not started.
    package func dialReserved(_ request: ClaimRequest, entry: UUID) async throws(StoreError) -> Claim {
        try await self.claim(request, reserved: entry)
    }

    private func claim(_ request: ClaimRequest, reserved: UUID?) async throws(StoreError) -> Claim {
        guard !request.pbx.utf8.contains(0) else {
            throw .invalid(ValidationError(field: "pbx", message: "pbx: a text cannot hold the character NUL"))
        }
        let count = min(request.count, 10_000)
        var claim = Claim()
        var scan = count
        for _ in 0..<Self.blockedRounds {
            let known = self.maker.snapshots.latest(of: request.campaign, lists: request.lists)
            let rows = try await self.database.query(
                """
                SELECT \(unescaped: Self.pickedColumns) FROM claim_dialings(
                    hold_lease(\(request.campaign), \(request.destination), \(optional: request.lease?.fence)::bigint,
                        \(optional: request.lease?.engine)::text),
                    \(request.plan), \(request.destination), \(request.lists),
                    \(count)::integer, \(scan)::integer, \(request.pbx)::text, \(PostgresTimestamp(request.now)),
                    \(Array(known.keys))::bigint[], \(optional: reserved)::uuid
                )
                """
            )
            let picked = try self.picked(rows, request, known: known)
            claim.dialings = picked.filter { !$0.isBlocked }.map(\.dialing)
            let blocked = picked.filter(\.isBlocked)
            if blocked.isEmpty { break }
            do throws(StoreError) {
                claim.blocked += try await self.block(blocked, for: request)
            } catch {
                // Nothing is lost: the next claim meets the same numbers again. These calls are to be placed.
                guard !claim.dialings.isEmpty else { throw error }
            }
            if !claim.dialings.isEmpty { break }
            scan = max(count, Self.blockedScan)
        }
        return claim
    }

    /// What the functions that pick contacts return, in the order ``picked(_:_:known:)`` reads it.
    static let pickedColumns =
        "o_dialing, o_index, o_is_blocked, o_snapshot, o_campaign, o_plan, o_destination, o_dlma, "
        + DialListEntry.columnList(prefix: "(o_contact).")

    /// Reads what a function that picks contacts returned.
    ///
    /// - Parameter known: The snapshots the database was told of; it does not send their resources.
    func picked(
        _ rows: PostgresRows,
        _ request: ClaimRequest,
        known: [Int64: SnapshotCache.Resources]
    ) throws(StoreError) -> [PickedContact] {
        try Database.decoding { () throws(PostgresError) in try self.read(rows, request, known: known) }
    }

    private func read(
        _ rows: PostgresRows,
        _ request: ClaimRequest,
        known: [Int64: SnapshotCache.Resources]
    ) throws(PostgresError) -> [PickedContact] {
        var snapshots = known
        var picked: [PickedContact] = []
        picked.reserveCapacity(rows.count)
        for row in rows {
            let id = try row.decode(Int64.self, at: 3)
            let resources: SnapshotCache.Resources
            if let read = snapshots[id] {
                resources = read
            } else {
                resources = try SnapshotCache.Resources(row: row, from: 4)
                snapshots[id] = resources
                self.maker.snapshots.insert(resources, id: id)
            }
            var dialing = try self.maker.dialing(
                uuid: try row.decode(UUID.self, at: 0),
                number: try row.decode(Int.self, at: 1),
                pbx: request.pbx,
                now: request.now,
                resources: resources,
                entry: try DialListEntry(row: row, from: 8)
            )
            dialing.fence = request.lease?.fence ?? 0
            picked.append(
                PickedContact(dialing: dialing, snapshot: id, isBlocked: try row.decode(Bool.self, at: 2))
            )
        }
        return picked
    }

    /// What lists still hold for a campaign's plan: somebody as long as one of them does. Costs the same however long they are.
    package func outlook(campaign: UUID, plan: UUID, lists: [UUID]) async throws(StoreError) -> ListOutlook {
        let rows = try await self.database.query(
            """
            SELECT coalesce(bool_or(o.o_open), false), min(o.o_next_due)
            FROM unnest(\(lists)) AS l (dlma) CROSS JOIN LATERAL list_outlook(\(plan), l.dlma) AS o
            """
        )
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
