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

    private let metrics: LineMetrics

    init(
        limits: [String: LineLimits], configuration: EngineConfiguration, policy: any PacingPolicy,
        clock: any EngineClock
    ) {
        self.state = NIOLockedValueBox(
            LedgerState(
                limits: limits, trunks: configuration.trunks, health: configuration.lineHealth,
                unwrittenLimit: configuration.unwrittenLimit, policy: policy, now: clock.uptime()))
        self.clock = clock
        self.metrics = LineMetrics(pbxs: limits.keys.sorted(), trunks: configuration.trunks.map(\.name))
        EngineMetrics.unwrittenLimit.record(configuration.unwrittenLimit)
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
        let (allowance, signals, lines) = self.state.withLockedValue { state in
            let (allowance, signals) = state.grant(demand, now: now)
            let seats = allowance.grants.map {
                CallSeat(campaign: demand.campaign, pbx: $0.pbx, trunk: $0.trunk, queue: nil)
            }
            return (allowance, signals, seats.map { ($0, state.calls(of: $0)) })
        }
        for (seat, calls) in lines { self.metrics.calls(calls, of: seat) }
        self.raise(signals)
        return allowance
    }

    /// The claim a grant was for is done.
    func settle(_ grant: DialGrant, dialings: [Dialing], campaign: UUID, queue: String?) {
        let granted = CallSeat(campaign: campaign, pbx: grant.pbx, trunk: grant.trunk, queue: queue)
        let seats = dialings.map { CallSeat($0, pbx: grant.pbx) }
        let isTrunkChanged = seats.contains { $0.trunk != grant.trunk }
        let now = self.clock.uptime()
        let signals = self.state.withLockedValue { state in
            for (dialing, seat) in zip(dialings, seats) {
                state.reseat(from: granted, to: seat)
                state.tell([.placed], of: dialing.uuid.pacingNumber, at: seat, now: now)
            }
            let signals = state.settle(grant, claimed: dialings.count, campaign: campaign, queue: queue)
            // The trial a drained line waits for went by another.
            return isTrunkChanged && state.trialGivenBack(grant) ? state.everyone : signals
        }
        self.raise(signals)
    }

    func takeOne(_ seat: CallSeat) -> DialGrant? {
        let now = self.clock.uptime()
        return self.state.withLockedValue { $0.takeOne(seat, now: now) }
    }

    /// The PBX for one call somebody asks for by hand; nil when none can take it now.
    ///
    /// - Parameter shownBy: The PBXs that show the queue now.
    func nextPBX(trunk: String?, queue: String?, shownBy: [String]) -> String? {
        let now = self.clock.uptime()
        return self.state.withLockedValue { state in
            if let queue { state.noteHomes(of: queue, shownBy: shownBy) }
            return state.nextPBX(trunk: trunk, queue: queue, now: now)
        }
    }

    /// What became of a call on its line.
    ///
    /// - Returns: the lines that were drained or put back for it.
    func report(_ outcome: LineHealth.Outcome, of seat: CallSeat, placedAt: Duration) -> [LineChange] {
        let now = self.clock.uptime()
        let chance = Double.random(in: 0...1)
        let (report, heldBack) = self.state.withLockedValue { state in
            let report = state.report(outcome, of: seat, placedAt: placedAt, now: now, chance: chance)
            return (report, report.changes.isEmpty ? [] : state.heldBack(pbx: seat.pbx, now: now))
        }
        if outcome == .congested { self.metrics.congested(seat) }
        if !report.changes.isEmpty { self.metrics.changed(report.changes, heldBack: heldBack.count, pbx: seat.pbx) }
        self.raise(report.signals)
        return report.changes
    }

    /// The lines of a PBX that get no calls, or only a trial.
    func heldBack(pbx: String) -> [LineState] {
        let now = self.clock.uptime()
        return self.state.withLockedValue { $0.heldBack(pbx: pbx, now: now) }
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

    /// Whether every claim is done that was granted under another part than the present one.
    var isPartSettled: Bool { self.state.withLockedValue { $0.isPartSettled } }

    /// Places nothing new until the next ``take(_:)``.
    func hold() {
        let now = self.clock.uptime()
        self.state.withLockedValue { $0.hold(now: now) }
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
        let (signals, inProgress, unwritten, lines) = self.state.withLockedValue { state in
            let signals = state.end(seat, from: phase, now: now)
            return (signals, state.inProgress, state.unwritten, state.calls(of: seat))
        }
        self.metrics.calls(lines, of: seat)
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
        self.metrics.setUp(isUp, pbx: pbx)
        self.raise(self.state.withLockedValue { $0.setUp(isUp, pbx: pbx) })
    }

    /// How many events of a PBX wait, and how often its connection was read more slowly for it.
    func noteEvents(_ events: TelephonyEvents, pbx: String) {
        self.metrics.events(waiting: events.waiting, pauses: events.pauses, pbx: pbx)
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
