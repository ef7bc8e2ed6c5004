import DialerModel

/// A campaign with everything it needs to dial, as it is now.
struct CampaignAssignment: Sendable, Hashable {
    var campaign: Campaign
    var plan: Plan
    var destination: Destination
    var dlma: DialListMaster
    /// nil when the campaign has no schedule.
    var schedule: ScheduleRules?

    var pool: AgentPool { AgentPool(self.destination) }

    /// Whether pacing counts agents; everything else goes as fast as the lines carry.
    var isPaced: Bool { self.pool.queue != nil && self.plan.dialMode != .robo }
}
