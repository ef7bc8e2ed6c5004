import DialerModel
import PostgresClient

import struct Foundation.UUID

/// The campaigns. Every call may throw ``StoreError/unavailable(_:)`` and ``StoreError/invalid(_:)``.
package struct CampaignRepository: Sendable {
    let table: ResourceTable<Campaign>
    private let references = ResourceReferences(kind: .campaign, column: "next_campaign")

    init(database: Database) {
        self.table = ResourceTable(database: database)
    }

    /// Stores a new campaign and returns it as stored.
    ///
    /// - Throws: ``StoreError/danglingReference(field:_:_:)`` when a part it names does not exist or is deleted.
    package func create(_ campaign: Campaign) async throws(StoreError) -> Campaign {
        let insertion = try self.table.insertion(campaign)
        return try await self.table.database.transaction { transaction throws(StoreError) in
            try await self.requireParts(of: campaign, before: nil, in: transaction)
            return try await self.table.written(insertion, in: transaction)
        }
    }

    /// The campaign, unless there is none or it is deleted.
    package func find(_ uuid: UUID) async throws(StoreError) -> Campaign? {
        try await self.table.find(uuid)
    }

    /// Campaigns in use, in the order of their creation.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<Campaign> {
        try await self.table.page(request)
    }

    /// ``update(_:endNote:_:)`` without a note.
    package func update(
        _ uuid: UUID,
        _ change: @Sendable (inout Campaign) throws(ValidationError) -> Void
    ) async throws(StoreError) -> Campaign {
        try await self.update(uuid, endNote: { _ in nil }, change)
    }

    /// Changes a campaign; changes made at the same time wait for each other, so none is lost. `change` may run more than once.
    ///
    /// - Parameter endNote: Why the changed campaign ended, stored in the same transaction; nil leaves what is noted.
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/danglingReference(field:_:_:)`` when a part it newly names is not
    ///   there, ``StoreError/invalid(_:)`` with what `change` threw, or when campaigns would follow each other in a circle.
    package func update(
        _ uuid: UUID,
        endNote: @Sendable (Campaign) -> CampaignEndNote?,
        _ change: @Sendable (inout Campaign) throws(ValidationError) -> Void
    ) async throws(StoreError) -> Campaign {
        try await self.table.database.transaction { transaction throws(StoreError) in
            let before = try await self.table.lock(uuid, for: "NO KEY UPDATE", in: transaction)
            let after = try self.table.changed(before, by: change)
            try await self.requireParts(of: after, before: before, in: transaction)
            let note = endNote(after)
            if let note {
                try await transaction.execute(
                    """
                    UPDATE campaign SET end_reason = \(note.reason.rawValue)::smallint, end_window = \(optional: note.window)::text
                    WHERE uuid = \(uuid)
                    """
                )
            }
            return try await self.table.written(
                try self.table.rewriting(
                    after,
                    before: before,
                    extra: note == nil ? Self.noteClearing(after.status, from: before.status) : ""
                ),
                in: transaction
            )
        }
    }

    /// Takes a campaign out of use, stopped, and returns it. Its calls in progress go on.
    ///
    /// - Parameter force: Removes the campaign from those it follows, in the same transaction.
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/referenced(_:_:by:)`` without `force`.
    package func delete(_ uuid: UUID, force: Bool) async throws(StoreError) -> Campaign {
        try await self.table.database.transaction { transaction throws(StoreError) in
            _ = try await self.table.lock(uuid, for: "UPDATE", in: transaction)
            try await self.references.release(uuid, force: force, in: transaction)
            return try await self.table.written(self.table.deletion(uuid, extra: ", status = 0"), in: transaction)
        }
    }

    /// Moves a campaign from one of some states to another, if it is in one of them at that moment.
    ///
    /// - Parameter note: Why it ended. Kept until the campaign is started again.
    /// - Returns: The campaign after the change; nil when it was in none of `from`, deleted or unknown.
    package func setStatus(
        _ uuid: UUID,
        from: Set<CampaignStatus>,
        to status: CampaignStatus,
        note: CampaignEndNote? = nil
    ) async throws(StoreError) -> Campaign? {
        let isStart = status == .starting || status == .start
        let rows = try await self.table.database.query(
            """
            UPDATE campaign SET status = \(status.rawValue), tm_update = clock_timestamp(),
                end_reason = CASE WHEN \(note != nil) THEN \(optional: note?.reason.rawValue)::smallint WHEN \(isStart) THEN NULL
                    ELSE end_reason END,
                end_window = CASE WHEN \(note != nil) THEN \(optional: note?.window)::text WHEN \(isStart) THEN NULL ELSE end_window END
            WHERE uuid = \(uuid) AND in_use AND status = ANY (\(from.map(\.rawValue)))
            RETURNING \(unescaped: Campaign.columnList())
            """
        )
        return try self.table.first(rows)
    }

    /// The campaigns an engine has to look after: those that are neither stopped nor paused, and those with a schedule.
    package func needingEngine() async throws(StoreError) -> [CampaignState] {
        let rows = try await self.table.database.query(
            """
            SELECT end_reason, end_window, lease_key(uuid, dest), \(unescaped: Campaign.columnList()) FROM campaign
            WHERE in_use AND (status NOT IN (0, 2) OR sc_mode = 1)
            ORDER BY seq
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            var states: [CampaignState] = []
            for row in rows { states.append(try Self.state(row)) }
            return states
        }
    }

    /// One campaign with its end note; nil when it is deleted or unknown.
    package func state(_ uuid: UUID) async throws(StoreError) -> CampaignState? {
        let rows = try await self.table.database.query(
            """
            SELECT end_reason, end_window, lease_key(uuid, dest), \(unescaped: Campaign.columnList())
            FROM campaign WHERE uuid = \(uuid) AND in_use
            """
        )
        guard let row = rows.first else { return nil }
        return try Database.decoding { () throws(PostgresError) in try Self.state(row) }
    }

    /// What is created, changed and deleted, in every process: campaigns, plans, destinations and lists. Begins with
    /// ``ResourceChange/everything`` as soon as nothing can be missed any more. The stream lasts until it is dropped or the
    /// client is closed, and has one reader.
    package func changes() -> AsyncStream<ResourceChange> {
        let notifications = self.table.database.client.listen(ResourceChange.channel)
        return AsyncStream {
            for await notification in notifications { return ResourceChange(notification) }
            return nil
        }
    }

    /// The assignments that clear the end note of a campaign that is being started; a comma before each.
    private static func noteClearing(_ status: CampaignStatus, from before: CampaignStatus) -> String {
        status != before && (status == .starting || status == .start) ? ", end_reason = NULL, end_window = NULL" : ""
    }

    private static func state(_ row: PostgresRow) throws(PostgresError) -> CampaignState {
        let reason = try row.decode(Int?.self, at: 0).flatMap(CampaignEndNote.Reason.init(rawValue:))
        let window = try row.decode(String?.self, at: 1)
        return CampaignState(
            campaign: try Campaign(row: row, from: 3),
            endNote: reason.map { CampaignEndNote(reason: $0, window: window) },
            leaseKey: try row.decode(String.self, at: 2)
        )
    }
}
