import struct Foundation.UUID

/// A lease somebody has to hold, or holds.
package struct LeaseNeed: Sendable, Hashable {
    package var key: String
    /// nil when nobody ever held it.
    package var fence: Int64?
    /// The start of an engine that held it last.
    package var engine: UUID?
    package var successor: UUID?
    /// How many campaigns under it want an engine.
    package var campaigns: Int
    /// Whether there is anything under it, campaigns or calls.
    package var isUsed: Bool

    package init(
        key: String, fence: Int64?, engine: UUID?, successor: UUID? = nil, campaigns: Int, isUsed: Bool = true
    ) {
        self.key = key
        self.fence = fence
        self.engine = engine
        self.successor = successor
        self.campaigns = campaigns
        self.isUsed = isUsed
    }
}
