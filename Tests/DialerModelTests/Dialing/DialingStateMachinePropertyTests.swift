import DialerModel
import Testing

/// Whatever comes in whatever order: one result, and a sensible one.
@Suite struct DialingStateMachinePropertyTests {
    @Test("any order, repetition, lateness and absence of events ends in exactly one result", arguments: 1...40)
    func exactlyOneResult(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for round in 0..<500 {
            let isLocal = Bool.random(using: &generator)
            let application = ["queue", "Queue", "park", nil].randomElement(using: &generator) ?? nil
            var dialing = Samples.dialing(tech: isLocal ? "Local" : "PJSIP", application: application)
            dialing.snapshot.plan.machineHandling =
                MachineHandling.allCases.randomElement(using: &generator) ?? .connect
            dialing.snapshot.plan.abandonDestination = Bool.random(using: &generator) ? Samples.uuid(7) : nil
            dialing.snapshot.destination.queue = Bool.random(using: &generator) ? "sales_1" : nil
            var machine = DialingStateMachine(dialing, at: Samples.start)
            var now = Samples.start
            var results: [DialingResult] = []
            var detours = 0
            var sawAnswer = false
            var history: [CallEvent] = []

            func take(_ action: DialingStateMachine.Action?) {
                switch action {
                case .finish(let result, _): results.append(result)
                case .move, .dropMachine: detours += 1
                case .update, nil: break
                }
            }

            var lastOutcome: AnswerOutcome?
            var lastStatus = machine.status.rawValue
            for _ in 0..<Int.random(in: 0...14, using: &generator) {
                now = now + .milliseconds(Int.random(in: 0...3000, using: &generator))
                // A clock may be set back and a message may come late.
                let at = now + .milliseconds(-Int.random(in: 0...200, using: &generator))
                switch Int.random(in: 0..<12, using: &generator) {
                case 0: machine.connectionLost()
                case 1:
                    let isAnswered = Bool.random(using: &generator)
                    if !machine.isFinished, isAnswered { sawAnswer = true }
                    take(machine.callIsLive(channel: "live", isAnswered: isAnswered, at: at))
                case 2: take(machine.deadlineReached(at: at))
                case 3 where Int.random(in: 0..<8, using: &generator) == 0:
                    take(machine.requestFailed(reason: "no connection", at: at))
                default:
                    let event = Self.randomEvent(using: &generator)
                    if !machine.isFinished { history.append(event) }
                    if !machine.isFinished, Self.provesAnswer(event) { sawAnswer = true }
                    take(machine.handle(event, at: at))
                    if Bool.random(using: &generator) { take(machine.handle(event, at: at)) }
                }
                if let lastOutcome { #expect(machine.outcome == lastOutcome, "seed \(seed) round \(round)") }
                lastOutcome = machine.outcome
                if !machine.isFinished {
                    #expect(machine.status.rawValue >= lastStatus, "seed \(seed) round \(round)")
                    #expect(machine.status.rawValue <= 6)
                    lastStatus = machine.status.rawValue
                }
            }
            #expect(detours <= 1, "seed \(seed) round \(round): \(history)")
            // Whoever is still open ends by its deadline or, answered or blind, by reconciliation.
            if let deadline = machine.deadline { take(machine.deadlineReached(at: max(deadline, now))) }
            take(machine.handle(.vanished, at: now))
            take(machine.handle(.vanished, at: now))

            #expect(results.count == 1, "seed \(seed) round \(round): \(history)")
            guard let result = results.first else { continue }
            #expect(machine.result == result)
            #expect(machine.outcome == result.outcome)
            #expect(machine.isFinished && machine.deadline == nil && machine.stage == .ended)
            Self.check(result, sawAnswer: sawAnswer, comment: "seed \(seed) round \(round): \(history)")
        }
    }

    private static func check(_ result: DialingResult, sawAnswer: Bool, comment: Comment) {
        #expect([7, 10, 11, 12, 13].contains(result.status.rawValue), comment)
        #expect([0, 1, 3, 4, 5, 8].contains(result.dialResult), comment)
        #expect((result.dialResult == 4) == sawAnswer, comment)
        #expect((result.status == .hangup) == (sawAnswer && result.status != .error), comment)
        #expect((result.waitSeconds ?? 0) >= 0, comment)
        #expect((result.talkSeconds ?? 0) >= 0, comment)
        for time in [result.answeredAt, result.queuedAt, result.agentConnectedAt, result.dialBeginAt] {
            if let time { #expect(time <= result.endedAt, comment) }
        }
        #expect((result.outcome != nil) == (result.dialResult == 4), comment)
        if result.dialResult != 4 {
            #expect(result.agent == nil && result.talkSeconds == nil && result.waitSeconds == nil, comment)
        }
        if result.status == .error { #expect(!(result.dialResultDetail ?? "").isEmpty, comment) }
    }

    private static func provesAnswer(_ event: CallEvent) -> Bool {
        switch event {
        case .dialEnd(let status): status == .answer
        case .originateResponse(let answered, _, _): answered
        case .joinedQueue, .leftQueueUnanswered, .agentRinging, .agentNoAnswer, .agentConnected, .agentCompleted,
            .machineDetected, .machineDetectionCause, .parked:
            true
        case .originateQueued, .originateRefused, .channelCreated, .dialBegin, .ringing, .hangupRequested, .hangup,
            .vanished:
            false
        }
    }

    private static func randomEvent(using generator: inout SeededGenerator) -> CallEvent {
        let cause = [0, 0, 1, 16, 17, 18, 19, 20, 21, 34, 42, 127, -3].randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<22, using: &generator) {
        case 0: return .originateQueued
        case 1: return .channelCreated(channel: "PJSIP/trunk-1")
        case 2: return .dialBegin
        case 3: return .ringing
        case 4, 5: return .dialEnd(DialStatus.allCases.randomElement(using: &generator) ?? .busy)
        case 6: return .originateResponse(answered: true, reason: 4, channel: "PJSIP/trunk-1")
        case 7, 8:
            let reason = [0, 1, 3, 5, 8, 77].randomElement(using: &generator) ?? 0
            return .originateResponse(answered: false, reason: reason, channel: "PJSIP/300")
        case 9: return .joinedQueue(queue: "sales_1", position: 1)
        case 10: return .hangupRequested
        case 11: return .leftQueueUnanswered(hold: .seconds(2))
        case 12: return .agentRinging(agent: "a1")
        case 13: return .agentConnected(agent: "a1", hold: .seconds(1))
        case 14: return .agentCompleted(agent: "a1", talk: Bool.random(using: &generator) ? .seconds(3) : nil)
        case 15: return .parked(space: "701")
        case 16: return .hangup(cause: cause, text: "text", isPeerHalf: true)
        case 17:
            return Int.random(in: 0..<6, using: &generator) == 0
                ? .originateRefused(message: "no") : .hangup(cause: cause, text: "text", isPeerHalf: false)
        case 18:
            return .machineDetected(
                status: ["MACHINE", "HUMAN", "NOTSURE", "HANGUP", ""].randomElement(using: &generator) ?? "")
        case 19: return .machineDetectionCause("MAXWORDS-3-3")
        case 20: return .agentNoAnswer(agent: "a1")
        default: return .hangup(cause: cause, text: "text", isPeerHalf: false)
        }
    }
}
