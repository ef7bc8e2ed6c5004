import DialerModel
import OrderedCollections
import Pacing
import Telephony

import struct Foundation.UUID

/// The floor's book-keeping: lines by PBX, calls by campaign and stage, agents shared by the campaigns of a queue. A plain value; time
/// comes in as an argument.
struct LedgerState: Sendable {
    /// One PBX's lines.
    struct Lines: Sendable {
        var budget: LineBudget
        var isUp = false
        /// Campaigns that could use more lines than they got.
        var hungry = FairRotation<UUID>()
    }

    /// One campaign's calls, and how to reach its runner.
    struct Load: Sendable {
        var unanswered = 0
        var answered = 0
        var waiting = 0
        var connected = 0
        /// Ended, and the result is not committed yet.
        var unwritten = 0
        var runner: Runner?
        /// Raised whenever results of one of its lists were committed: somebody may be due now, or nobody any more.
        var listVersion = 0
        /// The earliest event its runner has not acted on.
        var triggeredAt: Duration?
        /// Why predictive pacing gave it as many calls as it did at its last look; nil when another rule decides.
        var pacingState: PacingState?

        var inProgress: Int { self.unanswered + self.answered + self.waiting + self.connected }
        var isEmpty: Bool { self.inProgress == 0 && self.unwritten == 0 }
    }

    /// A campaign that dials.
    struct Runner: Sendable {
        var signal: Signal
        var queue: String?
        var lists: Set<UUID>
        /// Calls placed for one agent; 1 but in power mode.
        var ratio = 1.0
    }

    /// One queue's calls at one PBX.
    struct QueueLoad: Sendable {
        /// Calls of each campaign that will need an agent and are not in the queue's own picture yet.
        var pending: [UUID: Pending] = [:]
        /// Ours that wait in the queue.
        var waiting = 0

    }

    /// Calls on their way to a queue.
    struct Pending: Sendable {
        var unanswered = 0
        var answered = 0

        var isEmpty: Bool { self.unanswered == 0 && self.answered == 0 }

        /// How many agents they claim when `ratio` calls are placed for one agent.
        func agents(ratio: Double) -> Int {
            guard ratio > 1 else { return self.unanswered + self.answered }
            return Int((Double(self.unanswered) / ratio).rounded(.up)) + self.answered
        }
    }

    /// One of equal parts of what the PBXs may carry, less what others have above theirs: so that all together never pass the limits,
    /// however engines come and go.
    struct Part: Sendable, Hashable {
        /// Another engine, or what is left of one.
        struct Other: Sendable, Hashable {
            /// nil when it is gone and its calls are not taken over yet.
            var place: Int?
            /// Its calls in progress by PBX.
            var calls: [String: Int]
        }

        /// Counted from 0.
        var place = 0
        var count = 1
        var others: [Other] = []

        static func share(_ place: Int, of count: Int, _ whole: Int) -> Int {
            whole / count + (place < whole % count ? 1 : 0)
        }

        func maxCalls(at pbx: String, of whole: Int) -> Int {
            let taken = self.others.reduce(0) { sum, other in
                sum + max(other.calls[pbx] ?? 0, other.place.map { Self.share($0, of: self.count, whole) } ?? 0)
            }
            return max(0, min(Self.share(self.place, of: self.count, whole), whole - taken))
        }
    }

    /// A queue, wherever it exists.
    struct Queue: Sendable {
        var loads: [String: QueueLoad] = [:]
        /// The campaigns that dial for it.
        var campaigns = FairRotation<UUID>()
    }

    private(set) var lines: [String: Lines] = [:]
    private(set) var loads: [UUID: Load] = [:]
    private(set) var queues: [String: Queue] = [:]
    private(set) var inProgress = 0
    private(set) var unwritten = 0
    /// Calls in progress and unwritten results, together, stay at or below this.
    /// What was learnt of each queue, kept while the engine runs: campaigns come and go.
    var pacings: [QueuePlace: QueuePacing] = [:]
    private let limits: [String: LineLimits]
    private var part = Part()
    private let unwrittenLimit: Int
    private let policy: any PacingPolicy

    init(limits: [String: LineLimits], unwrittenLimit: Int, policy: any PacingPolicy, now: Duration) {
        self.limits = limits
        self.unwrittenLimit = unwrittenLimit
        self.policy = policy
        for (pbx, limit) in limits {
            let budget = LineBudget(
                maxCalls: limit.maxCalls, maxCallsPerSecond: limit.maxCallsPerSecond, at: Self.steady(now))
            self.lines[pbx] = Lines(budget: budget)
        }
    }

