import struct Foundation.UUID

/// A lease as its holder was told of it.
package struct HeldLease: Sendable, Hashable {
    /// What it covers; see ``CampaignState/leaseKey``.
    package var key: String
    /// Another number for every holder, growing.
    package var fence: Int64
    /// The engine it shall be handed over to.
    package var successor: UUID?

    package init(key: String, fence: Int64, successor: UUID? = nil) {
        self.key = key
        self.fence = fence
        self.successor = successor
    }
}
