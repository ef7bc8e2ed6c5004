import struct Foundation.UUID

/// Why calls are made: ties a plan, a destination and a dial list master together, with a schedule.
package struct Campaign: Sendable, Hashable {
    package var uuid: UUID
    package var detail: String?
    package var name: String?
    package var status = CampaignStatus.stop
    package var inUse = true
    package var variables = JSONValue.null
    /// Started when this campaign reaches its list's end.
    package var nextCampaign: UUID?
    package var plan: UUID?
    /// The only list, unless there are ``lists``; then null or one of them.
    package var dlma: UUID?
    package var destination: UUID?
    package var schedule = Schedule()
    /// Several lists, no two alike, at most 64; nil when ``dlma`` is the only one.
    package var lists: [ListShare]?
    package var listMode = ListMode.sequence
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(uuid: UUID) {
        self.uuid = uuid
    }

    /// The lists it dials, in their order; empty when it has none.
    package var dialedLists: [UUID] {
        self.lists?.map(\.dlma) ?? self.dlma.map { [$0] } ?? []
    }
}
