import DialerModel
import DialerStore
import PostgresClient
import Testing

import struct Foundation.UUID

extension Site {
    /// The key of the lease that covers ``campaign``.
    static let salesKey = "queue:sales"

    /// An engine that lives for `lease`, and holds what was free when it came.
    func engine(_ name: String, lease: Duration = .seconds(3600)) async throws -> UUID {
        let engine = UUID()
        _ = try await self.store.leases.register(name, engine, lease: lease)
        return engine
    }

    /// Gives the campaign's lease to an engine.
    ///
    /// - Returns: its fence; nil when somebody live holds it.
    func giveSales(to engine: UUID) async throws -> Int64? {
        let need = try await self.store.leases.picture().needs.first { $0.key == Self.salesKey }
        let move = LeaseMove(key: Self.salesKey, fence: need?.fence, engine: engine)
        guard try await self.store.leases.assign([move]) == 1 else { return nil }
        return try await self.fence(of: engine)
    }

    /// The fence of the campaign's lease, when the engine holds it.
    func fence(of engine: UUID) async throws -> Int64? {
        try await self.store.leases.renew(engine, lease: .seconds(3600)).first { $0.key == Self.salesKey }?.fence
    }

    /// As if the engine had been silent for as long as its leases were good.
    func silence(_ engine: UUID) async throws {
        try await self.client.execute(
            "UPDATE engine SET tm_until = clock_timestamp() - interval '1 second' WHERE uuid = \(engine)")
    }

    /// Claims under a lease.
    func claim(_ count: Int, at seconds: Int = 0, fence: Int64, engine: String) async throws -> [Dialing] {
        var request = self.request(count: count, at: seconds)
        request.lease = LeaseTicket(fence: fence, engine: engine)
        return try await self.store.claims.claim(request).dialings
    }
}
