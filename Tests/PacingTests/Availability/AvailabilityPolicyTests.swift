import DialerModel
import Pacing
import Testing

import struct Foundation.UUID

@Suite struct AvailabilityPolicyTests {
    private let policy = AvailabilityPolicy()

    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var mode = DialMode.predictive
        var takers: PacingSituation.Takers
        var unanswered = 0
        var answeredUnqueued = 0
        var serviceLevel = 0
        var ratio = 1.0
        var calls: Int

        var testDescription: String { self.name }
    }

    static func queue(_ idle: Int, waiting: Int = 0) -> PacingSituation.Takers {
        .queue(PacingSituation.Agents(idle: idle, callersWaiting: waiting))
    }

    static let rows: [Row] = [
        Row(name: "three idle agents", takers: queue(3), calls: 3),
        Row(name: "calls not answered count", takers: queue(3), unanswered: 2, calls: 1),
        Row(name: "as many calls as agents", takers: queue(3), unanswered: 3, calls: 0),
        Row(name: "more calls than agents", takers: queue(3), unanswered: 9, calls: 0),
        Row(name: "callers waiting count", takers: queue(3, waiting: 2), calls: 1),
        Row(name: "answered and not yet in the queue counts", takers: queue(3), answeredUnqueued: 1, calls: 2),
        Row(name: "the allowance adds", takers: queue(3), unanswered: 1, serviceLevel: 2, calls: 4),
        Row(name: "the allowance stands without agents", takers: queue(0), serviceLevel: 2, calls: 2),
        Row(name: "waiting callers eat the allowance", takers: queue(0, waiting: 1), serviceLevel: 2, calls: 1),
        Row(name: "a negative allowance is none", takers: queue(2), serviceLevel: -5, calls: 2),
        Row(name: "no agents, no calls", takers: queue(0), calls: 0),
        Row(name: "an unknown queue has the allowance", takers: .unknownQueue, serviceLevel: 1, calls: 1),
        Row(name: "an unknown queue has no agents", takers: .unknownQueue, calls: 0),
        Row(name: "park is unlimited", takers: .unlimited, unanswered: 500, calls: .max),
        Row(name: "power dials the ratio", mode: .power, takers: queue(4), ratio: 1.5, calls: 6),
        Row(name: "power rounds down", mode: .power, takers: queue(3), ratio: 1.5, calls: 4),
        Row(name: "power counts calls", mode: .power, takers: queue(4), unanswered: 5, ratio: 1.5, calls: 1),
        Row(name: "power serves waiting callers first", mode: .power, takers: queue(4, waiting: 2), ratio: 3, calls: 6),
        Row(
            name: "power with more waiting than agents", mode: .power, takers: queue(1, waiting: 3), serviceLevel: 3,
            ratio: 3, calls: 1),
        Row(name: "power with a mad ratio", mode: .power, takers: queue(1), ratio: .infinity, calls: 1_000_000),
        Row(name: "robo needs nobody", mode: .robo, takers: queue(0), calls: .max),
        Row(name: "preview dials by itself never", mode: .preview, takers: queue(5), serviceLevel: 5, calls: 0),
        Row(name: "mode none", mode: .none, takers: .unlimited, calls: 0),
        Row(name: "redirect", mode: .redirect, takers: .unlimited, calls: 0),
    ]

    @Test("calls to place", arguments: rows)
    func table(row: Row) {
        let situation = PacingSituation(
            dialMode: row.mode,
            takers: row.takers,
            unanswered: row.unanswered,
            answeredUnqueued: row.answeredUnqueued,
            serviceLevel: row.serviceLevel,
            ratio: row.ratio
        )
        #expect(self.policy.callsToPlace(situation) == row.calls)
    }

    @Test("a situation takes mode, allowance and ratio from the plan")
    func fromPlan() {
        var plan = Plan(uuid: UUID())
        plan.dialMode = .power
        plan.pacingRatio = 2
        plan.serviceLevel = 1
        let situation = PacingSituation(plan: plan, takers: Self.queue(2), unanswered: 0)
        #expect(self.policy.callsToPlace(situation) == 5)
    }

    @Test("never negative, and placing what is wanted leaves nothing wanted")
    func settles() {
        for idle in -1...12 {
            for waiting in -1...6 {
                for unanswered in -1...12 {
                    for mode in [DialMode.predictive, .power] {
                        for ratio in [0, 0.5, 1, 2.7] {
                            var situation = PacingSituation(
                                dialMode: mode, takers: Self.queue(idle, waiting: waiting), unanswered: unanswered,
                                serviceLevel: unanswered % 3, ratio: ratio
                            )
                            let wanted = self.policy.callsToPlace(situation)
                            #expect(wanted >= 0)
                            situation.unanswered = max(0, situation.unanswered) + wanted
                            #expect(self.policy.callsToPlace(situation) == 0)
                        }
                    }
                }
            }
        }
    }
}