    /// Whether others' calls keep this engine below its part.
    var isShort: Bool {
        self.limits.contains { pbx, limit in
            self.part.maxCalls(at: pbx, of: limit.maxCalls) < Part.share(self.part.place, of: self.part.count, limit.maxCalls)
        }
    }

    /// Keeps to a part of every PBX's limits.
    ///
    /// - Returns: the runners to wake.
    mutating func take(_ part: Part, now: Duration) -> [Signal] {
        guard part != self.part else { return [] }
        self.part = part
        for (pbx, limit) in self.limits {
            self.lines[pbx]?.budget.limit(
                maxCalls: part.maxCalls(at: pbx, of: limit.maxCalls),
                maxCallsPerSecond: limit.maxCallsPerSecond / Double(part.count), at: Self.steady(now))
        }
        return self.loads.values.compactMap { $0.runner?.signal }
    }

    /// The budgets count in timestamps; they get steady ones, so a stepped wall clock neither bursts nor stalls the rate.
    private static func steady(_ uptime: Duration) -> Timestamp {
        Timestamp(microseconds: 0) + uptime
    }

    // MARK: Campaigns

    mutating func register(_ campaign: UUID, runner: Runner) {
        self.unregister(campaign)
        self.loads[campaign, default: Load()].runner = runner
        if let queue = runner.queue { self.queues[queue, default: Queue()].campaigns.join(campaign) }
    }

    mutating func unregister(_ campaign: UUID) {
        guard let runner = self.loads[campaign]?.runner else { return }
        self.loads[campaign]?.runner = nil
        if let queue = runner.queue {
            self.queues[queue]?.campaigns.leave(campaign)
            self.forgetIfIdle(queue: queue)
        }
        for pbx in self.lines.keys { self.lines[pbx]?.hungry.leave(campaign) }
        self.forgetIfIdle(campaign)
    }

    /// The campaign has nobody to dial just now: others need not leave it a share.
    mutating func standBack(_ campaign: UUID) -> [Signal] {
        var others: OrderedSet<UUID> = []
        if let queue = self.loads[campaign]?.runner?.queue {
            self.queues[queue]?.campaigns.leave(campaign)
            others.formUnion(self.queues[queue]?.campaigns.members ?? [])
        }
        for pbx in self.lines.keys where self.lines[pbx]?.hungry.leave(campaign) == true {
            others.formUnion(self.lines[pbx]?.hungry.members ?? [])
        }
        return self.wake(others.elements, now: nil)
    }

    // MARK: Granting

    /// Decides how many calls a campaign may place now, and sets their lines and agents aside.
    ///
    /// - Returns: the calls, and the runners whose turn came because this one passed.
    mutating func grant(_ demand: DialDemand, now: Duration) -> (allowance: DialAllowance, signals: [Signal]) {
        var allowance = DialAllowance()
        var next: OrderedSet<UUID> = []
        guard let runner = self.loads[demand.campaign]?.runner else { return (allowance, []) }
        if let queue = runner.queue { self.queues[queue]?.campaigns.join(demand.campaign) }
        var room = min(demand.limit, self.unwrittenLimit - self.inProgress - self.unwritten)
        var isServed = false
        self.lookAtQueues(demand, now: now)
        for want in self.wants(demand, now: now) {
            guard room > 0, var lines = self.lines[want.pbx] else { continue }
            // Free for the next one in the rotation.
            defer { self.lines[want.pbx] = lines }
            guard want.count > 0 else {
                if lines.hungry.leave(demand.campaign) { next.formUnion(lines.hungry.members) }
                continue
            }
            let free = lines.budget.available(at: Self.steady(now))
            let part = min(room, want.count, lines.hungry.share(of: free, for: demand.campaign))
            let count = lines.budget.reserve(
                self.paced(part, for: demand, pbx: want.pbx, now: now), at: Self.steady(now))
            if count > 0 {
                lines.hungry.served(demand.campaign)
                self.hold(count, seat: CallSeat(campaign: demand.campaign, pbx: want.pbx, queue: demand.pool.queue))
                allowance.grants.append(DialGrant(pbx: want.pbx, count: count))
                room -= count
                isServed = true
            }
            if count < min(want.count, room + count) {
                lines.hungry.join(demand.campaign)
                if let instant = lines.budget.nextOpportunity(after: Self.steady(now)) {
                    // Zero would ask again without end while it is another campaign's turn.
                    let wait = max(.milliseconds(2), instant - Self.steady(now))
                    allowance.askAgainAt = min(allowance.askAgainAt ?? now + wait, now + wait)
                }
            } else if lines.hungry.leave(demand.campaign) {
                next.formUnion(lines.hungry.members)
            }
        }
        if let next = self.nextLook(demand, now: now) {
            allowance.askAgainAt = min(allowance.askAgainAt ?? next, next)
        }
        if isServed {
            if let queue = runner.queue { self.queues[queue]?.campaigns.served(demand.campaign) }
            allowance.triggeredAt = self.loads[demand.campaign]?.triggeredAt
        }
        self.loads[demand.campaign]?.triggeredAt = nil
        return (allowance, self.wake(next.elements, now: nil))
    }

