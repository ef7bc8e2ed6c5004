import DialerModel

import struct Foundation.UUID

/// The destinations. Every call may throw ``StoreError/unavailable(_:)`` and ``StoreError/invalid(_:)``.
package struct DestinationRepository: Sendable {
    private let table: ResourceTable<Destination>
    private let references: [ResourceReferences]

    init(database: Database) {
        self.table = ResourceTable(database: database)
        self.references = [
            ResourceReferences(kind: .destination, column: "dest"),
            ResourceReferences(kind: .destination, referrer: .plan, column: "abandon_dest"),
            ResourceReferences(
                kind: .destination, referrer: .plan, column: "machine_dest",
                // Diverting needs somewhere to divert to.
                consequences:
                    ", machine_handle = CASE machine_handle WHEN 'divert' THEN 'connect' ELSE machine_handle END"
            ),
        ]
    }

    /// Stores a new destination and returns it as stored.
    package func create(_ destination: Destination) async throws(StoreError) -> Destination {
        try await self.table.create(destination)
    }

    /// The destination, unless there is none or it is deleted.
    package func find(_ uuid: UUID) async throws(StoreError) -> Destination? {
        try await self.table.find(uuid)
    }

    /// Destinations in use, in the order of their creation.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<Destination> {
        try await self.table.page(request)
    }

    /// Changes a destination; changes made at the same time wait for each other, so none is lost. `change` may run more than once.
    ///
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/invalid(_:)`` with what `change` threw.
    package func update(
        _ uuid: UUID,
        _ change: @Sendable (inout Destination) throws(ValidationError) -> Void
    ) async throws(StoreError) -> Destination {
        try await self.table.update(uuid, change)
    }

    /// Takes a destination out of use and returns it.
    ///
    /// - Parameter force: Removes the destination from the campaigns and plans that have it, in the same transaction; a plan that
    ///   diverts machines to it connects them from then on.
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/referenced(_:_:by:)`` without `force`.
    package func delete(_ uuid: UUID, force: Bool) async throws(StoreError) -> Destination {
        try await self.table.database.transaction { transaction throws(StoreError) in
            _ = try await self.table.lock(uuid, for: "UPDATE", in: transaction)
            for references in self.references {
                try await references.release(uuid, force: force, in: transaction)
            }
            return try await self.table.written(self.table.deletion(uuid), in: transaction)
        }
    }
}
