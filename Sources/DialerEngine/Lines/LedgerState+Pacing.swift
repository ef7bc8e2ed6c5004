import DialerModel
import Pacing
import Telephony

/// Where predictive pacing meets the lines: it is fed here, and asked here for campaigns whose plan says so.
extension LedgerState {
    /// How long predictive pacing may go without a look: agents become free by mere time.
    private static let lookInterval = Duration.milliseconds(500)
    /// Queues whose pacing is remembered; beyond it the one not asked for longest is forgotten.
    private static let mostPacings = 256

    // MARK: Fed

    /// A queue's picture, for its pacing.
    mutating func see(_ snapshot: QueueSnapshot, pbx: String, now: Duration) {
        let waiting = self.queues[snapshot.name]?.loads[pbx]?.waiting ?? 0
        self.pacings[QueuePlace(queue: snapshot.name, pbx: pbx)]?.see(
            snapshot, waiting: waiting, at: Self.seconds(now))
    }

    /// What happened to a call, for its queue's pacing.
    mutating func tell(_ progress: [CallProgress], of call: Int, at seat: CallSeat, now: Duration) {
        guard let queue = seat.queue else { return }
        let place = QueuePlace(queue: queue, pbx: seat.pbx)
        for step in progress { self.pacings[place]?.take(step, of: call, at: Self.seconds(now)) }
    }

    /// The PBX is away: what its agents do is not seen.
    mutating func forgetAgents(pbx: String) {
        for place in self.pacings.keys where place.pbx == pbx { self.pacings[place]?.forgetAgents() }
    }

    /// Makes sure the pacing of the demand's queues is there and knows their agents.
    mutating func lookAtQueues(_ demand: DialDemand, now: Duration) {
        guard case .queue(let queue) = demand.pool else { return }
        self.noteHomes(of: queue, shownBy: demand.queues.keys)
        for (pbx, snapshot) in demand.queues {
            self.rememberPacing(of: QueuePlace(queue: queue, pbx: pbx))
            self.see(snapshot, pbx: pbx, now: now)
        }
    }

    /// From here on the queue's pacing hears of its calls.
    mutating func rememberPacing(of place: QueuePlace) {
        guard self.pacings[place] == nil else { return }
        if self.pacings.count >= Self.mostPacings,
            let oldest = self.pacings.min(by: { $0.value.askedAt < $1.value.askedAt })
        {
            self.pacings[oldest.key] = nil
        }
        self.pacings[place] = QueuePacing()
    }

    // MARK: Asked

    /// The campaign's part of what its queue's agents are good for; nil when the PBX does not show the queue.
    mutating func predictedCalls(_ demand: DialDemand, queue: String, pbx: String, now: Duration) -> Int? {
        guard demand.queues[pbx] != nil else { return nil }
        let place = QueuePlace(queue: queue, pbx: pbx)
        let count = self.pacings[place]?.look(demand.risk, at: Self.seconds(now), atMost: demand.limit)
        return count.map { self.queues[queue]?.campaigns.share(of: $0, for: demand.campaign) ?? $0 }
    }

    /// Of calls the lines would carry, as many as pacing wants; it counts on them from here on. Other rules have said what they want.
    mutating func paced(_ count: Int, for demand: DialDemand, pbx: String, now: Duration) -> Int {
        guard demand.isPredictive, case .queue(let queue) = demand.pool else { return count }
        let place = QueuePlace(queue: queue, pbx: pbx)
        return self.pacings[place]?.grant(demand.risk, at: Self.seconds(now), atMost: count) ?? 0
    }

    /// When to look again though nothing happens; nil when only events matter. Notes in passing how pacing stands.
    mutating func nextLook(_ demand: DialDemand, now: Duration) -> Duration? {
        guard demand.isPredictive, case .queue(let queue) = demand.pool else {
            self.notePacingState(nil, of: demand.campaign)
            return nil
        }
        var state: PacingState?
        var hasAgents = false
        for pbx in demand.queues.keys.sorted() {
            guard let pacing = self.pacings[QueuePlace(queue: queue, pbx: pbx)] else { continue }
            state = state ?? pacing.state
            hasAgents = hasAgents || pacing.workingAgents > 0
        }
        self.notePacingState(state, of: demand.campaign)
        return hasAgents ? now + Self.lookInterval : nil
    }

    private static func seconds(_ uptime: Duration) -> Double { uptime / .seconds(1) }
}
