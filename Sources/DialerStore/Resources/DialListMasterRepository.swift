import DialerModel
import ListImport
import PostgresClient

import struct Foundation.UUID

/// The dial list masters. Every call may throw ``StoreError/unavailable(_:)`` and ``StoreError/invalid(_:)``.
package struct DialListMasterRepository: Sendable {
    private let table: ResourceTable<DialListMaster>
    private let references = ListReferences()

    init(database: Database) {
        self.table = ResourceTable(database: database)
    }

    /// Stores a new list and returns it as stored.
    package func create(_ dlma: DialListMaster) async throws(StoreError) -> DialListMaster {
        do throws(ValidationError) {
            try NumberRules.check(dlma)
        } catch {
            throw .invalid(error)
        }
        return try await self.table.create(dlma)
    }

    /// The list, unless there is none or it is deleted.
    package func find(_ uuid: UUID) async throws(StoreError) -> DialListMaster? {
        try await self.table.find(uuid)
    }

    /// Lists in use, in the order of their creation.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<DialListMaster> {
        try await self.table.page(request)
    }

    /// Changes a list; changes made at the same time wait for each other, so none is lost. `change` may run more than once.
    ///
    /// Another order holds at once; where priority or chance count, ``rearrange()`` brings the contacts that are there into it.
    ///
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/invalid(_:)`` with what `change` threw.
    package func update(
        _ uuid: UUID,
        _ change: @Sendable (inout DialListMaster) throws(ValidationError) -> Void
    ) async throws(StoreError) -> DialListMaster {
        try await self.table.database.transaction { transaction throws(StoreError) in
            let before = try await self.table.lock(uuid, for: "NO KEY UPDATE", in: transaction)
            let after = try self.table.changed(before) { (dlma: inout DialListMaster) throws(ValidationError) in
                try change(&dlma)
                try NumberRules.check(dlma)
            }
            let changed = try await self.table.written(try self.table.rewriting(after, before: before), in: transaction)
            if !changed.isArranged(like: before) {
                try await transaction.query("SELECT request_rearrangement(\(uuid))")
            }
            return changed
        }
    }

    /// Brings some contacts of lists whose order changed into it, in one short transaction; the dialing goes on meanwhile. May be called
    /// by several at once.
    ///
    /// - Returns: false when there is nothing to do now.
    package func rearrange() async throws(StoreError) -> Bool {
        let rows = try await self.table.database.query("SELECT rearrange_contacts(\(Self.contactsInAPiece)::integer)")
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Bool.self, at: 0) ?? false }
    }

    private static let contactsInAPiece = 2_000

    /// Takes a list out of use and returns it.
    ///
    /// Its contacts are gone for everybody with the list: none of them is dialed any more. Their rows follow by a job, at once when
    /// they are few.
    ///
    /// - Parameters:
    ///   - force: Removes the list from the campaigns that have it, in the same transaction.
    ///   - deleteEntries: Takes its contacts out of use as well.
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/referenced(_:_:by:)`` when campaigns refer to it and `force` is not
    ///   given, or contacts are on it and `deleteEntries` is not.
    package func delete(_ uuid: UUID, force: Bool, deleteEntries: Bool) async throws(StoreError) -> DialListMaster {
        let (deleted, job) = try await self.table.database.transaction { transaction throws(StoreError) in
            _ = try await self.table.lock(uuid, for: "UPDATE", in: transaction)
            try await self.references.release(uuid, force: force, in: transaction)
            let entries = try await self.entries(of: uuid, in: transaction)
            guard deleteEntries || entries.isEmpty else { throw .referenced(.dlma, uuid, by: entries) }
            try await ListJobRepository.endAll(of: uuid, in: transaction)
            var job: ListJob?
            if !entries.isEmpty { job = try await ListJobRepository.insert(UUID(), .delete, of: uuid, in: transaction) }
            return (try await self.table.written(self.table.deletion(uuid), in: transaction), job)
        }
        // The list is deleted, whatever becomes of this; the rows follow later then.
        if let job { _ = try? await ListJobRepository(database: self.table.database).hurry(job) }
        return deleted
    }

    private func entries(of uuid: UUID, in transaction: Database.Transaction) async throws(StoreError) -> [Reference] {
        let rows = try await transaction.query(
            """
            SELECT uuid, name FROM dial_list_entry WHERE dlma_uuid = \(uuid) AND in_use
            ORDER BY seq LIMIT \(ResourceReferences.namedReferences)
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            try rows.decode((UUID, String?).self).map { Reference(kind: .dl, uuid: $0.0, name: $0.1) }
        }
    }
}

extension DialListMaster {
    /// Whether contacts stand in the same places with either order: these depend on chance or priority, or else on nothing stored.
    fileprivate func isArranged(like other: Self) -> Bool {
        (self.order == .priority) == (other.order == .priority)
            && (self.order == .random ? self.orderSeed : nil) == (other.order == .random ? other.orderSeed : nil)
    }
}
