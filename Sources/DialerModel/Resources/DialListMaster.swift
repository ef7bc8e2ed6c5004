import struct Foundation.UUID

/// A named list of contacts ("dlma" on the wire).
package struct DialListMaster: Sendable, Hashable {
    package var uuid: UUID
    package var name: String?
    package var detail: String?
    package var variables = JSONValue.null
    /// ISO 3166-1 alpha-2: how national numbers on the list are read; nil when they are not.
    package var defaultRegion: String?
    /// `raw` or `e164`; nil takes `e164` where a region is set, else `raw`.
    package var numberFormat: String?
    package var order = ContactOrder.leastTried
    /// Which of the random orders it is, 0 to 2147483647. Counts with ``ContactOrder/random`` alone.
    package var orderSeed = 0
    package var inUse = true
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(uuid: UUID) {
        self.uuid = uuid
    }
}
