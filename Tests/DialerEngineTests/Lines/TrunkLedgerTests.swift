import DialerModel
import Pacing
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("The ledger of several PBXs and trunks")
struct TrunkLedgerTests {
    private func ledger(
        _ limits: [String: LineLimits], trunks: [TrunkLimits] = [],
        health: LineHealth.Rules = LineHealth.Rules(row: 3, firstPause: .seconds(5))
    ) -> LedgerState {
        var ledger = LedgerState(
            limits: limits, trunks: trunks, health: health,
            unwrittenLimit: 100_000, policy: AvailabilityPolicy(), now: .zero)
        for pbx in limits.keys { _ = ledger.setUp(true, pbx: pbx) }
        return ledger
    }

    private func wide(weight: Int = 1, maxCalls: Int = 1000) -> LineLimits {
        LineLimits(maxCalls: maxCalls, maxCallsPerSecond: 1_000_000, weight: weight)
    }

    private func demand(
        _ campaign: UUID, trunk: String? = nil, queue: String? = nil, limit: Int = 50, mode: DialMode = .robo,
        queues: [String: QueueSnapshot] = [:], serviceLevel: Int = 0
    ) -> DialDemand {
        var plan = Plan(uuid: UUID())
        plan.dialMode = mode
        plan.pacing = .jade
        plan.trunkName = trunk
        plan.serviceLevel = serviceLevel
        return DialDemand(
            campaign: campaign, plan: plan, pool: queue.map { .queue($0) } ?? .unlimited, limit: limit, queues: queues)
    }

    private func register(_ campaign: UUID, _ queue: String? = nil, in ledger: inout LedgerState) {
        ledger.register(campaign, runner: LedgerState.Runner(signal: Signal(), queue: queue, lists: [UUID()]))
    }

    private func congest(
        _ count: Int, _ seat: CallSeat, in ledger: inout LedgerState, now: Duration = .zero
    ) -> [LineChange] {
        (0..<count).flatMap { _ in
            ledger.report(.congested, of: seat, placedAt: now, now: now, chance: 0.5).changes
        }
    }

    @Test("calls that may go anywhere are spread by weight, exactly, one by one and in heaps", arguments: [1, 7, 40])
    func weights(heap: Int) {
        var ledger = self.ledger(["a": self.wide(weight: 3), "b": self.wide(weight: 1), "c": self.wide(weight: 2)])
        let campaign = UUID()
        self.register(campaign, in: &ledger)
        var counts: [String: Int] = [:]
        for _ in 0..<6 {
            for grant in ledger.grant(self.demand(campaign, limit: heap), now: .zero).allowance.grants {
                counts[grant.pbx, default: 0] += grant.count
            }
        }
        #expect(counts == ["a": 3 * heap, "b": heap, "c": 2 * heap])
    }

    @Test("a pinned trunk's calls go there and nowhere else, and wait while it is away")
    func pinned() {
        var ledger = self.ledger(
            ["a": self.wide(), "b": self.wide(weight: 100)], trunks: [TrunkLimits(name: "gsm", pbx: "a")])
        let campaign = UUID()
        self.register(campaign, in: &ledger)
        let allowance = ledger.grant(self.demand(campaign, trunk: "gsm"), now: .zero).allowance
        #expect(allowance.grants == [DialGrant(pbx: "a", trunk: "gsm", count: 50)])
        _ = ledger.setUp(false, pbx: "a")
        #expect(ledger.grant(self.demand(campaign, trunk: "gsm"), now: .zero).allowance.total == 0)
        #expect(ledger.nextPBX(trunk: "gsm", queue: nil, now: .zero) == nil)
        #expect(ledger.nextPBX(trunk: "other", queue: nil, now: .zero) == "b")
        #expect(ledger.grant(self.demand(campaign, trunk: "other"), now: .zero).allowance.total == 50)
    }