    /// How many calls the campaign's pacing asks for at each PBX, the one with the most free lines first.
    private mutating func wants(_ demand: DialDemand, now: Duration) -> [DialGrant] {
        var open: [(pbx: String, free: Int)] = []
        for (pbx, lines) in self.lines where lines.isUp {
            open.append((pbx, lines.budget.available(at: Self.steady(now))))
        }
        open.sort { $0.free == $1.free ? $0.pbx < $1.pbx : $0.free > $1.free }
        guard case .queue(let queue) = demand.pool, demand.plan.dialMode != .robo else {
            let wanted = self.policy.callsToPlace(PacingSituation(plan: demand.plan, takers: .unlimited, unanswered: 0))
            return demand.pool == .nobody ? [] : Self.spread(min(wanted, demand.limit), over: open)
        }
        if demand.isPredictive {
            var wants: [DialGrant] = []
            for line in open {
                guard let count = self.predictedCalls(demand, queue: queue, pbx: line.pbx, now: now) else { continue }
                wants.append(DialGrant(pbx: line.pbx, count: count))
            }
            return wants
        }
        // The allowance above the agents counts once, not once a PBX: where the queue is, and most lines are free.
        let host = (open.first { demand.queues[$0.pbx] != nil } ?? open.first)?.pbx
        return open.compactMap { line in
            let isHost = line.pbx == host
            guard isHost || demand.queues[line.pbx] != nil else { return nil }
            var situation = self.situation(demand, queue: queue, pbx: line.pbx)
            if !isHost { situation.serviceLevel = 0 }
            return DialGrant(pbx: line.pbx, count: min(self.policy.callsToPlace(situation), demand.limit))
        }
    }

    /// Shares `count` calls among the PBXs by their free lines. A PBX without a free line still gets one, so that the campaign
    /// waits for it in its rotation.
    private static func spread(_ count: Int, over open: [(pbx: String, free: Int)]) -> [DialGrant] {
        let free = open.reduce(0) { $0 + $1.free }
        if free <= count { return open.map { DialGrant(pbx: $0.pbx, count: $0.free + 1) } }
        var left = count
        return open.map { line in
            let part = min(left, (count * line.free + free - 1) / free)
            left -= part
            return DialGrant(pbx: line.pbx, count: part)
        }
    }

    /// The queue as one campaign may see it: without the agents other campaigns' calls will need, and with its turn's share of the rest.
    private func situation(_ demand: DialDemand, queue: String, pbx: String) -> PacingSituation {
        let load = self.queues[queue]?.loads[pbx] ?? QueueLoad()
        let own = load.pending[demand.campaign] ?? Pending()
        guard let snapshot = demand.queues[pbx] else {
            return PacingSituation(
                plan: demand.plan, takers: .unknownQueue, unanswered: own.unanswered, answeredUnqueued: own.answered)
        }
        let ringing = snapshot.members.count { $0.state == .ringing }
        // A caller at whom an agent's phone rings is in the queue still, and that agent is not idle any more: count the two once.
        let unserved = max(0, max(snapshot.callersWaiting, load.waiting) - ringing)
        var othersClaims = 0
        for (other, pending) in load.pending where other != demand.campaign {
            othersClaims += pending.agents(ratio: self.loads[other]?.runner?.ratio ?? 1)
        }
        let ratio = self.loads[demand.campaign]?.runner?.ratio ?? 1
        let unclaimed = max(0, snapshot.idleMembers - unserved - othersClaims - own.agents(ratio: ratio))
        let share = self.queues[queue]?.campaigns.share(of: unclaimed, for: demand.campaign) ?? unclaimed
        // What others claim is taken from the agents where there are some, and counts as callers ahead where there are none.
        let taken = othersClaims + unclaimed - share
        let agents = PacingSituation.Agents(
            idle: max(0, snapshot.idleMembers - taken),
            callersWaiting: unserved + max(0, taken - snapshot.idleMembers)
        )
        return PacingSituation(
            plan: demand.plan, takers: .queue(agents), unanswered: own.unanswered, answeredUnqueued: own.answered)
    }

