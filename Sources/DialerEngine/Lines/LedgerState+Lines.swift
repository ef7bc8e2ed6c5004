import DialerModel
import OrderedCollections
import Pacing

import struct Foundation.UUID

/// Which lines may carry a call: ceilings of trunks, the PBXs they and the queues are bound to, and the lines' health.
extension LedgerState {
    /// Trunks whose congestions are remembered at one PBX; what plans name beyond costs no memory.
    private static let mostTrunks = 1_000
    /// Queues whose PBXs are remembered.
    private static let mostQueueHomes = 1_000

    // MARK: Open lines

    /// The PBXs by which the demand's calls may go now, the one with the most free lines first.
    func openLines(for demand: DialDemand, now: Duration) -> [WeightedSpread.Line] {
        self.openLines(trunk: demand.trunk, queue: demand.pool.queue, now: now)
    }

    private func openLines(trunk: String?, queue: String?, now: Duration) -> [WeightedSpread.Line] {
        var open: [WeightedSpread.Line] = []
        for pbx in self.places(trunk: trunk, queue: queue) {
            guard let lines = self.lines[pbx], lines.isUp, Self.healthAllowance(lines, trunk: trunk, now: now) > 0
            else { continue }
            let free = Self.free(lines, trunk: trunk, now: now)
            open.append(WeightedSpread.Line(name: pbx, weight: lines.weight, free: free))
        }
        return open.sorted { $0.free == $1.free ? $0.name < $1.name : $0.free > $1.free }
    }

    /// The PBXs by which a call may go when they are up: where its trunk is pinned, and where its queue's agents are.
    private func places(trunk: String?, queue: String?) -> Set<String> {
        var places = Set(self.lines.keys)
        if let trunk, let pinned = self.trunks[trunk]?.pbx { places.formIntersection([pinned]) }
        // A call that goes elsewhere finds no agent, however many are signed in.
        if let queue, let homes = self.queueHomes[queue], !homes.isEmpty { places.formIntersection(homes) }
        return places
    }

    /// The PBX for one call somebody asks for by hand; nil when none can take it now.
    func nextPBX(trunk: String?, queue: String?, now: Duration) -> String? {
        let open = self.openLines(trunk: trunk, queue: queue, now: now)
        let shares = self.spread.shares(of: 1, among: open)
        return shares.firstIndex(of: 1).map { open[$0].name } ?? open.first?.name
    }

    /// Remembers where a queue is.
    mutating func noteHomes(of queue: String, shownBy pbxs: some Collection<String>) {
        guard !pbxs.isEmpty else { return }
        if self.queueHomes[queue] == nil, self.queueHomes.count >= Self.mostQueueHomes {
            guard let idle = self.queueHomes.keys.first(where: { self.queues[$0] == nil }) else { return }
            self.queueHomes[idle] = nil
        }
        // One that is away may have it still; one that is up and does not show it has it no more.
        let away = (self.queueHomes[queue] ?? []).filter { self.lines[$0]?.isUp == false }
        self.queueHomes[queue] = away.union(pbxs)
    }

    // MARK: Trunks

    /// How many calls the campaign may place by its trunk now, its turn considered; `Int.max` when the trunk has no limits of its own.
    func trunkRoom(for demand: DialDemand, now: Duration) -> Int {
        guard let name = demand.trunk, let trunk = self.trunks[name] else { return .max }
        return trunk.hungry.share(of: trunk.budget.available(at: Self.steady(now)), for: demand.campaign)
    }

    func trunkHasRoom(_ seat: CallSeat, now: Duration) -> Bool {
        guard let name = seat.trunk, let trunk = self.trunks[name] else { return true }
        return (trunk.pbx ?? seat.pbx) == seat.pbx && trunk.budget.available(at: Self.steady(now)) > 0
    }

    /// Counts calls that have their lines at the PBX on their trunk.
    mutating func reserveTrunk(_ count: Int, for seat: CallSeat, now: Duration) {
        guard let name = seat.trunk else { return }
        _ = self.trunks[name]?.budget.reserve(count, at: Self.steady(now))
    }

    /// Puts the campaign into its trunk's rotation, or out of it.
    ///
    /// - Returns: the campaigns whose turn came because this one needs no more.
    mutating func queueUpForTrunk(
        _ demand: DialDemand, isShort: Bool, allowance: inout DialAllowance, now: Duration
    ) -> [UUID] {
        guard let name = demand.trunk, var trunk = self.trunks[name] else { return [] }
        defer { self.trunks[name] = trunk }
        if allowance.total > 0 { trunk.hungry.served(demand.campaign) }
        guard isShort else {
            return trunk.hungry.leave(demand.campaign) ? trunk.hungry.members.elements : []
        }
        trunk.hungry.join(demand.campaign)
        let instant = trunk.budget.nextOpportunity(after: Self.steady(now))
        allowance.ask(at: instant.map { now + ($0 - Self.steady(now)) }, now: now)
        return []
    }

    /// Calls in progress at the seat's PBX, and by its trunk when that has limits of its own.
    func calls(of seat: CallSeat) -> (pbx: Int, trunk: Int?) {
        (
            self.lines[seat.pbx]?.budget.inProgress ?? 0,
            seat.trunk.flatMap { self.trunks[$0]?.budget.inProgress }
        )
    }

    // MARK: Health

    /// Calls the PBX could take now by that trunk.
    static func free(_ lines: Lines, trunk: String?, now: Duration) -> Int {
        min(lines.budget.available(at: self.steady(now)), self.healthAllowance(lines, trunk: trunk, now: now))
    }

