import DialerModel

import struct Foundation.UUID

/// The plans. Every call may throw ``StoreError/unavailable(_:)`` and ``StoreError/invalid(_:)``.
package struct PlanRepository: Sendable {
    private let table: ResourceTable<Plan>
    private let references: ResourceReferences

    init(database: Database) {
        self.table = ResourceTable(database: database)
        self.references = ResourceReferences(kind: .plan, column: "plan")
    }

    /// Stores a new plan and returns it as stored.
    ///
    /// - Throws: ``StoreError/danglingReference(field:_:_:)`` when a destination it names does not exist or is deleted.
    package func create(_ plan: Plan) async throws(StoreError) -> Plan {
        guard plan.abandonDestination != nil || plan.machineDestination != nil else {
            return try await self.table.create(plan)
        }
        let insertion = try self.table.insertion(plan)
        return try await self.table.database.transaction { transaction throws(StoreError) in
            try await self.requireDestinations(of: plan, before: nil, in: transaction)
            return try await self.table.written(insertion, in: transaction)
        }
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
    /// - Throws: ``StoreError/notFound(_:_:)``, ``StoreError/danglingReference(field:_:_:)`` when a destination it newly names is
    ///   not there, ``StoreError/invalid(_:)`` with what `change` threw.
    package func update(
        _ uuid: UUID,
        _ change: @Sendable (inout Plan) throws(ValidationError) -> Void
    ) async throws(StoreError) -> Plan {
        try await self.table.database.transaction { transaction throws(StoreError) in
            let before = try await self.table.lock(uuid, for: "NO KEY UPDATE", in: transaction)
            let after = try self.table.changed(before, by: change)
            try await self.requireDestinations(of: after, before: before, in: transaction)
            return try await self.table.written(try self.table.rewriting(after, before: before), in: transaction)
        }
    }

    /// Makes sure that the destinations a plan newly names exist, and keeps them from being deleted until the transaction ends.
    private func requireDestinations(
        of plan: Plan, before: Plan?, in transaction: Database.Transaction
    ) async throws(StoreError) {
        if let destination = plan.abandonDestination, destination != before?.abandonDestination {
            try await transaction.require(destination, .destination, in: Destination.table, field: "abandon_dest")
        }
        if let destination = plan.machineDestination, destination != before?.machineDestination {
            try await transaction.require(destination, .destination, in: Destination.table, field: "machine_dest")
        }
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
