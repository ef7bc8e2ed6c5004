import CoreMetrics
import DialerModel
import NIOConcurrencyHelpers
import Pacing
import Telephony

import struct Foundation.UUID

/// ``LedgerState`` behind a lock: decided under it, runners woken outside.
///
/// Shared by every campaign and PBX of an engine, because the agents of a queue and the lines of a PBX are. Held for microseconds.
final class DialingLedger: Sendable {
    private let state: NIOLockedValueBox<LedgerState>
    private let clock: any EngineClock

    init(limits: [String: LineLimits], unwrittenLimit: Int, policy: any PacingPolicy, clock: any EngineClock) {
        self.state = NIOLockedValueBox(
            LedgerState(limits: limits, unwrittenLimit: unwrittenLimit, policy: policy, now: clock.uptime()))
        self.clock = clock
    }

    func register(_ campaign: UUID, runner: LedgerState.Runner) {
        self.state.withLockedValue { $0.register(campaign, runner: runner) }
    }

    func unregister(_ campaign: UUID) {
        self.state.withLockedValue { $0.unregister(campaign) }
    }

    func standBack(_ campaign: UUID) {
        self.raise(self.state.withLockedValue { $0.standBack(campaign) })
    }

    func grant(_ demand: DialDemand) -> DialAllowance {
        let now = self.clock.uptime()
        let (allowance, signals) = self.state.withLockedValue { $0.grant(demand, now: now) }
        self.raise(signals)
        return allowance
    }

    /// The claim a grant was for is done.
    func settle(_ grant: DialGrant, dialings: [Dialing], campaign: UUID, queue: String?) {
        let granted = CallSeat(campaign: campaign, pbx: grant.pbx, queue: queue)
        let seats = dialings.map { CallSeat($0, pbx: grant.pbx) }
        let now = self.clock.uptime()
        let signals = self.state.withLockedValue { state in
            for (dialing, seat) in zip(dialings, seats) {
                state.reseat(from: granted, to: seat)
                state.tell([.placed], of: dialing.uuid.pacingNumber, at: seat, now: now)
            }
            return state.settle(grant, claimed: dialings.count, campaign: campaign, queue: queue)
        }
        self.raise(signals)
    }

    func takeOne(_ seat: CallSeat) -> Bool {
        let now = self.clock.uptime()
        return self.state.withLockedValue { $0.takeOne(seat, now: now) }
    }

    func freestPBX() -> String? {
        let now = self.clock.uptime()
        return self.state.withLockedValue { $0.freestPBX(now: now) }
    }

    /// This engine's part of every PBX's limits, among those that share the database.
    ///
    /// - Returns: Whether it has to wait for others' calls to end before it may use all of it.
    func take(_ part: LedgerState.Part) -> Bool {
        let now = self.clock.uptime()
        let (signals, isShort) = self.state.withLockedValue { ($0.take(part, now: now), $0.isShort) }
        self.raise(signals)
        return isShort
    }

    /// Has every campaign look again.
    func wakeAll() {
        self.raise(self.state.withLockedValue { $0.loads.values.compactMap { $0.runner?.signal } })
    }

    /// A call is followed no more, and its result is another's to write.
    ///
    /// - Returns: Whether the campaign has no open dialing any more.
    func forget(_ seat: CallSeat, from phase: CallPhase, dlma: UUID) -> Bool {
        let now = self.clock.uptime()
        let (signals, drained) = self.state.withLockedValue { state in
            let signals = state.end(seat, from: phase, now: now)
            let outcome = state.written([(seat.campaign, dlma)])
            return (signals + outcome.signals, outcome.drained)
        }
        self.raise(signals)
        return !drained.isEmpty
    }

    func adopt(_ seat: CallSeat) {
        self.state.withLockedValue { $0.adopt(seat) }
    }

    func move(_ seat: CallSeat, from old: CallPhase, to new: CallPhase) {
        let now = self.clock.uptime()
        self.raise(self.state.withLockedValue { $0.move(seat, from: old, to: new, now: now) })
    }

    func end(_ seat: CallSeat, from phase: CallPhase) {
        let now = self.clock.uptime()
        let (signals, inProgress, unwritten) = self.state.withLockedValue { state in
            (state.end(seat, from: phase, now: now), state.inProgress, state.unwritten)
        }
        EngineMetrics.inProgress.record(inProgress)
        EngineMetrics.unwritten.record(unwritten)
        self.raise(signals)
    }

    /// - Returns: the campaigns that have no open dialing any more.
    func written(_ results: [(campaign: UUID, dlma: UUID)]) -> [UUID] {
        let (outcome, unwritten) = self.state.withLockedValue { state in (state.written(results), state.unwritten) }
        EngineMetrics.unwritten.record(unwritten)
        self.raise(outcome.signals)
        return outcome.drained
    }

    func setUp(_ isUp: Bool, pbx: String) {
        self.raise(self.state.withLockedValue { $0.setUp(isUp, pbx: pbx) })
    }

    /// A queue's picture changed.
    func queueChanged(_ snapshot: QueueSnapshot, pbx: String) {
        let now = self.clock.uptime()
        self.raise(
            self.state.withLockedValue { state in
                state.see(snapshot, pbx: pbx, now: now)
                return state.queueChanged(snapshot.name, now: now)
            })
    }

    /// What happened to a call, for its queue's pacing.
    func tell(_ progress: [CallProgress], of dialing: UUID, at seat: CallSeat) {
        guard !progress.isEmpty, seat.queue != nil else { return }
        let now = self.clock.uptime()
        self.state.withLockedValue { $0.tell(progress, of: dialing.pacingNumber, at: seat, now: now) }
    }

    func load(of campaign: UUID) -> LedgerState.Load {
        self.state.withLockedValue { $0.load(of: campaign) }
    }

    /// Calls in progress and results not written, of every campaign.
    var open: (inProgress: Int, unwritten: Int) {
        self.state.withLockedValue { ($0.inProgress, $0.unwritten) }
    }

    private func raise(_ signals: [Signal]) {
        for signal in signals { signal.raise() }
    }
}
