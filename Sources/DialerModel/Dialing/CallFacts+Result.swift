import struct Foundation.UUID

extension CallFacts {
    /// The result these facts amount to.
    ///
    /// - Parameter detail: why, when `status` is one of the errors; replaces the words for the dial result unless the call was answered.
    func result(
        dialing: UUID,
        status: DialingStatus,
        detail: String?,
        outcome: AnswerOutcome?,
        isQueueDestination: Bool,
        now: Timestamp
    ) -> DialingResult {
        // Events may carry times out of order; no interval of the result is negative.
        let lastSeenAt = [self.answeredAt, self.queuedAt, self.agentConnectedAt, self.dialBeginAt].compactMap(\.self)
            .max()
        let endedAt = max(self.hungUpAt ?? self.terminalAt ?? now, lastSeenAt ?? .distantPast)
        var result = DialingResult(dialing: dialing, status: status, endedAt: endedAt)
        result.channel = self.channel
        result.dialResult = self.dialResult
        result.dialResultDetail =
            result.dialResult == 4
            ? DialResultText.text(for: 4)
            : detail ?? (result.dialResult == 0 ? nil : DialResultText.text(for: result.dialResult))
        result.hangupCause = self.cause.rawValue
        result.hangupCauseDetail = self.causeText
        // An answered call whose end was not seen has its words at the hang-up, the part that is missing.
        if result.dialResult == 4, self.hangup == nil, let detail { result.hangupCauseDetail = detail }
        result.dialBeginAt = self.dialBeginAt
        result.answeredAt = self.answeredAt
        result.queue = self.queue
        result.queuedAt = self.queuedAt
        result.agent = self.agent
        result.agentConnectedAt = self.agentConnectedAt
        result.outcome = result.dialResult == 4 ? outcome : nil
        result.machineStatus = self.machineStatus
        result.machineCause = self.machineCause
        self.addTimes(to: &result, status: status, isQueueCall: isQueueDestination || self.queue != nil)
        return result
    }

    /// jade's `res_dial`: 4 answered, 5 busy, 3 not answered in time, 8 congestion, 0 nothing of these.
    ///
    /// The hang-up cause decides, then how the dial attempt ended, then the reason of the response: for a SIP 486 the reason is 0, for
    /// a Local channel that ends by `Busy()` the cause of our half is 0.
    private var dialResult: Int {
        if self.answeredAt != nil { return 4 }
        switch self.cause {
        case .userBusy: return 5
        case .noAnswer, .noUserResponse, .answeredElsewhere: return 3
        case .callRejected, .outOfOrder, .circuitCongestion, .networkOutOfOrder, .temporaryFailure, .switchCongestion:
            return 8
        default: break
        }
        switch self.dialStatus {
        case .busy: return 5
        case .congestion: return 8
        case .answer, .noAnswer, .channelUnavailable, .cancel, .abort, nil: break
        }
        guard let reason = self.response?.reason, [1, 3, 5, 8].contains(reason) else { return 0 }
        return reason
    }

    /// The PBX's own words for the cause that counts, else the table's.
    private var causeText: String? {
        let cause = self.cause
        let told = [self.hangup, self.peerHangup].compactMap(\.self).first { $0.cause == cause.rawValue }
        guard let told else { return nil }
        return told.text.isEmpty ? cause.text : told.text
    }

    private func addTimes(to result: inout DialingResult, status: DialingStatus, isQueueCall: Bool) {
        guard let answeredAt = self.answeredAt else { return }
        if isQueueCall { self.addWait(to: &result, since: answeredAt, status: status) }
        if let agentConnectedAt = self.agentConnectedAt {
            // The PBX counts whole seconds; our own clock knows milliseconds.
            let talkedUntil = self.agentCompletedAt ?? self.hungUpAt
            result.talkSeconds = talkedUntil.map { Self.seconds(from: agentConnectedAt, to: $0) }
        } else if let talk = self.toldTalk {
            result.talkSeconds = max(0, Self.milliseconds(talk))
        }
    }

    private func addWait(to result: inout DialingResult, since answeredAt: Timestamp, status: DialingStatus) {
        if let agentConnectedAt = self.agentConnectedAt {
            result.waitSeconds = Self.seconds(from: answeredAt, to: agentConnectedAt)
            return
        }
        guard self.wasSeenWithoutAgent(status: status) else { return }
        result.waitSeconds = Self.seconds(from: answeredAt, to: self.leftQueueAt ?? result.endedAt)
    }

    /// Whether nobody took the call, and we could have seen it if somebody had.
    func wasSeenWithoutAgent(status: DialingStatus) -> Bool {
        guard self.agent == nil else { return false }
        return (status == .hangup && !self.mayHaveUnseenAgent) || self.leftQueueAt != nil
    }

    private static func seconds(from start: Timestamp, to end: Timestamp) -> Double {
        max(0, self.milliseconds(end - start))
    }

    /// Seconds, cut to whole milliseconds.
    private static func milliseconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds * 1000 + attoseconds / 1_000_000_000_000_000) / 1000
    }
}