    @Test("a trunk's ceiling of calls holds across PBXs and campaigns, who share it evenly")
    func trunkCeiling() {
        var ledger = self.ledger(
            ["a": self.wide(), "b": self.wide()], trunks: [TrunkLimits(name: "sip", maxCalls: 10)])
        let (first, second) = (UUID(), UUID())
        for campaign in [first, second] { self.register(campaign, in: &ledger) }
        #expect(ledger.grant(self.demand(first, trunk: "sip"), now: .zero).allowance.total == 10)
        #expect(ledger.grant(self.demand(second, trunk: "sip"), now: .zero).allowance.total == 0)
        // Another trunk is not held back by it.
        #expect(ledger.grant(self.demand(second, trunk: "isdn", limit: 5), now: .zero).allowance.total == 5)
        #expect(ledger.grant(self.demand(second, trunk: "sip"), now: .zero).allowance.total == 0)
        for _ in 0..<4 {
            _ = ledger.end(CallSeat(campaign: first, pbx: "a", trunk: "sip", queue: nil), from: .unanswered, now: .zero)
        }
        // Who had nothing yet comes first, and leaves half.
        #expect(ledger.grant(self.demand(second, trunk: "sip"), now: .zero).allowance.total == 2)
        #expect(ledger.grant(self.demand(first, trunk: "sip"), now: .zero).allowance.total == 1)
    }

    @Test("a trunk's rate holds across PBXs, and the ledger says when to ask again")
    func trunkRate() {
        var ledger = self.ledger(
            ["a": self.wide(), "b": self.wide()], trunks: [TrunkLimits(name: "sip", maxCallsPerSecond: 2)])
        let campaign = UUID()
        self.register(campaign, in: &ledger)
        var now = Duration.zero
        var placed = 0
        while now < .seconds(30) {
            let allowance = ledger.grant(self.demand(campaign, trunk: "sip"), now: now).allowance
            placed += allowance.total
            #expect(Double(placed) <= 1 + 2 * (now / .seconds(1)) + 0.001)
            guard let next = allowance.askAgainAt else {
                Issue.record("nobody would ask again")
                return
            }
            #expect(next > now)
            now = next
        }
        #expect(placed >= 59)
    }

    @Test("congestion by one trunk drains that trunk at that PBX; the same trunk elsewhere and other trunks go on")
    func drainedTrunk() {
        var ledger = self.ledger(["a": self.wide(), "b": self.wide()])
        let campaign = UUID()
        self.register(campaign, in: &ledger)
        let seat = CallSeat(campaign: campaign, pbx: "a", trunk: "sip", queue: nil)
        let changes = self.congest(3, seat, in: &ledger)
        #expect(changes == [LineChange(pbx: "a", trunk: "sip", change: .drained(pause: .seconds(5), again: false))])
        let grants = ledger.grant(self.demand(campaign, trunk: "sip"), now: .zero).allowance.grants
        #expect(grants.map(\.pbx) == ["b"])
        let others = ledger.grant(self.demand(campaign, trunk: "isdn"), now: .zero).allowance.grants
        #expect(Set(others.map(\.pbx)) == ["a", "b"])
        #expect(ledger.heldBack(pbx: "a", now: .zero).map(\.trunk) == ["sip"])
        #expect(ledger.heldBack(pbx: "b", now: .zero).isEmpty)
    }

    @Test("congestion by calls without a trunk, or by several trunks with nothing getting through, drains the PBX")
    func drainedPBX() {
        let campaign = UUID()
        var ledger = self.ledger(["a": self.wide(), "b": self.wide()])
        self.register(campaign, in: &ledger)
        let bare = CallSeat(campaign: campaign, pbx: "a", queue: nil)
        #expect(self.congest(3, bare, in: &ledger).map(\.trunk) == [nil])
        #expect(ledger.grant(self.demand(campaign, trunk: "x"), now: .zero).allowance.grants.map(\.pbx) == ["b"])

        ledger = self.ledger(["a": self.wide(), "b": self.wide()])
        self.register(campaign, in: &ledger)
        var changes: [LineChange] = []
        for trunk in ["s1", "s2", "s1", "s2"] {
            let seat = CallSeat(campaign: campaign, pbx: "a", trunk: trunk, queue: nil)
            changes += self.congest(1, seat, in: &ledger)
        }
        #expect(changes.map(\.trunk) == [nil])
        #expect(ledger.grant(self.demand(campaign, trunk: "x"), now: .zero).allowance.grants.map(\.pbx) == ["b"])
    }

