import DialerModel
import Pacing
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("The ledger of lines and agents")
struct LedgerStateTests {
    private func ledger(maxCalls: Int = 100, rate: Double = 100_000) -> LedgerState {
        var ledger = LedgerState(
            limits: ["pbx1": LineLimits(maxCalls: maxCalls, maxCallsPerSecond: rate)],
            unwrittenLimit: 1000, policy: AvailabilityPolicy(), now: .zero)
        _ = ledger.setUp(true, pbx: "pbx1")
        return ledger
    }

    private func demand(_ campaign: UUID, _ queue: QueueSnapshot?, mode: DialMode = .predictive) -> DialDemand {
        var plan = Plan(uuid: UUID())
        plan.dialMode = mode
        plan.pacing = .jade
        return DialDemand(
            campaign: campaign, plan: plan, pool: queue.map { .queue($0.name) } ?? .unlimited, limit: 50,
            queues: queue.map { ["pbx1": $0] } ?? [:])
    }

    private func register(_ campaign: UUID, _ queue: String?, in ledger: inout LedgerState) {
        ledger.register(campaign, runner: LedgerState.Runner(signal: Signal(), queue: queue, lists: [UUID()]))
    }

    @Test(
        "a waiting caller and the call that is his are one, not two, when his phase and the queue's picture differ for a moment"
    )
    func waitingCountedOnce() {
        var ledger = self.ledger()
        let campaign = UUID()
        self.register(campaign, "q", in: &ledger)
        var queue = QueueSnapshot.idle("q", agents: 2)
        #expect(ledger.grant(self.demand(campaign, queue), now: .zero).allowance.total == 2)
        let seat = CallSeat(campaign: campaign, pbx: "pbx1", queue: "q")
        _ = ledger.move(seat, from: .unanswered, to: .answered, now: .zero)
        #expect(ledger.grant(self.demand(campaign, queue), now: .zero).allowance.total == 0)
        // The call says it waits, the queue does not show it yet.
        _ = ledger.move(seat, from: .answered, to: .waiting, now: .zero)
        #expect(ledger.grant(self.demand(campaign, queue), now: .zero).allowance.total == 0)
        queue.callersWaiting = 1
        #expect(ledger.grant(self.demand(campaign, queue), now: .zero).allowance.total == 0)
        // An agent's phone rings for it: that agent is not idle, and the caller needs no other.
        queue.members[0].state = .ringing
        #expect(ledger.grant(self.demand(campaign, queue), now: .zero).allowance.total == 0)
        _ = ledger.end(seat, from: .unanswered, now: .zero)
        #expect(ledger.grant(self.demand(campaign, queue), now: .zero).allowance.total == 1)
    }

    @Test("what a claim did not find is free again for others")
    func unusedGrant() {
        var ledger = self.ledger(maxCalls: 10)
        let campaign = UUID()
        self.register(campaign, nil, in: &ledger)
        let allowance = ledger.grant(self.demand(campaign, nil), now: .zero).allowance
        #expect(allowance.grants == [DialGrant(pbx: "pbx1", count: 10)])
        _ = ledger.settle(allowance.grants[0], claimed: 3, campaign: campaign, queue: nil)
        #expect(ledger.inProgress == 3)
        #expect(ledger.grant(self.demand(campaign, nil), now: .zero).allowance.total == 7)
    }

    @Test("a new part is settled when every claim of the former ones is done, by hand or not")
    func partIsSettled() throws {
        var ledger = self.ledger(maxCalls: 10)
        let campaign = UUID()
        self.register(campaign, nil, in: &ledger)
        let seat = CallSeat(campaign: campaign, pbx: "pbx1", trunk: nil, queue: nil)
        let byHand = ledger.takeOne(seat, now: .zero)
        let manual = try #require(byHand)
        let grants = ledger.grant(self.demand(campaign, nil), now: .zero).allowance.grants
        let grant = try #require(grants.first)
        #expect(ledger.isPartSettled)
        var part = LedgerState.Part(place: 0, count: 2)
        part.others = [.init(place: 1)]
        _ = ledger.take(part, now: .zero)
        #expect(!ledger.isPartSettled)
        _ = ledger.take(part, now: .zero)
        _ = ledger.settle(manual, claimed: 1, campaign: campaign, queue: nil)
        #expect(!ledger.isPartSettled, "the other claim is under way")
        _ = ledger.settle(grant, claimed: 0, campaign: campaign, queue: nil)
        #expect(ledger.isPartSettled)
        // What is granted under the present part is within it.
        #expect(ledger.grant(self.demand(campaign, nil), now: .zero).allowance.total == 4)
        #expect(ledger.isPartSettled)
    }

