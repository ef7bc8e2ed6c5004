import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Which engine works for which campaigns. Times are PostgreSQL's. Every call may throw ``StoreError/unavailable(_:)``.
///
/// A lease is good until its engine has not renewed for as long as it said; then any engine may give it to another. What an engine
/// writes bears the fences of its leases, so that nothing depends on its knowing in time that one is over.
package struct LeaseRepository: Sendable {
    let database: Database

    /// Notes the start of an engine. A former start of the same name is over: its leases are free.
    ///
    /// - Parameter lease: How long it holds its leases without ``renew(_:lease:)``.
    /// - Returns: Whether it was the first on this database.
    package func register(_ name: String, _ engine: UUID, lease: Duration) async throws(StoreError) -> Bool {
        let rows = try await self.database.query(
            "SELECT register_engine(\(name), \(engine), make_interval(secs => \(lease / .seconds(1))))"
        )
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Bool.self, at: 0) ?? false }
    }

    /// The fences under which the last start of an engine may still write, before it registers anew.
    package func formerFences(of name: String) async throws(StoreError) -> [Int64] {
        let rows = try await self.database.query("SELECT former_fences(\(name))")
        return try Database.decoding { () throws(PostgresError) in
            try rows.first?.decode([Int64].self, at: 0) ?? []
        }
    }

    /// Says that the engine lives, and makes all its leases good for another while. Costs the same however many there are.
    ///
    /// - Returns: The leases it holds.
    /// - Throws: ``StoreError/engineReplaced`` when another has started under its name, or it has retired.
    package func renew(_ engine: UUID, lease: Duration) async throws(StoreError) -> [HeldLease] {
        let rows = try await self.database.query(
            """
            SELECT o_key, o_fence, o_successor FROM renew_leases(\(engine), make_interval(secs => \(lease / .seconds(1))))
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            try rows.decode((String, Int64, UUID?).self).map { HeldLease(key: $0.0, fence: $0.1, successor: $0.2) }
        }
    }

    /// Every engine, and every lease there is or should be.
    ///
    /// The calls are counted before the leases are read: what changes hands in between is counted at its old holder.
    package func picture() async throws(StoreError) -> LeasePicture {
        let engines = try await self.engines()
        let calls = engines.count > 1 ? try await self.calls() : []
        let rows = try await self.database.query(
            "SELECT o_key, o_fence, o_engine, o_successor, o_campaigns, o_is_used FROM lease_needs() ORDER BY o_key"
        )
        let needs = try Database.decoding { () throws(PostgresError) in
            try rows.decode((String, Int64?, UUID?, UUID?, Int, Bool).self).map {
                LeaseNeed(key: $0.0, fence: $0.1, engine: $0.2, successor: $0.3, campaigns: $0.4, isUsed: $0.5)
            }
        }
        return LeasePicture(engines: engines, needs: needs, calls: calls)
    }

    private func engines() async throws(StoreError) -> [EngineRecord] {
        let rows = try await self.database.query(
            """
            SELECT e.uuid, e.name, extract(epoch FROM CASE WHEN e.tm_until > t.now THEN e.tm_until - t.now END)::double precision,
                e.tm_until
            FROM engine e CROSS JOIN (SELECT clock_timestamp() AS now) AS t
            ORDER BY e.name
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            try rows.decode((UUID, String, Double?, PostgresTimestamp).self).map {
                EngineRecord(
                    uuid: $0.0, name: $0.1, remaining: $0.2.map { .seconds($0) }, heldUntil: Timestamp($0.3))
            }
        }
    }

    private func calls() async throws(StoreError) -> [LeaseCalls] {
        let rows = try await self.database.query(
            """
            SELECT d.engine, d.pbx, nullif(s.plan ->> 'trunk_name', ''), d.count
            FROM (
                SELECT l.engine, d.pbx, d.snapshot, count(*) AS count
                FROM dialing d JOIN campaign_lease l ON l.fence = d.fence
                WHERE l.engine IS NOT NULL AND d.pbx IS NOT NULL
                GROUP BY l.engine, d.pbx, d.snapshot
            ) AS d
            JOIN call_snapshot s ON s.id = d.snapshot
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            try rows.decode((UUID, String, String?, Int).self).map {
                LeaseCalls(engine: $0.0, pbx: $0.1, trunk: $0.2, count: $0.3)
            }
        }
    }

    /// Ends an engine's leases that are good still by PostgreSQL's clock alone. When it has said meanwhile that it lives, it keeps them.
    ///
    /// - Parameter heldUntil: Its last word.
    /// - Returns: Whether that was its last word.
    package func end(_ engine: UUID, heldUntil: Timestamp) async throws(StoreError) -> Bool {
        // Not as one that has retired: it may live, and come back.
        try await self.database.execute(
            """
            UPDATE engine SET tm_until = 'epoch' WHERE uuid = \(engine) AND tm_until = \(PostgresTimestamp(heldUntil))
            """
        ) > 0
    }

    /// Gives leases that nobody live holds to live engines, with the calls that are open under them. One that is not as it was seen, or
    /// is in use at this moment, is passed over.
    ///
    /// - Returns: How many.
    package func assign(_ moves: [LeaseMove]) async throws(StoreError) -> Int {
        guard !moves.isEmpty else { return 0 }
        let rows = try await self.database.query(
            "SELECT assign_leases(\(moves.map(\.key)), \(moves.map(\.fence))::bigint[], \(moves.map(\.engine)))"
        )
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
    }

    /// Asks the holders of leases to hand them over.
    ///
    /// - Returns: How many were asked that were not before.
    package func nameSuccessors(_ moves: [LeaseMove]) async throws(StoreError) -> Int {
        guard !moves.isEmpty else { return 0 }
        let rows = try await self.database.query(
            "SELECT name_successors(\(moves.map(\.key)), \(moves.map(\.fence))::bigint[], \(moves.map(\.engine)))"
        )
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
    }

    /// Hands leases, with the calls that are open under them, over to their successors, all at once.
    ///
    /// - Returns: The keys of those whose successor is gone; these stay where they are.
    package func handOver(_ leases: [HeldLease]) async throws(StoreError) -> Set<String> {
        let rows = try await self.database.query(
            "SELECT hand_over_leases(\(leases.map(\.key)), \(leases.map(\.fence)))"
        )
        return try Database.decoding { () throws(PostgresError) in
            Set(try rows.first?.decode([String].self, at: 0) ?? [])
        }
    }

    /// Forgets leases of an engine under which there is nothing.
    package func drop(_ keys: [String], of engine: UUID) async throws(StoreError) {
        guard !keys.isEmpty else { return }
        try await self.database.execute("SELECT drop_leases(\(engine), \(keys))")
    }

    /// Notes that an engine has stopped: others may take its leases at once.
    package func retire(_ engine: UUID) async throws(StoreError) {
        try await self.database.execute("SELECT retire_engine(\(engine))")
    }

    /// The engine that works for a campaign; nil when none does.
    package func engine(ofCampaign campaign: UUID) async throws(StoreError) -> EngineIdentity? {
        try await self.engine(
            """
            SELECT e.uuid, e.name FROM campaign c JOIN campaign_lease l ON l.key = lease_key(c.uuid, c.dest)
                JOIN engine e ON e.uuid = l.engine AND e.tm_until > clock_timestamp()
            WHERE c.uuid = \(campaign)
            """
        )
    }

    /// The engine that follows a call; nil when none does.
    package func engine(ofDialing dialing: UUID) async throws(StoreError) -> EngineIdentity? {
        try await self.engine(
            """
            SELECT e.uuid, e.name FROM dialing d JOIN campaign_lease l ON l.fence = d.fence
                JOIN engine e ON e.uuid = l.engine AND e.tm_until > clock_timestamp()
            WHERE d.uuid = \(dialing)
            """
        )
    }

    private func engine(_ query: PostgresQuery) async throws(StoreError) -> EngineIdentity? {
        let rows = try await self.database.query(query)
        return try Database.decoding { () throws(PostgresError) in
            guard let row = rows.first else { return nil }
            let (uuid, name) = try row.decode((UUID, String).self)
            return EngineIdentity(uuid: uuid, name: name)
        }
    }
}
