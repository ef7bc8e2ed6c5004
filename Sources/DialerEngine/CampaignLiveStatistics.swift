import Pacing

/// A campaign at this moment, as its engine sees it.
package struct CampaignLiveStatistics: Sendable, Hashable, Codable {
    /// Calls in progress, all stages together.
    package var inProgress = 0
    /// Placed, not answered yet.
    package var ringing = 0
    /// Answered, waiting for an agent.
    package var waiting = 0
    /// With an agent, parked or in an application.
    package var connected = 0
    /// Members of the destination's queue; nil when the destination is no queue or its PBX is away.
    package var agents: Int?
    package var agentsIdle: Int?
    package var agentsTalking: Int?
    package var agentsPaused: Int?
    /// Live answers and abandoned calls, those in progress included where it is certain what they count as; nil when not kept here.
    package var day: AbandonWindow.Counts?
    package var thirtyDays: AbandonWindow.Counts?

    /// Why predictive pacing places as many calls as it does; nil when another rule decides, or before its first look.
    package var pacingState: PacingState?

    /// Whether the engine that was asked runs the campaign itself; otherwise another told it.
    package var isOwn = true

    package init() {}
}
