/// What a call in progress takes from the floor.
enum CallPhase: Sendable, Hashable {
    /// Claimed and not answered: an agent may be needed soon.
    case unanswered
    /// Answered, and not seen in a queue yet.
    case answered
    /// Waits in a queue; the queue's own picture counts it too.
    case waiting
    /// With an agent, parked or in an application: needs nobody any more.
    case connected
}
