import DialerModel

import struct Foundation.UUID

/// A campaign with everything it needs to dial, as it is now.
struct CampaignAssignment: Sendable, Hashable {
    var campaign: Campaign
    /// See ``CampaignState/leaseKey``.
    var leaseKey: String
    var plan: Plan
    var destination: Destination
    /// Those of the campaign's lists that are there, in its order; at least one.
    var lists: [DialListMaster]
    /// nil when the campaign has no schedule.
    var schedule: ScheduleRules?

    /// The destinations the plan may send answered calls to, beside the campaign's own.
    var detours: [Detour: Destination] = [:]

    /// ``detours`` by their uuids.
    var detourDestinations: [UUID: Destination] {
        Dictionary(self.detours.values.map { ($0.uuid, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var pool: AgentPool { AgentPool(self.destination) }

    /// Whether pacing counts agents; everything else goes as fast as the lines carry.
    var isPaced: Bool { self.pool.queue != nil && self.plan.dialMode != .robo }
}
