import DialerModel
import Pacing
import Telephony

/// What a campaign's pacing asks for, before the lines have their say.
extension LedgerState {
    /// How many calls are asked for, and where.
    struct Wants {
        /// The PBXs that may take some.
        var lines: [WeightedSpread.Line]
        /// For each of them, how many.
        var counts: [Int]
        /// Any of them would do: what is placed counts for the next spread.
        var isSpread = false
        /// More would be asked for if the trunk had room.
        var isTrunkShort = false
    }

    /// How many calls the campaign's pacing asks for at each PBX, the one with the most free lines first.
    mutating func wants(_ demand: DialDemand, trunkRoom: Int, now: Duration) -> Wants {
        let open = self.openLines(for: demand, now: now)
        guard case .queue(let queue) = demand.pool, demand.plan.dialMode != .robo else {
            let wanted = self.policy.callsToPlace(PacingSituation(plan: demand.plan, takers: .unlimited, unanswered: 0))
            if demand.pool == .nobody { return Wants(lines: [], counts: []) }
            let count = min(wanted, demand.limit)
            return Wants(
                lines: open, counts: self.shares(of: min(count, trunkRoom), among: open), isSpread: true,
                isTrunkShort: trunkRoom < count)
        }
        if demand.isPredictive {
            var wants = Wants(lines: [], counts: [])
            for line in open {
                guard let count = self.predictedCalls(demand, queue: queue, pbx: line.name, now: now) else { continue }
                wants.lines.append(line)
                wants.counts.append(count)
            }
            return wants
        }
        // The allowance above the agents counts once, not once a PBX: where the queue is, and most lines are free.
        let host = (open.first { demand.queues[$0.name] != nil } ?? open.first)?.name
        var wants = Wants(lines: [], counts: [])
        for line in open {
            let isHost = line.name == host
            guard isHost || demand.queues[line.name] != nil else { continue }
            var situation = self.situation(demand, queue: queue, pbx: line.name)
            if !isHost { situation.serviceLevel = 0 }
            wants.lines.append(line)
            wants.counts.append(min(self.policy.callsToPlace(situation), demand.limit))
        }
        return wants
    }

    /// Shares `count` calls among the PBXs by weight and free lines. When they are more than the free lines, each gets one more than it
    /// can take, so that the campaign waits for it in its rotation.
    private func shares(of count: Int, among open: [WeightedSpread.Line]) -> [Int] {
        let free = open.reduce(0) { $0 + $1.free }
        if free <= count, count > 0 { return open.map { $0.free + 1 } }
        return self.spread.shares(of: count, among: open)
    }

    /// What of a spread was placed.
    mutating func notePlaced(_ grants: [DialGrant], of wants: Wants) {
        guard wants.isSpread, !grants.isEmpty else { return }
        let counts = wants.lines.map { line in
            grants.reduce(0) { $0 + ($1.pbx == line.name ? $1.count : 0) }
        }
        self.spread.placed(counts, among: wants.lines)
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
}
