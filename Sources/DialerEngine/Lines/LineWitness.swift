import DialerModel
import Pacing

/// Makes one word about its line of a call's events: whether the call got through to its network.
struct LineWitness: Sendable {
    private var isTold = false
    private var hasChannel = false

    /// Q.850 causes that speak of the way to the number, not of the number: no circuit (34), network out of order (38), temporary failure
    /// (41), switching equipment congestion (42), requested circuit not available (44).
    private static let congestionCauses: Set<Int> = [34, 38, 41, 42, 44]
    private static let normalClearing = 16
    private static let congestionResult = 8

    /// - Returns: the outcome once it is clear that the call got through; nil before and after.
    mutating func outcome(after event: CallEvent) -> LineHealth.Outcome? {
        switch event {
        case .channelCreated:
            self.hasChannel = true
            return nil
        case .ringing, .originateResponse(answered: true, _, _), .dialEnd(.answer): break
        case .originateQueued, .originateRefused, .dialBegin, .dialEnd, .originateResponse, .joinedQueue,
            .hangupRequested, .leftQueueUnanswered, .agentRinging, .agentNoAnswer, .agentConnected, .agentCompleted,
            .machineDetected, .machineDetectionCause, .parked, .hangup, .vanished:
            return nil
        }
        guard !self.isTold else { return nil }
        self.isTold = true
        return .worked
    }

    /// - Returns: the outcome at the call's end; nil when it was told before.
    mutating func outcome(at result: DialingResult) -> LineHealth.Outcome? {
        guard !self.isTold else { return nil }
        self.isTold = true
        switch result.status {
        case .hangup: return .worked
        case .responseFailed: break
        case .none, .originateRequested, .originateQueued, .dialBegin, .channelCreated, .dialEnd, .originateResponded,
            .requestFailed, .queuedFailed, .blocked, .error:
            return .unknown
        }
        switch result.hangupCause {
        case let cause where Self.congestionCauses.contains(cause): return .congested
        // Hung up by us, or by somebody at the PBX.
        case Self.normalClearing: return .unknown
        case 0:
            if result.dialResult == Self.congestionResult { return .congested }
            // A failure without a cause and without a channel: the PBX has no such technology or endpoint.
            return result.dialResult == 0 && !self.hasChannel ? .congested : .worked
        default: return .worked
        }
    }
}