    @Test("a drained line is tried with one call when its pause is over, and put back when that gets through")
    func putBack() {
        var ledger = self.ledger(["a": self.wide()])
        let campaign = UUID()
        self.register(campaign, in: &ledger)
        let seat = CallSeat(campaign: campaign, pbx: "a", trunk: "sip", queue: nil)
        #expect(self.congest(3, seat, in: &ledger).count == 1)
        let wait = ledger.grant(self.demand(campaign, trunk: "sip"), now: .seconds(1)).allowance
        #expect(wait.total == 0)
        #expect(wait.askAgainAt == .seconds(5))
        #expect(ledger.grant(self.demand(campaign, trunk: "sip"), now: .seconds(5)).allowance.total == 1)
        #expect(ledger.grant(self.demand(campaign, trunk: "sip"), now: .seconds(6)).allowance.total == 0)
        let trial = ledger.report(.worked, of: seat, placedAt: .seconds(5), now: .seconds(7), chance: 0.5)
        #expect(trial.changes == [LineChange(pbx: "a", trunk: "sip", change: .restored)])
        // Whoever waited is told.
        #expect(trial.signals.count == 1)
        #expect(ledger.grant(self.demand(campaign, trunk: "sip"), now: .seconds(7)).allowance.total == 50)
        #expect(ledger.heldBack(pbx: "a", now: .seconds(7)).isEmpty)
    }

    @Test("a trial whose claim found nobody is given to the next who asks")
    func unusedTrial() {
        var ledger = self.ledger(["a": self.wide()])
        let (first, second) = (UUID(), UUID())
        for campaign in [first, second] { self.register(campaign, in: &ledger) }
        let seat = CallSeat(campaign: first, pbx: "a", queue: nil)
        #expect(self.congest(3, seat, in: &ledger).count == 1)
        let grants = ledger.grant(self.demand(first), now: .seconds(6)).allowance.grants
        #expect(grants.map(\.count) == [1])
        #expect(ledger.grant(self.demand(second), now: .seconds(6)).allowance.total == 0)
        #expect(ledger.settle(grants[0], claimed: 0, campaign: first, queue: nil).count == 2)
        _ = ledger.standBack(first)
        #expect(ledger.grant(self.demand(second), now: .seconds(6)).allowance.total == 1)
    }

    @Test(
        "a queue's calls wait for the PBX that has the queue, whatever the mode and allowance",
        arguments: [DialMode.robo, .predictive])
    func queueHome(mode: DialMode) {
        var ledger = self.ledger(["a": self.wide(), "b": self.wide(weight: 50)])
        let campaign = UUID()
        self.register(campaign, "sales", in: &ledger)
        let shown = self.demand(
            campaign, queue: "sales", mode: mode, queues: ["a": .idle("sales", agents: 2)], serviceLevel: 3)
        #expect(Set(ledger.grant(shown, now: .zero).allowance.grants.map(\.pbx)) == ["a"])
        _ = ledger.setUp(false, pbx: "a")
        let unseen = self.demand(campaign, queue: "sales", mode: mode, serviceLevel: 3)
        #expect(ledger.grant(unseen, now: .zero).allowance.total == 0)
        #expect(ledger.nextPBX(trunk: nil, queue: "sales", now: .zero) == nil)
        // The queue was set up at the other PBX in the meantime.
        let moved = self.demand(
            campaign, queue: "sales", mode: mode, queues: ["b": .idle("sales", agents: 2)], serviceLevel: 3)
        #expect(Set(ledger.grant(moved, now: .zero).allowance.grants.map(\.pbx)) == ["b"])
        _ = ledger.setUp(true, pbx: "a")
        #expect(ledger.nextPBX(trunk: nil, queue: "sales", now: .zero) != nil)
    }