    private static func healthAllowance(_ lines: Lines, trunk: String?, now: Duration) -> Int {
        let own = lines.health.allowance(at: self.steady(now))
        guard let trunk, let health = lines.trunkHealth[trunk] else { return own }
        return min(own, health.allowance(at: self.steady(now)))
    }

    /// When a call may begin at the earliest; nil when something has to happen first.
    static func nextOpportunity(_ lines: Lines, trunk: String?, now: Duration) -> Duration? {
        let steady = self.steady(now)
        var instants = [lines.budget.nextOpportunity(after: steady), lines.health.nextOpportunity(after: steady)]
        if let trunk, let health = lines.trunkHealth[trunk] {
            instants.append(health.nextOpportunity(after: steady))
        }
        let known = instants.compactMap(\.self)
        guard known.count == instants.count, let latest = known.max() else { return nil }
        return now + (latest - steady)
    }

    /// Calls were granted by that trunk: on a line that is to be tried, one of them is the trial.
    static func granted(_ lines: inout Lines, trunk: String?, now: Duration) {
        lines.health.granted(at: self.steady(now))
        if let trunk { lines.trunkHealth[trunk]?.granted(at: self.steady(now)) }
    }

    /// - Returns: whether a line waits for another trial because the grant's was not placed.
    mutating func trialGivenBack(_ grant: DialGrant) -> Bool {
        let before = (self.lines[grant.pbx]?.health, grant.trunk.flatMap { self.lines[grant.pbx]?.trunkHealth[$0] })
        self.lines[grant.pbx]?.health.gaveBack(grantedAt: Self.steady(grant.at))
        if let trunk = grant.trunk {
            self.lines[grant.pbx]?.trunkHealth[trunk]?.gaveBack(grantedAt: Self.steady(grant.at))
        }
        let after = (self.lines[grant.pbx]?.health, grant.trunk.flatMap { self.lines[grant.pbx]?.trunkHealth[$0] })
        return before != after
    }

    /// When the first drained line that could carry the demand's calls is to be tried; nil when none is waited for.
    func nextTrial(for demand: DialDemand, now: Duration) -> Duration? {
        var next: Duration?
        for pbx in self.places(trunk: demand.trunk, queue: demand.pool.queue) {
            guard let lines = self.lines[pbx], lines.isUp,
                Self.healthAllowance(lines, trunk: demand.trunk, now: now) == 0,
                let instant = Self.nextOpportunity(lines, trunk: demand.trunk, now: now)
            else { continue }
            next = min(next ?? instant, instant)
        }
        return next
    }

    /// Takes in what became of a call on its line.
    ///
    /// A congestion speaks against the call's trunk at this PBX; against the PBX itself when the call named no trunk, or when calls of
    /// different trunks meet congestion with none getting through.
    ///
    /// - Parameter chance: 0…1, for the jitter of a pause.
    /// - Returns: what changed, and the runners to wake.
    mutating func report(
        _ outcome: LineHealth.Outcome, of seat: CallSeat, placedAt: Duration, now: Duration, chance: Double
    ) -> (changes: [LineChange], signals: [Signal]) {
        guard var lines = self.lines[seat.pbx] else { return ([], []) }
        let (placed, instant) = (Self.steady(placedAt), Self.steady(now))
        let before = (lines.health.state, seat.trunk.flatMap { lines.trunkHealth[$0]?.state })
        var changes: [LineChange] = []
        if let trunk = seat.trunk {
            if outcome == .congested { self.remember(trunk, in: &lines, now: now) }
            if let change = lines.trunkHealth[trunk]?.take(outcome, placedAt: placed, at: instant, chance: chance) {
                changes.append(LineChange(pbx: seat.pbx, trunk: trunk, change: change))
            }
            if lines.trunkHealth[trunk]?.isSpotless(at: instant) == true { lines.trunkHealth[trunk] = nil }
        }
        switch outcome {
        case .worked: lines.congestedTrunks = []
        case .congested:
            if lines.congestedTrunks.count < 2 { lines.congestedTrunks.insert(seat.trunk ?? "") }
        case .unknown: break
        }
        let isOneTrunks = seat.trunk != nil && lines.congestedTrunks.count < 2
        if outcome != .congested || !isOneTrunks || lines.health.state != .open,
            let change = lines.health.take(outcome, placedAt: placed, at: instant, chance: chance)
        {
            changes.append(LineChange(pbx: seat.pbx, trunk: nil, change: change))
        }
        self.lines[seat.pbx] = lines
        let after = (lines.health.state, seat.trunk.flatMap { lines.trunkHealth[$0]?.state })
        return (changes, before == after ? [] : self.everyone)
    }

    /// From here on the trunk's calls at this PBX are judged.
    private func remember(_ trunk: String, in lines: inout Lines, now: Duration) {
        guard lines.trunkHealth[trunk] == nil else { return }
        let instant = Self.steady(now)
        if lines.trunkHealth.count >= Self.mostTrunks {
            guard let idle = lines.trunkHealth.first(where: { $0.value.isForgettable(at: instant) })?.key else {
                return
            }
            lines.trunkHealth[idle] = nil
        }
        // It was open all along.
        lines.trunkHealth[trunk] = LineHealth(rules: self.healthRules, at: .distantPast)
    }

    /// How every line that is held back stands.
    func heldBack(pbx: String, now: Duration) -> [LineState] {
        guard let lines = self.lines[pbx] else { return [] }
        var states: [LineState] = []
        if lines.health.state != .open { states.append(LineState(trunk: nil, state: lines.health.state)) }
        for (trunk, health) in lines.trunkHealth.sorted(by: { $0.key < $1.key })
        where health.state != .open && !health.isForgettable(at: Self.steady(now)) {
            states.append(LineState(trunk: trunk, state: health.state))
        }
        return states
    }
}
