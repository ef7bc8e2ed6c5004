import struct Foundation.UUID

/// An engine that works on the database, or did.
package struct EngineRecord: Sendable, Hashable {
    /// This start of it.
    package var uuid: UUID
    package var name: String
    /// How long it still holds its leases without saying that it lives; nil when it holds none any more.
    package var remaining: Duration?

    package init(uuid: UUID, name: String, remaining: Duration?) {
        self.uuid = uuid
        self.name = name
        self.remaining = remaining
    }

    package var isLive: Bool { self.remaining != nil }
}