    // MARK: Calls

    /// Of a grant, only `claimed` contacts were there: the rest is given back.
    mutating func settle(_ grant: DialGrant, claimed: Int, campaign: UUID, queue: String?) -> [Signal] {
        let unused = grant.count - claimed
        if let queue { self.pacings[QueuePlace(queue: queue, pbx: grant.pbx)]?.settle(grant.count) }
        guard unused > 0 else { return [] }
        let seat = CallSeat(campaign: campaign, pbx: grant.pbx, queue: queue)
        self.lines[grant.pbx]?.budget.giveBack(unused)
        self.release(unused, seat: seat, from: .unanswered)
        self.forgetIfIdle(campaign)
        return self.signals(forFreed: seat, now: nil, except: campaign)
    }

    /// A claimed call goes elsewhere than its grant thought, because the campaign's destination changed in between.
    mutating func reseat(from old: CallSeat, to new: CallSeat) {
        guard old != new else { return }
        self.count(old, phase: .unanswered, by: -1)
        self.count(new, phase: .unanswered, by: 1)
    }

    /// Takes one line for a call somebody asked for by hand.
    mutating func takeOne(_ seat: CallSeat, now: Duration) -> Bool {
        guard var lines = self.lines[seat.pbx], lines.isUp, self.inProgress + self.unwritten < self.unwrittenLimit,
            lines.budget.reserve(1, at: Self.steady(now)) == 1
        else { return false }
        self.lines[seat.pbx] = lines
        self.hold(1, seat: seat)
        return true
    }

    /// The PBX that is up and has the most free lines.
    func freestPBX(now: Duration) -> String? {
        var best: (pbx: String, free: Int)?
        for (pbx, lines) in self.lines.sorted(by: { $0.key < $1.key }) where lines.isUp {
            let free = lines.budget.available(at: Self.steady(now))
            if free > best?.free ?? -1 { best = (pbx, free) }
        }
        return best?.pbx
    }

    /// Counts a call that lives already, found at a start.
    mutating func adopt(_ seat: CallSeat) {
        self.lines[seat.pbx]?.budget.adopt(1)
        if let queue = seat.queue { self.rememberPacing(of: QueuePlace(queue: queue, pbx: seat.pbx)) }
        self.hold(1, seat: seat)
    }

    /// A call went from one stage to another.
    mutating func move(_ seat: CallSeat, from old: CallPhase, to new: CallPhase, now: Duration) -> [Signal] {
        guard old != new else { return [] }
        self.count(seat, phase: old, by: -1)
        self.count(seat, phase: new, by: 1)
        let frees = new == .connected
        return frees ? self.signals(forFreed: seat, now: now, except: nil) : []
    }

    /// A call ended: its line and its agent are free, its result is still to be written.
    mutating func end(_ seat: CallSeat, from phase: CallPhase, now: Duration) -> [Signal] {
        self.lines[seat.pbx]?.budget.callEnded()
        self.release(1, seat: seat, from: phase)
        self.loads[seat.campaign, default: Load()].unwritten += 1
        self.unwritten += 1
        return self.signals(forFreed: seat, now: now, except: nil)
    }

