import DialerModel
import OrderedCollections
import Pacing
import Telephony

import struct Foundation.UUID

/// The floor's book-keeping: lines by PBX and trunk, calls by campaign and stage, agents shared by the campaigns of a queue. A plain value; time
/// comes in as an argument.
struct LedgerState: Sendable {
    var lines: [String: Lines] = [:]
    var trunks: [String: Trunk] = [:]
    private(set) var loads: [UUID: Load] = [:]
    private(set) var queues: [String: Queue] = [:]
    /// The PBXs that showed a queue when it was last seen: the agents are there, even while they cannot be seen.
    var queueHomes: [String: Set<String>] = [:]
    /// Who is next among the PBXs that may take a call.
    var spread = WeightedSpread()
    private(set) var inProgress = 0
    private(set) var unwritten = 0
    /// What was learnt of each queue, kept while the engine runs: campaigns come and go.
    var pacings: [QueuePlace: QueuePacing] = [:]
    private let limits: [String: LineLimits]
    private let trunkLimits: [TrunkLimits]
    private var part = Part()
    /// How many parts were taken before the present one.
    private(set) var partNumber = 0
    /// Grants whose claims are not done, by ``DialGrant/part``.
    private var openGrants: [Int: Int] = [:]
    /// Calls in progress and unwritten results, together, stay at or below this.
    private let unwrittenLimit: Int
    let policy: any PacingPolicy
    let healthRules: LineHealth.Rules

    init(
        limits: [String: LineLimits],
        trunks: [TrunkLimits] = [],
        health: LineHealth.Rules = LineHealth.Rules(),
        unwrittenLimit: Int,
        policy: any PacingPolicy,
        now: Duration
    ) {
        self.limits = limits
        self.trunkLimits = trunks
        self.unwrittenLimit = unwrittenLimit
        self.policy = policy
        self.healthRules = health
        let now = Self.steady(now)
        for (pbx, limit) in limits {
            let budget = LineBudget(maxCalls: limit.maxCalls, maxCallsPerSecond: limit.maxCallsPerSecond, at: now)
            self.lines[pbx] = Lines(budget: budget, weight: limit.weight, health: LineHealth(rules: health, at: now))
        }
        for trunk in trunks {
            let budget = LineBudget(
                maxCalls: trunk.maxCalls ?? .max, maxCallsPerSecond: trunk.maxCallsPerSecond ?? Self.unlimitedRate,
                at: now)
            self.trunks[trunk.name] = Trunk(pbx: trunk.pbx, budget: budget)
        }
    }

    /// Calls a second of a trunk without a ceiling of its own: more than any PBX takes.
    private static let unlimitedRate = 1_000_000.0

    /// Whether others' calls keep this engine below its part.
    var isShort: Bool {
        let share = { (whole: Int) in Part.share(self.part.place, of: self.part.count, whole) }
        return self.limits.contains { pbx, limit in
            self.part.maxCalls(at: pbx, of: limit.maxCalls) < share(limit.maxCalls)
        }
            || self.trunkLimits.contains { trunk in
                trunk.maxCalls.map { self.part.maxCalls(by: trunk.name, of: $0) < share($0) } ?? false
            }
    }

    /// Keeps to a part of every PBX's limits.
    ///
    /// - Returns: the runners to wake.
    mutating func take(_ part: Part, now: Duration) -> [Signal] {
        guard part != self.part else { return [] }
        self.part = part
        self.partNumber += 1
        for (pbx, limit) in self.limits {
            self.lines[pbx]?.budget.limit(
                maxCalls: part.maxCalls(at: pbx, of: limit.maxCalls),
                maxCallsPerSecond: limit.maxCallsPerSecond / Double(part.count), at: Self.steady(now))
        }
        for trunk in self.trunkLimits {
            self.trunks[trunk.name]?.budget.limit(
                maxCalls: trunk.maxCalls.map { part.maxCalls(by: trunk.name, of: $0) } ?? .max,
                maxCallsPerSecond: trunk.maxCallsPerSecond.map { $0 / Double(part.count) } ?? Self.unlimitedRate,
                at: Self.steady(now))
        }
        return self.loads.values.compactMap { $0.runner?.signal }
    }

    /// Whether every claim is done that was granted under another part than the present one.
    var isPartSettled: Bool { self.openGrants.keys.allSatisfy { $0 == self.partNumber } }

    /// Places nothing new until another part is taken.
    mutating func hold(now: Duration) {
        var part = self.part
        part.isHeld = true
        _ = self.take(part, now: now)
    }

