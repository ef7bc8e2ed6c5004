import DialerModel

import struct Foundation.UUID

/// An engine that works on the database, or did.
package struct EngineRecord: Sendable, Hashable {
    /// This start of it.
    package var uuid: UUID
    package var name: String
    /// How long it still holds its leases without saying that it lives; nil when it holds none any more.
    package var remaining: Duration?
    /// The end of its leases by PostgreSQL's clock, as it said last: another at each sign of life.
    package var heldUntil: Timestamp

    package init(uuid: UUID, name: String, remaining: Duration?, heldUntil: Timestamp = Timestamp(microseconds: 0)) {
        self.uuid = uuid
        self.name = name
        self.remaining = remaining
        self.heldUntil = heldUntil
    }

    package var isLive: Bool { self.remaining != nil }
}