    @Test(
        "no ceiling is passed and nothing is given by a drained line, whatever happens in whatever order",
        arguments: 1...12)
    func anyOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let ceilings = ["a": 12, "b": 7]
        let trunks = ["sip": 9, "gsm": 4]
        var ledger = self.ledger(
            [
                "a": LineLimits(maxCalls: 12, maxCallsPerSecond: 40, weight: 3),
                "b": LineLimits(maxCalls: 7, maxCallsPerSecond: 40),
            ],
            trunks: [TrunkLimits(name: "sip", maxCalls: 9), TrunkLimits(name: "gsm", pbx: "b", maxCalls: 4)],
            health: LineHealth.Rules(row: 2, firstPause: .milliseconds(100), longestPause: .seconds(1)))
        let campaigns = [UUID(), UUID(), UUID()]
        for campaign in campaigns { self.register(campaign, in: &ledger) }
        var calls: [(seat: CallSeat, placedAt: Duration)] = []
        var granted = 0
        var now = Duration.zero
        for _ in 0..<3000 {
            now += .milliseconds(Int.random(in: 0...40, using: &random))
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<5:
                let campaign = campaigns.randomElement(using: &random) ?? campaigns[0]
                let trunk = ["sip", "gsm", "free", nil].randomElement(using: &random) ?? nil
                for grant in ledger.grant(self.demand(campaign, trunk: trunk), now: now).allowance.grants {
                    #expect(trunk != "gsm" || grant.pbx == "b")
                    #expect(ledger.lines[grant.pbx]?.isUp == true)
                    let claimed = Int.random(in: 0...grant.count, using: &random)
                    _ = ledger.settle(grant, claimed: claimed, campaign: campaign, queue: nil)
                    let seat = CallSeat(campaign: campaign, pbx: grant.pbx, trunk: trunk, queue: nil)
                    let isHeldBack = ledger.heldBack(pbx: grant.pbx, now: now).contains { state in
                        state.trunk == nil || state.trunk == trunk
                    }
                    if isHeldBack { #expect(grant.count == 1) }
                    calls += Array(repeating: (seat, now), count: claimed)
                    granted += claimed
                }
            case 5..<11:
                guard let index = calls.indices.randomElement(using: &random) else { continue }
                let call = calls.remove(at: index)
                let outcome = [LineHealth.Outcome.worked, .worked, .congested, .unknown].randomElement(using: &random)
                _ = ledger.report(
                    outcome ?? .worked, of: call.seat, placedAt: call.placedAt, now: now, chance: 0.5)
                _ = ledger.end(call.seat, from: .unanswered, now: now)
                _ = ledger.written([(call.seat.campaign, UUID())])
            default:
                _ = ledger.setUp(
                    Int.random(in: 0..<3, using: &random) > 0, pbx: Bool.random(using: &random) ? "a" : "b")
            }
            for (pbx, most) in ceilings { #expect(calls.count { $0.seat.pbx == pbx } <= most) }
            for (trunk, most) in trunks { #expect(calls.count { $0.seat.trunk == trunk } <= most) }
        }
        #expect(granted > 200)
        for call in calls {
            _ = ledger.end(call.seat, from: .unanswered, now: now)
            _ = ledger.written([(call.seat.campaign, UUID())])
        }
        #expect(ledger.inProgress == 0)
        for trunk in trunks.keys { #expect(ledger.trunks[trunk]?.budget.inProgress == 0) }
        for pbx in ceilings.keys { #expect(ledger.lines[pbx]?.budget.inProgress == 0) }
    }
}
