import struct Foundation.UUID

/// A lease that shall go to an engine, as whoever decided so saw it.
package struct LeaseMove: Sendable, Hashable {
    package var key: String
    /// nil when nobody ever held it.
    package var fence: Int64?
    package var engine: UUID

    package init(key: String, fence: Int64?, engine: UUID) {
        self.key = key
        self.fence = fence
        self.engine = engine
    }
}