    /// The budgets count in timestamps; they get steady ones, so a stepped wall clock neither bursts nor stalls the rate.
    static func steady(_ uptime: Duration) -> Timestamp {
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
        for trunk in self.trunks.keys { self.trunks[trunk]?.hungry.leave(campaign) }
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
        for trunk in self.trunks.keys where self.trunks[trunk]?.hungry.leave(campaign) == true {
            others.formUnion(self.trunks[trunk]?.hungry.members ?? [])
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
        var trunkRoom = self.trunkRoom(for: demand, now: now)
        let wants = self.wants(demand, trunkRoom: trunkRoom, now: now)
        var isTrunkShort = wants.isTrunkShort
        for (place, want) in wants.counts.enumerated() {
            let pbx = wants.lines[place].name
            guard room > 0, var lines = self.lines[pbx] else { continue }
            // Free for the next one in the rotation.
            defer { self.lines[pbx] = lines }
            let wanted = min(want, trunkRoom)
            if wanted < min(want, room) { isTrunkShort = true }
            guard wanted > 0 else {
                if lines.hungry.leave(demand.campaign) { next.formUnion(lines.hungry.members) }
                continue
            }
            let free = Self.free(lines, trunk: demand.trunk, now: now)
            let part = min(room, wanted, lines.hungry.share(of: free, for: demand.campaign))
            let count = lines.budget.reserve(
                self.paced(part, for: demand, pbx: pbx, now: now), at: Self.steady(now))
            if count > 0 {
                lines.hungry.served(demand.campaign)
                let seat = CallSeat(
                    campaign: demand.campaign, pbx: pbx, trunk: demand.trunk, queue: demand.pool.queue)
                Self.granted(&lines, trunk: demand.trunk, now: now)
                self.reserveTrunk(count, for: seat, now: now)
                self.hold(count, seat: seat)
                allowance.grants.append(
                    DialGrant(pbx: pbx, trunk: demand.trunk, count: count, at: now, part: self.partNumber))
                self.openGrants[self.partNumber, default: 0] += 1
                room -= count
                trunkRoom -= count
                isServed = true
            }
            if count < min(wanted, room + count) {
                lines.hungry.join(demand.campaign)
                allowance.ask(at: Self.nextOpportunity(lines, trunk: demand.trunk, now: now), now: now)
            } else if lines.hungry.leave(demand.campaign) {
                next.formUnion(lines.hungry.members)
            }
        }
        self.notePlaced(allowance.grants, of: wants)
        next.formUnion(self.queueUpForTrunk(demand, isShort: isTrunkShort, allowance: &allowance, now: now))
        allowance.ask(at: self.nextTrial(for: demand, now: now), now: now)
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

    // MARK: Calls

    /// Of a grant, only `claimed` contacts were there: the rest is given back.
    mutating func settle(_ grant: DialGrant, claimed: Int, campaign: UUID, queue: String?) -> [Signal] {
        let others = (self.openGrants[grant.part] ?? 0) - 1
        self.openGrants[grant.part] = others > 0 ? others : nil
        let unused = grant.count - claimed
        if let queue { self.pacings[QueuePlace(queue: queue, pbx: grant.pbx)]?.settle(grant.count) }
        guard unused > 0 else { return [] }
        let seat = CallSeat(campaign: campaign, pbx: grant.pbx, trunk: grant.trunk, queue: queue)
        self.lines[grant.pbx]?.budget.giveBack(unused)
        if let trunk = grant.trunk { self.trunks[trunk]?.budget.giveBack(unused) }
        self.release(unused, seat: seat, from: .unanswered)
        self.forgetIfIdle(campaign)
        let signals = self.signals(forFreed: seat, now: nil, except: campaign)
        return self.trialGivenBack(grant) ? self.everyone : signals
    }

    /// A claimed call goes elsewhere than its grant thought, because the campaign's destination or its plan's trunk changed in between.
    mutating func reseat(from old: CallSeat, to new: CallSeat) {
        guard old != new else { return }
        if old.trunk != new.trunk {
            if let trunk = old.trunk { self.trunks[trunk]?.budget.callEnded() }
            if let trunk = new.trunk { self.trunks[trunk]?.budget.adopt(1) }
        }
        self.count(old, phase: .unanswered, by: -1)
        self.count(new, phase: .unanswered, by: 1)
    }

    /// Takes one line for a call somebody asked for by hand; nil when there is none.
    mutating func takeOne(_ seat: CallSeat, now: Duration) -> DialGrant? {
        guard var lines = self.lines[seat.pbx], lines.isUp, self.inProgress + self.unwritten < self.unwrittenLimit,
            Self.free(lines, trunk: seat.trunk, now: now) > 0, self.trunkHasRoom(seat, now: now),
            lines.budget.reserve(1, at: Self.steady(now)) == 1
        else { return nil }
        Self.granted(&lines, trunk: seat.trunk, now: now)
        self.lines[seat.pbx] = lines
        self.reserveTrunk(1, for: seat, now: now)
        self.hold(1, seat: seat)
        self.openGrants[self.partNumber, default: 0] += 1
        return DialGrant(pbx: seat.pbx, trunk: seat.trunk, count: 1, at: now, part: self.partNumber)
    }

    /// Counts a call that lives already, found at a start.
    mutating func adopt(_ seat: CallSeat) {
        self.lines[seat.pbx]?.budget.adopt(1)
        if let trunk = seat.trunk { self.trunks[trunk]?.budget.adopt(1) }
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
        if let trunk = seat.trunk { self.trunks[trunk]?.budget.callEnded() }
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
        return isUp ? self.everyone : []
    }

    /// The signals of all runners.
    var everyone: [Signal] { self.loads.values.compactMap { $0.runner?.signal } }

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
        if let trunk = seat.trunk, let hungry = self.trunks[trunk]?.hungry.members { campaigns.formUnion(hungry) }
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
