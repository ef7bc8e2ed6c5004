import DialerModel

/// A dialing in progress. Lives within its desk's actor; a class, so that a call of a kilobyte is not copied at each event.
final class TrackedCall {
    /// How far the request went.
    enum Request: Sendable, Hashable {
        /// Claimed, waits for its turn to be sent.
        case waiting
        /// Handed to the driver at that uptime; from here on the call may exist.
        case sent(at: Duration)
    }

    let dialing: Dialing
    /// The lease it is under.
    var fence: Int64
    let seat: CallSeat
    var machine: DialingStateMachine
    var phase = CallPhase.unanswered
    var request: Request
    var updatedAt: Timestamp
    /// The machine's deadline the alarm is set for, and the uptime it stands for.
    var deadline: (wall: Timestamp, uptime: Duration)?
    /// The instant of the event that led to this call.
    var triggeredAt: Duration?
    /// The PBX, asked, did not know the call. Its end may be on the way; a second such answer ends it.
    var isMissing = false
    /// Somebody wanted it hung up before the PBX knew it.
    var isUnwanted = false
    /// It is among those to be hung up.
    var isHangUpWaiting = false
    /// Where the plan may send the call after its answer.
    let detours: [Detour: Destination]
    /// What the abandonment's book was told it counts as.
    var bookedOutcome: AnswerOutcome?
    /// When it was taken up, as uptime.
    let placedAt: Duration
    /// What its line was told.
    var witness = LineWitness()
    /// What its queue's pacing was told.
    var pacing = PacingReporter()

    init(
        dialing: Dialing, seat: CallSeat, machine: DialingStateMachine, detours: [Detour: Destination],
        request: Request, now: Timestamp, placedAt: Duration
    ) {
        self.placedAt = placedAt
        self.dialing = dialing
        self.fence = dialing.fence
        self.seat = seat
        self.detours = detours
        self.machine = machine
        self.request = request
        self.updatedAt = now
    }

    /// A machine has it and no agent shall.
    var isTurnedAway: Bool {
        self.machine.outcome == .machine && self.dialing.snapshot.plan.machineHandling != .connect
    }

    /// Whether its destination is the queue itself, not an extension that may do other things first.
    var needsAgentAtOnce: Bool { self.dialing.snapshot.destination.kind == .application }

    /// What the call takes from the floor after `event`; stages never go back.
    func phase(after event: CallEvent?) -> CallPhase {
        switch self.machine.stage {
        case .dialing: return self.phase
        case .withAgent, .ended: return .connected
        case .answered:
            guard self.seat.queue != nil, !self.isTurnedAway else { return .connected }
            switch (self.phase, event) {
            case (.connected, _): return .connected
            case (_, .leftQueueUnanswered): return .connected
            case (_, .joinedQueue), (.waiting, _): return .waiting
            // Found answered by asking the PBX: an agent has it, or the queue's own count of callers does.
            case (.unanswered, nil): return .connected
            case (.unanswered, _), (.answered, _): return .answered
            }
        }
    }
}
