import DialerModel
import PostgresClient

import struct Foundation.UUID

extension ClaimRepository {
    /// Reserves the next due contact whose number is not on the do-not-call list for an agent's preview.
    ///
    /// - Parameters:
    ///   - target: Whom it is held for.
    ///   - until: When ``releaseExpired(now:)`` gives it back.
    /// - Returns: No contact when nobody is due, the campaign is not started, or a great many of those due are on the do-not-call
    ///   list: then asking again goes on behind them.
    package func reserve(
        _ request: ClaimRequest,
        target: String?,
        until: Timestamp
    ) async throws(StoreError) -> Reservation {
        guard target?.utf8.contains(0) != true else {
            throw .invalid(
                ValidationError(field: "resv_target", message: "resv_target: a text cannot hold the character NUL")
            )
        }
        var reservation = Reservation()
        var scan = 1
        for _ in 0..<Self.blockedRounds {
            let known = self.maker.snapshots.latest(of: request.campaign, lists: request.lists)
            let rows = try await self.database.query(
                """
                SELECT \(unescaped: Self.pickedColumns) FROM reserve_contact(
                    hold_lease(\(request.campaign), \(request.destination), \(optional: request.lease?.fence)::bigint,
                        \(optional: request.lease?.engine)::text),
                    \(request.plan), \(request.destination), \(request.lists), \(scan)::integer,
                    \(PostgresTimestamp(request.now)), \(Array(known.keys))::bigint[], \(optional: target)::text,
                    \(PostgresTimestamp(until))
                )
                """
            )
            let picked = try self.picked(rows, request, known: known)
            reservation.entry = picked.first { !$0.isBlocked }?.dialing.snapshot.entry
            let blocked = picked.filter(\.isBlocked)
            if blocked.isEmpty { break }
            do throws(StoreError) {
                reservation.blocked += try await self.block(blocked, for: request)
            } catch {
                // Nothing is lost: the next claim meets the same numbers again. The reservation is to be told.
                guard reservation.entry != nil else { throw error }
            }
            if reservation.entry != nil { break }
            scan = Self.blockedScan
        }
        return reservation
    }

    /// Gives a contact reserved for a campaign back undialed.
    ///
    /// - Returns: false when it was not reserved for it.
    package func release(entry: UUID, campaign: UUID) async throws(StoreError) -> Bool {
        try await self.database.execute(
            "UPDATE dial_list_entry SET \(unescaped: Self.idle) WHERE uuid = \(entry) AND status = 2 AND resv_campaign_uuid = \(campaign)"
        ) > 0
    }

    /// Gives back the contacts whose reservation has run out; reservations made by hand do not.
    ///
    /// - Returns: How many.
    package func releaseExpired(now: Timestamp) async throws(StoreError) -> Int {
        try await self.database.execute(
            """
            UPDATE dial_list_entry SET \(unescaped: Self.idle)
            WHERE status = 2 AND resv_until <= \(PostgresTimestamp(now))
            """
        )
    }

    /// Gives back the contacts marked as being dialed by a dialing that is not open. There are none unless rows were changed by
    /// hand or a backup was restored in parts.
    ///
    /// - Returns: How many.
    package func releaseOrphans() async throws(StoreError) -> Int {
        try await self.database.execute(
            """
            UPDATE dial_list_entry e SET \(unescaped: Self.idle)
            WHERE e.status = 1
                AND NOT EXISTS (SELECT FROM dialing d WHERE d.uuid = e.dialing_uuid AND d.entry = e.uuid)
            """
        )
    }

    private static let idle = """
        status = 0, dialing_uuid = NULL, dialing_camp_uuid = NULL, dialing_plan_uuid = NULL,
            resv_target = NULL, resv_campaign_uuid = NULL, resv_until = NULL, tm_update = clock_timestamp()
        """
}