    @Test("nothing is granted on a PBX that is away, nor beyond calls and unwritten results together")
    func bounds() {
        var ledger = LedgerState(
            limits: ["pbx1": LineLimits(maxCalls: 100, maxCallsPerSecond: 100_000)],
            unwrittenLimit: 5, policy: AvailabilityPolicy(), now: .zero)
        let campaign = UUID()
        self.register(campaign, nil, in: &ledger)
        #expect(ledger.grant(self.demand(campaign, nil), now: .zero).allowance.total == 0)
        _ = ledger.setUp(true, pbx: "pbx1")
        #expect(ledger.grant(self.demand(campaign, nil), now: .zero).allowance.total == 5)
        let seat = CallSeat(campaign: campaign, pbx: "pbx1", queue: nil)
        for _ in 0..<5 { _ = ledger.end(seat, from: .unanswered, now: .zero) }
        #expect(ledger.grant(self.demand(campaign, nil), now: .zero).allowance.total == 0)
        let written = ledger.written([(campaign, UUID()), (campaign, UUID())])
        #expect(written.signals.count == 1)
        #expect(ledger.grant(self.demand(campaign, nil), now: .zero).allowance.total == 2)
    }

    @Test("over any course of calls the counts come back to nothing")
    func countsReturn() {
        var random = SeededGenerator(seed: 9)
        var ledger = self.ledger(maxCalls: 30)
        let campaigns = [UUID(), UUID(), UUID()]
        for campaign in campaigns { self.register(campaign, "q", in: &ledger) }
        let queue = QueueSnapshot.idle("q", agents: 12)
        var calls: [(CallSeat, CallPhase)] = []
        for _ in 0..<2000 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let campaign = campaigns.randomElement(using: &random) ?? campaigns[0]
                let allowance = ledger.grant(self.demand(campaign, queue), now: .zero).allowance
                for grant in allowance.grants {
                    let claimed = Int.random(in: 0...grant.count, using: &random)
                    _ = ledger.settle(grant, claimed: claimed, campaign: campaign, queue: "q")
                    let seat = CallSeat(campaign: campaign, pbx: "pbx1", queue: "q")
                    calls += Array(repeating: (seat, .unanswered), count: claimed)
                }
                #expect(ledger.inProgress <= 30)
                #expect(calls.count { $0.1 != .connected } <= 12)
            case 1 where !calls.isEmpty:
                let index = Int.random(in: 0..<calls.count, using: &random)
                let next: CallPhase? =
                    switch calls[index].1 {
                    case .unanswered: .answered
                    case .answered: .waiting
                    case .waiting: .connected
                    case .connected: nil
                    }
                guard let next else { continue }
                _ = ledger.move(calls[index].0, from: calls[index].1, to: next, now: .zero)
                calls[index].1 = next
            case 2 where !calls.isEmpty:
                let (seat, phase) = calls.remove(at: Int.random(in: 0..<calls.count, using: &random))
                _ = ledger.end(seat, from: phase, now: .zero)
                _ = ledger.written([(seat.campaign, UUID())])
            default: continue
            }
        }
        for (seat, phase) in calls {
            _ = ledger.end(seat, from: phase, now: .zero)
            _ = ledger.written([(seat.campaign, UUID())])
        }
        for campaign in campaigns { ledger.unregister(campaign) }
        #expect(ledger.inProgress == 0)
        #expect(ledger.unwritten == 0)
        #expect(ledger.loads.isEmpty)
        #expect(ledger.queues.isEmpty)
    }

    @Test("shares of what is scarce are even, the odd one goes round")
    func rotation() {
        var rotation = FairRotation<Int>()
        for member in 1...3 { rotation.join(member) }
        #expect((1...3).map { rotation.share(of: 7, for: $0) } == [3, 2, 2])
        #expect((1...3).map { rotation.share(of: 1, for: $0) } == [1, 0, 0])
        rotation.served(1)
        #expect((1...3).map { rotation.share(of: 1, for: $0) } == [0, 1, 0])
        rotation.leave(2)
        #expect((1...3).map { rotation.share(of: 1, for: $0) } == [0, 0, 1])
    }
}