    /// Results were committed.
    ///
    /// - Returns: the runners to wake, and the campaigns that have no open dialing any more.
    mutating func written(_ results: [(campaign: UUID, dlma: UUID)]) -> (signals: [Signal], drained: [UUID]) {
        let wasFull = self.inProgress + self.unwritten >= self.unwrittenLimit
        self.unwritten -= results.count
        var drained: [UUID] = []
        var lists: Set<UUID> = []
        for result in results {
            lists.insert(result.dlma)
            self.loads[result.campaign]?.unwritten -= 1
            if self.loads[result.campaign]?.isEmpty == true {
                drained.append(result.campaign)
                self.forgetIfIdle(result.campaign)
            }
        }
        var signals: [Signal] = []
        for (campaign, load) in self.loads {
            guard let runner = load.runner, wasFull || !lists.isDisjoint(with: runner.lists) else { continue }
            self.loads[campaign]?.listVersion += 1
            signals.append(runner.signal)
        }
        return (signals, drained)
    }

    // MARK: The PBX

    mutating func setUp(_ isUp: Bool, pbx: String) -> [Signal] {
        self.lines[pbx]?.isUp = isUp
        if !isUp { self.forgetAgents(pbx: pbx) }
        return isUp ? self.loads.values.compactMap { $0.runner?.signal } : []
    }

    /// A queue's picture changed.
    mutating func queueChanged(_ queue: String, now: Duration) -> [Signal] {
        self.wake(self.queues[queue]?.campaigns.members.elements ?? [], now: now)
    }

    /// How predictive pacing stands for the campaign; nil when another rule decides.
    mutating func notePacingState(_ state: PacingState?, of campaign: UUID) {
        self.loads[campaign]?.pacingState = state
    }

    // MARK: What is asked about

    func load(of campaign: UUID) -> Load { self.loads[campaign] ?? Load() }

    // MARK: Counting

    private mutating func hold(_ count: Int, seat: CallSeat) {
        self.inProgress += count
        self.count(seat, phase: .unanswered, by: count)
    }

    private mutating func release(_ count: Int, seat: CallSeat, from phase: CallPhase) {
        self.inProgress -= count
        self.count(seat, phase: phase, by: -count)
    }

    private mutating func count(_ seat: CallSeat, phase: CallPhase, by difference: Int) {
        switch phase {
        case .unanswered: self.loads[seat.campaign, default: Load()].unanswered += difference
        case .answered: self.loads[seat.campaign, default: Load()].answered += difference
        case .waiting: self.loads[seat.campaign, default: Load()].waiting += difference
        case .connected: self.loads[seat.campaign, default: Load()].connected += difference
        }
        guard let queue = seat.queue else { return }
        var load = self.queues[queue]?.loads[seat.pbx] ?? QueueLoad()
        var pending = load.pending[seat.campaign] ?? Pending()
        switch phase {
        case .unanswered: pending.unanswered += difference
        case .answered: pending.answered += difference
        case .waiting: load.waiting += difference
        case .connected: break
        }
        load.pending[seat.campaign] = pending.isEmpty ? nil : pending
        self.queues[queue, default: Queue()].loads[seat.pbx] = load
        if difference < 0 { self.forgetIfIdle(queue: queue) }
    }

    private mutating func forgetIfIdle(_ campaign: UUID) {
        guard let load = self.loads[campaign], load.isEmpty, load.runner == nil else { return }
        self.loads[campaign] = nil
    }

    private mutating func forgetIfIdle(queue: String) {
        guard let entry = self.queues[queue], entry.campaigns.members.isEmpty else { return }
        if entry.loads.values.allSatisfy({ $0.pending.isEmpty && $0.waiting == 0 }) { self.queues[queue] = nil }
    }

    // MARK: Waking

    /// Who may dial now that a line, and maybe an agent, is free: the campaigns of the queue, those first in the PBX's rotation, and
    /// the campaign itself.
    private mutating func signals(forFreed seat: CallSeat, now: Duration?, except: UUID?) -> [Signal] {
        var campaigns: OrderedSet<UUID> = []
        if let queue = seat.queue, let members = self.queues[queue]?.campaigns.members { campaigns.formUnion(members) }
        if let hungry = self.lines[seat.pbx]?.hungry.members { campaigns.formUnion(hungry) }
        campaigns.append(seat.campaign)
        if let except { campaigns.remove(except) }
        return self.wake(campaigns.elements, now: now)
    }

    private mutating func wake(_ campaigns: [UUID], now: Duration?) -> [Signal] {
        campaigns.compactMap { campaign in
            guard let signal = self.loads[campaign]?.runner?.signal else { return nil }
            if let now, self.loads[campaign]?.triggeredAt == nil { self.loads[campaign]?.triggeredAt = now }
            return signal
        }
    }
}
