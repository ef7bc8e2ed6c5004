import DialerModel

/// Everything a decision how many calls to place depends on, at one moment.
package struct PacingSituation: Sendable, Hashable {
    /// The agents behind a queue, as the PBX shows them.
    package struct Agents: Sendable, Hashable {
        /// Signed in, not paused, not ringing or talking, not in wrap-up.
        package var idle: Int
        /// Callers waiting in the queue for one of them, from whatever campaign.
        package var callersWaiting: Int

        package init(idle: Int, callersWaiting: Int = 0) {
            self.idle = idle
            self.callersWaiting = callersWaiting
        }
    }

    /// Who takes answered calls.
    package enum Takers: Sendable, Hashable {
        /// A queue whose agents are known.
        case queue(Agents)
        /// A queue the PBX does not show: nobody can be counted on but the plan's allowance.
        case unknownQueue
        /// A parking space, another application, an extension: as many calls as come.
        case unlimited
    }

    package var dialMode: DialMode
    package var takers: Takers
    /// Calls of the campaign (and of others that feed the same queue) that are placed and not answered.
    package var unanswered: Int
    /// Calls of the campaign that are answered and have reached neither queue nor agent yet: they are on their way to an agent.
    package var answeredUnqueued: Int
    /// The plan's `service_level`: calls above the computed availability.
    package var serviceLevel: Int
    /// The plan's `pacing_ratio`: calls in the making per free agent, in power mode.
    package var ratio: Double

    package init(
        dialMode: DialMode,
        takers: Takers,
        unanswered: Int,
        answeredUnqueued: Int = 0,
        serviceLevel: Int = 0,
        ratio: Double = 1
    ) {
        self.dialMode = dialMode
        self.takers = takers
        self.unanswered = unanswered
        self.answeredUnqueued = answeredUnqueued
        self.serviceLevel = serviceLevel
        self.ratio = ratio
    }

    /// The situation of a campaign with `plan`, by the rule its `pacing` sets for predictive mode.
    package init(plan: Plan, takers: Takers, unanswered: Int, answeredUnqueued: Int = 0) {
        var dialMode = plan.dialMode
        var serviceLevel = plan.serviceLevel
        if plan.dialMode == .predictive {
            switch plan.pacing {
            case .predictive, .progressive: serviceLevel = 0
            case .ratio: dialMode = .power
            case .jade: break
            }
        }
        self.init(
            dialMode: dialMode,
            takers: takers,
            unanswered: unanswered,
            answeredUnqueued: answeredUnqueued,
            serviceLevel: serviceLevel,
            ratio: plan.pacingRatio
        )
    }
}
