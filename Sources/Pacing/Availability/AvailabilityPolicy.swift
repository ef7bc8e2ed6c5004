import DialerModel

/// jade's rule in the form its documents give it: one call per agent who is free, plus the plan's allowance.
///
/// - Predictive: idle agents − callers waiting − calls not yet answered + `service_level`. Calls an agent already has do not count:
///   that agent is not idle either.
/// - Power: `pacing_ratio` calls in the making per agent free after the callers waiting are served, plus `service_level`.
/// - Robo, and every destination but a queue: as many as the lines carry.
/// - Preview: nothing by itself; a person says when.
package struct AvailabilityPolicy: PacingPolicy {
    package init() {}

    package func callsToPlace(_ situation: PacingSituation) -> Int {
        switch situation.dialMode {
        case .none, .redirect, .preview: return 0
        case .robo: return .max
        case .predictive, .power: break
        }
        let agents: PacingSituation.Agents
        switch situation.takers {
        case .unlimited: return .max
        case .unknownQueue: agents = PacingSituation.Agents(idle: 0)
        case .queue(let known): agents = known
        }
        // Every free agent is spoken for by a caller who waits or is about to.
        let free = max(0, agents.idle) - max(0, agents.callersWaiting) - max(0, situation.answeredUnqueued)
        let allowance = max(0, situation.serviceLevel)
        let underway = max(0, situation.unanswered)
        guard situation.dialMode == .power else { return max(0, free - underway + allowance) }
        let wanted = min(max(0, situation.ratio * Double(max(0, free))), 1_000_000).rounded(.down)
        // Callers waiting beyond the agents there are eat into the allowance, as they do without a ratio.
        return max(0, Int(wanted) + min(0, free) - underway + allowance)
    }
}
