import DialerModel
import ListImport
import PostgresClient

import struct Foundation.UUID

/// The contacts of all lists. Every call may throw ``StoreError/unavailable(_:)`` and ``StoreError/invalid(_:)``.
package struct DialListEntryRepository: Sendable {
    private let table: ResourceTable<DialListEntry>

    init(database: Database) {
        self.table = ResourceTable(database: database)
    }

    /// Stores a new contact and returns it as stored.
    ///
    /// - Throws: ``StoreError/danglingReference(field:_:_:)`` when its list does not exist or is deleted.
    package func create(_ entry: DialListEntry) async throws(StoreError) -> DialListEntry {
        var entry = entry
        // A call in progress comes from a claim and from nowhere else.
        entry.dialing = nil
        entry.dialingCampaign = nil
        entry.dialingPlan = nil
        if entry.status == .dialing { entry.status = .idle }
        let given = entry
        return try await self.table.database.transaction { transaction throws(StoreError) in
            // Held against a change of its order, too: that either is seen here or finds the contact.
            let list = try await Self.requireList(given.dlma, for: "SHARE", in: transaction)
            let cleaned = try Self.cleaned(given, before: nil, NumberRules(list))
            let created = try await self.table.written(try self.table.insertion(cleaned), in: transaction)
            if list.order == .random || list.order == .priority {
                try await transaction.execute(
                    """
                    UPDATE dial_list_entry SET uses_priority = \(list.order == .priority),
                        rank = contact_rank(\(list.order.rawValue)::text, \(list.orderSeed)::integer, uuid)
                    WHERE uuid = \(created.uuid)
                    """
                )
            }
            return created
        }
    }

    /// The contact, unless there is none or it is deleted.
    package func find(_ uuid: UUID) async throws(StoreError) -> DialListEntry? {
        try await self.table.find(uuid)
    }

    /// Contacts in use of every list in use, in the order of their creation.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<DialListEntry> {
        let after = request.cursor?.sequence ?? 0
        let limit = request.boundedLimit
        // Each list has its contacts in order; taking the first of each and then the first of these needs no index of its own.
        let rows = try await self.table.database.query(
            """
            SELECT e.seq, \(unescaped: DialListEntry.columnList(prefix: "e."))
            FROM dial_list_master l
            CROSS JOIN LATERAL (
                SELECT * FROM dial_list_entry e
                WHERE e.dlma_uuid = l.uuid AND e.in_use AND e.seq > \(after) ORDER BY e.seq LIMIT \(limit + 1)
            ) AS e
            WHERE l.in_use
            ORDER BY e.seq LIMIT \(limit + 1)
            """
        )
        return try self.table.page(rows, limit: limit)
    }

    /// Contacts in use of one list, in the order of their creation; an empty page when the list does not exist or is
    /// deleted.
    package func page(dlma: UUID, _ request: PageRequest) async throws(StoreError) -> Page<DialListEntry> {
        let rows = try await self.table.database.query(
            """
            SELECT seq, \(unescaped: DialListEntry.columnList()) FROM dial_list_entry
            WHERE dlma_uuid = \(dlma) AND in_use AND seq > \(request.cursor?.sequence ?? 0)
                AND EXISTS (SELECT FROM dial_list_master l WHERE l.uuid = \(dlma) AND l.in_use)
            ORDER BY seq LIMIT \(request.boundedLimit + 1)
            """
        )
        return try self.table.page(rows, limit: request.boundedLimit)
    }

    /// Changes a contact; changes made at the same time wait for each other, so none is lost. `change` may run more than once.
    ///
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/danglingReference(field:_:_:)`` when it moves to a list that is not
    ///   there, ``StoreError/invalid(_:)`` with what `change` threw, or when it would free a contact that is being dialed.
    package func update(
        _ uuid: UUID,
        _ change: @Sendable (inout DialListEntry) throws(ValidationError) -> Void
    ) async throws(StoreError) -> DialListEntry {
        try await self.table.database.transaction { transaction throws(StoreError) in
            let before = try await self.table.lock(uuid, for: "NO KEY UPDATE", in: transaction)
            var after = try self.table.changed(before, by: change)
            after.dialing = before.dialing
            after.dialingCampaign = before.dialingCampaign
            after.dialingPlan = before.dialingPlan
            if after.status != before.status, before.status == .dialing || after.status == .dialing {
                throw .invalid(
                    ValidationError(
                        field: "status",
                        message: before.status == .dialing
                            ? "status: the contact is being dialed; hang the call up first"
                            : "status: expected 0 (idle) or 2 (reserved); 1 is set by dialing alone"
                    )
                )
            }
            if after.dlma != before.dlma || after.numbers != before.numbers {
                let list = try await Self.requireList(after.dlma, in: transaction)
                after = try Self.cleaned(after, before: after.dlma == before.dlma ? before : nil, NumberRules(list))
            }
            // A reservation by the engine ends with any change of its status, and then has no end of its own any more.
            let extra = after.status == before.status ? "" : ", resv_until = NULL, resv_campaign_uuid = NULL"
            return try await self.table.written(
                try self.table.rewriting(after, before: before, extra: extra), in: transaction
            )
        }
    }

    /// Takes a contact out of use and returns it. A call in progress goes on, and its result is kept.
    ///
    /// - Parameter force: Changes nothing: nothing refers to a contact.
    /// - Throws: ``StoreError/notFound(_:_:)``.
    package func delete(_ uuid: UUID, force: Bool) async throws(StoreError) -> DialListEntry {
        let rows = try await self.table.database.query(self.table.deletion(uuid))
        guard let entry = try self.table.first(rows) else { throw .notFound(.dl, uuid) }
        return entry
    }

    private static func cleaned(
        _ entry: DialListEntry, before: DialListEntry?, _ rules: NumberRules
    ) throws(StoreError) -> DialListEntry {
        var cleaned = entry
        do throws(ValidationError) {
            try rules.clean(&cleaned, before: before)
        } catch {
            throw .invalid(error)
        }
        return cleaned
    }

    /// Keeps a list from being deleted until the transaction ends.
    ///
    /// - Parameter strength: `KEY SHARE`, beside which the list can be changed, or `SHARE`.
    private static func requireList(
        _ uuid: UUID, for strength: String = "KEY SHARE", in transaction: Database.Transaction
    ) async throws(StoreError) -> DialListMaster {
        let rows = try await transaction.query(
            """
            SELECT \(unescaped: DialListMaster.columnList()) FROM dial_list_master
            WHERE uuid = \(uuid) AND in_use FOR \(unescaped: strength)
            """
        )
        guard let row = rows.first else { throw .danglingReference(field: "dlma_uuid", .dlma, uuid) }
        return try Database.decoding { () throws(PostgresError) in try DialListMaster(row: row) }
    }
}
