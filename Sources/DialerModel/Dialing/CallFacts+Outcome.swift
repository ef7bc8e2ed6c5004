extension CallFacts {
    /// What an answered call is to be judged by.
    struct Judgement: Sendable {
        /// The plan's `abandon_grace`.
        var grace: Duration
        /// Whether the destination is a queue, or an extension said to end in one.
        var isQueueDestination: Bool
        /// Whether the dialplan may listen for a machine before the queue: then a call that has not reached it may be a machine's still.
        var mayDetectMachine: Bool
    }

    /// What the call counts as, as far as it is certain at `now`; nil while it may go either way.
    ///
    /// Abandonment is certain as soon as the grace time is over and nobody has the call, not when it ends.
    func outcome(by judgement: Judgement, at now: Timestamp) -> AnswerOutcome? {
        guard let answeredAt = self.answeredAt else { return nil }
        if self.isMachine { return .machine }
        guard judgement.isQueueDestination || self.queue != nil else { return nil }
        if let agentConnectedAt = self.agentConnectedAt {
            return agentConnectedAt - answeredAt > judgement.grace ? .abandoned : .kept
        }
        // An agent had it, and when is not known.
        if self.agent != nil { return .kept }
        guard !self.mayHaveUnseenAgent, !self.isDetectionPending(judgement), now - answeredAt > judgement.grace else {
            return nil
        }
        return self.hasLeft(within: judgement.grace) ? nil : .abandoned
    }

    /// What the call counts as when it has ended without ``outcome(by:at:)`` having been certain.
    func outcomeAtEnd(by judgement: Judgement, status: DialingStatus) -> AnswerOutcome? {
        guard self.answeredAt != nil else { return nil }
        if self.isMachine { return .machine }
        guard judgement.isQueueDestination || self.queue != nil, self.wasSeenWithoutAgent(status: status) else {
            return .kept
        }
        // Whoever hung up before the time was over was not made to wait too long. Whose call the PBX dropped was.
        return self.hasLeft(within: judgement.grace) ? .kept : .abandoned
    }

    /// When abandonment becomes certain; nil when only events can tell.
    func abandonmentDue(by judgement: Judgement) -> Timestamp? {
        guard let answeredAt = self.answeredAt, judgement.isQueueDestination || self.queue != nil, !self.isMachine,
            self.agent == nil, !self.mayHaveUnseenAgent, !self.isDetectionPending(judgement),
            !self.hasLeft(within: judgement.grace)
        else { return nil }
        // An agent at the last instant of the grace time is in time.
        return answeredAt + judgement.grace + .microseconds(1)
    }

    private func isDetectionPending(_ judgement: Judgement) -> Bool {
        judgement.mayDetectMachine && self.machineStatus == nil && self.queue == nil
    }

    /// Whether the person hung up within the grace time.
    private func hasLeft(within grace: Duration) -> Bool {
        guard let answeredAt = self.answeredAt, let hangupRequestedAt = self.hangupRequestedAt else { return false }
        return hangupRequestedAt - answeredAt <= grace
    }
}
