import DialerModel

import struct Foundation.UUID

/// The plans. Every call may throw ``StoreError/unavailable(_:)`` and ``StoreError/invalid(_:)``.
package struct PlanRepository: Sendable {
    private let table: ResourceTable<Plan>
    private let references: CampaignReferences

    init(database: Database) {
        self.table = ResourceTable(database: database)
        self.references = CampaignReferences(kind: .plan, column: "plan")
    }

    /// Stores a new plan and returns it as stored.
    package func create(_ plan: Plan) async throws(StoreError) -> Plan {
        try await self.table.create(plan)
    }

    /// The plan, unless there is none or it is deleted.
    package func find(_ uuid: UUID) async throws(StoreError) -> Plan? {
        try await self.table.find(uuid)
    }

    /// Plans in use, in the order of their creation.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<Plan> {
        try await self.table.page(request)
    }

    /// Changes a plan; changes made at the same time wait for each other, so none is lost. `change` may run more than once.
    ///
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/invalid(_:)`` with what `change` threw.
    package func update(
        _ uuid: UUID,
        _ change: @Sendable (inout Plan) throws(ValidationError) -> Void
    ) async throws(StoreError) -> Plan {
        try await self.table.update(uuid, change)
    }

    /// Takes a plan out of use and returns it.
    ///
    /// - Parameter force: Removes the plan from the campaigns that have it, in the same transaction.
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/referenced(_:_:by:)`` without `force`.
    package func delete(_ uuid: UUID, force: Bool) async throws(StoreError) -> Plan {
        try await self.table.database.transaction { transaction throws(StoreError) in
            _ = try await self.table.lock(uuid, for: "UPDATE", in: transaction)
            try await self.references.release(uuid, force: force, in: transaction)
            return try await self.table.written(self.table.deletion(uuid), in: transaction)
        }
    }
}
