import DialerModel

/// Makes of what a call's desk knows the ``CallProgress`` its queue's pacing is to be told: each step once, and in order.
struct PacingReporter: Sendable {
    private enum Told: Int, Comparable {
        case placed, answered, withAgent, over

        static func < (left: Told, right: Told) -> Bool { left.rawValue < right.rawValue }
    }

    private var told = Told.placed

    /// For a call that is found alive at a start: pacing hears of it as placed unless it was answered long ago.
    init(isAnswered: Bool = false) {
        self.told = isAnswered ? .over : .placed
    }

    /// What is new since the last time. `event` is the one that changed the call, nil where there was none.
    mutating func progress(
        phase: CallPhase, event: CallEvent?, outcome: AnswerOutcome?, needsAgentAtOnce: Bool, isTurnedAway: Bool
    ) -> [CallProgress] {
        var progress: [CallProgress] = []
        if self.told == .placed {
            if isTurnedAway {
                self.told = .over
                return [.machine]
            }
            // A call whose dialplan listens for a machine first needs nobody before it reaches the queue.
            if phase == .waiting || phase == .connected || (phase == .answered && needsAgentAtOnce) {
                self.told = .answered
                progress.append(.answered)
            }
        }
        if self.told == .answered {
            if case .agentConnected(let agent, _) = event {
                self.told = .withAgent
                progress.append(.withAgent(agent))
            } else if outcome == .abandoned {
                self.told = .over
                progress.append(.abandoned)
            } else if isTurnedAway || phase == .connected {
                self.told = .over
                progress.append(.over)
            }
        }
        if self.told == .withAgent, case .agentCompleted = event {
            self.told = .over
            progress.append(.over)
        }
        return progress
    }

    /// The call's end, after which there is nothing more to tell.
    mutating func end(isAnswered: Bool, dialResult: Int, outcome: AnswerOutcome?) -> [CallProgress] {
        defer { self.told = .over }
        switch self.told {
        case .over: return []
        case .withAgent: return [.over]
        case .answered: return [outcome == .abandoned ? .abandoned : .over]
        case .placed:
            guard isAnswered else { return [.unanswered(.init(unanswered: dialResult))] }
            switch outcome {
            case .machine: return [.machine]
            case .abandoned: return [.answered, .abandoned]
            case .kept, nil: return [.answered, .over]
            }
        }
    }
}
