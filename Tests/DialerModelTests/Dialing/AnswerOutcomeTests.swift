import DialerModel
import Testing

@Suite struct AnswerOutcomeTests {
    private let answered = Samples.start + .seconds(5)
    private let hangup = CallEvent.hangup(cause: 16, text: "", isPeerHalf: false)

    /// A call to a queue that was answered and waits there.
    private func waiting(
        application: String? = "queue", _ change: (inout Dialing) -> Void = { _ in }
    ) -> DialingStateMachine {
        var dialing = Samples.dialing(application: application)
        change(&dialing)
        var machine = DialingStateMachine(dialing, at: Samples.start)
        _ = machine.handle(.dialEnd(.answer), at: self.answered)
        return machine
    }

    private func queued(_ change: (inout Dialing) -> Void = { _ in }) -> DialingStateMachine {
        var machine = self.waiting(change)
        _ = machine.handle(.joinedQueue(queue: "sales_1", position: 1), at: self.answered + .milliseconds(3))
        return machine
    }

    private func result(_ action: DialingStateMachine.Action?) throws -> DialingResult {
        guard case .finish(let result, _) = action else {
            return try #require(nil, "expected a result, got \(String(describing: action))")
        }
        return result
    }

    @Test(
        "abandonment is certain when the plan's grace time is over, not when the call ends", arguments: [0.5, 2, 7.25])
    func certainAtGrace(grace: Double) throws {
        var machine = self.queued { $0.snapshot.plan.abandonGrace = grace }
        let over = self.answered + .milliseconds(Int64(grace * 1000))
        #expect(machine.deadline == over + .microseconds(1))
        #expect(machine.deadlineReached(at: over) == nil)
        #expect(machine.outcome == nil)
        #expect(machine.deadlineReached(at: over + .microseconds(1)) == .update)
        #expect(machine.outcome == .abandoned)
        #expect(machine.deadline == nil)
        #expect(machine.deadlineReached(at: over + .seconds(9)) == nil)
        #expect(try self.result(machine.handle(self.hangup, at: over + .seconds(30))).isAbandoned)
    }

    @Test("an agent at the last instant is in time; one a moment later has an abandoned call", arguments: [0, 1])
    func agentAtTheEdge(late: Int) throws {
        var machine = self.queued()
        let connected = self.answered + .seconds(2) + .microseconds(late)
        #expect(machine.handle(.agentConnected(agent: "a", hold: .seconds(2)), at: connected) == .update)
        #expect(machine.outcome == (late == 0 ? .kept : .abandoned))
        let result = try self.result(machine.handle(self.hangup, at: connected + .seconds(60)))
        #expect(result.isAbandoned == (late == 1))
        #expect(result.agent == "a")
        #expect(result.talkSeconds == 60)
        #expect(result.liveAnswerAt == self.answered)
    }

    @Test("a person who hangs up within the grace time is not abandoned; one who waited longer is", arguments: [1, 3])
    func callerHangsUp(after seconds: Int) throws {
        var machine = self.queued()
        let leaves = self.answered + .seconds(seconds)
        _ = machine.handle(.hangupRequested, at: leaves)
        _ = machine.handle(.leftQueueUnanswered(hold: .seconds(seconds)), at: leaves)
        let result = try self.result(machine.handle(self.hangup, at: leaves))
        #expect(result.isAbandoned == (seconds > 2))
        #expect(result.outcome?.isLive == true)
        #expect(result.waitSeconds == Double(seconds))
    }

    @Test("a phone that hangs up within the grace time leaves no cause behind, and is not abandoned")
    func phoneHangsUp() throws {
        var machine = self.queued()
        let leaves = self.answered + .seconds(1)
        _ = machine.handle(.hangupRequested, at: leaves)
        _ = machine.handle(.leftQueueUnanswered(hold: .seconds(1)), at: leaves)
        let result = try self.result(machine.handle(.hangup(cause: 0, text: "Unknown", isPeerHalf: false), at: leaves))
        #expect(!result.isAbandoned)
        #expect(result.outcome?.isLive == true)
    }

    @Test("a call the PBX drops within the grace time is abandoned: nobody asked to leave", arguments: [true, false])
    func droppedByThePBX(joins: Bool) throws {
        var machine = joins ? self.queued() : self.waiting()
        if joins { _ = machine.handle(.leftQueueUnanswered(hold: .zero), at: self.answered + .seconds(1)) }
        #expect(try self.result(machine.handle(self.hangup, at: self.answered + .seconds(1))).isAbandoned)
    }

    @Test("a hang-up that settles after the grace time still counts by when the person asked to leave")
    func lateHangup() throws {
        var machine = self.queued()
        _ = machine.handle(.hangupRequested, at: self.answered + .seconds(1))
        #expect(machine.deadlineReached(at: self.answered + .seconds(5)) == nil)
        #expect(machine.outcome == nil)
        #expect(try !self.result(machine.handle(self.hangup, at: self.answered + .seconds(6))).isAbandoned)
    }

    @Test("a call nobody could watch over its grace time is not called abandoned; one that was before stays it")
    func connectionLost() throws {
        var blind = self.queued()
        blind.connectionLost()
        #expect(blind.deadline == nil)
        _ = blind.callIsLive(channel: "c", isAnswered: true, at: self.answered + .seconds(5))
        #expect(blind.deadline == nil)
        #expect(try !self.result(blind.handle(self.hangup, at: self.answered + .seconds(9))).isAbandoned)

        var known = self.queued()
        _ = known.deadlineReached(at: self.answered + .seconds(3))
        known.connectionLost()
        _ = known.callIsLive(channel: "c", isAnswered: true, at: self.answered + .seconds(5))
        #expect(try self.result(known.handle(self.hangup, at: self.answered + .seconds(9))).isAbandoned)
    }

    @Test("calls that no agent is to have are kept, and have no deadline", arguments: ["park", nil])
    func otherDestinations(application: String?) throws {
        var machine = self.waiting(application: application)
        #expect(machine.deadline == nil)
        let result = try self.result(machine.handle(self.hangup, at: self.answered + .seconds(60)))
        #expect(result.outcome == .kept)
        #expect(result.liveAnswerAt == self.answered)
    }

    @Test("an extension said to end in a queue is judged once it is known that a person is on the line")
    func extensionWithQueue() {
        var machine = self.waiting(application: nil) { $0.snapshot.destination.queue = "sales_1" }
        // The dialplan may still listen for a machine.
        #expect(machine.deadline == nil)
        #expect(machine.deadlineReached(at: self.answered + .seconds(3)) == nil)
        #expect(machine.handle(.machineDetected(status: "NOTSURE"), at: self.answered + .seconds(5)) == .update)
        #expect(machine.outcome == .abandoned)

        var early = self.waiting(application: nil) { $0.snapshot.destination.queue = "sales_1" }
        _ = early.handle(.machineDetected(status: "HUMAN"), at: self.answered + .seconds(1))
        #expect(early.outcome == nil)
        #expect(early.deadline == self.answered + .seconds(2) + .microseconds(1))
    }

    @Test("a machine is no live answer, whoever takes it and however long it waits")
    func machine() throws {
        var machine = self.waiting(application: nil) { $0.snapshot.destination.queue = "sales_1" }
        #expect(machine.handle(.machineDetected(status: "MACHINE"), at: self.answered + .seconds(2)) == .update)
        #expect(machine.outcome == .machine)
        _ = machine.handle(.machineDetectionCause("LONGGREETING-1600-1500"), at: self.answered + .seconds(2))
        _ = machine.handle(.joinedQueue(queue: "sales_1", position: 1), at: self.answered + .seconds(2))
        #expect(machine.deadline == nil)
        let result = try self.result(machine.handle(self.hangup, at: self.answered + .seconds(30)))
        #expect(result.isAnswered)
        #expect(!result.isAbandoned)
        #expect(result.liveAnswerAt == nil)
        #expect(result.machineStatus == "MACHINE")
        #expect(result.machineCause == "LONGGREETING-1600-1500")
    }

    @Test("what a PBX says of a machine is cut to a length, and of two words the first counts")
    func hostileStatus() throws {
        var machine = self.queued()
        _ = machine.handle(.machineDetected(status: String(repeating: "x", count: 5000)), at: self.answered)
        _ = machine.handle(.machineDetected(status: "MACHINE"), at: self.answered)
        let result = try self.result(machine.handle(self.hangup, at: self.answered + .seconds(1)))
        #expect(result.machineStatus?.count == 255)
        #expect(result.outcome == .abandoned)
    }

    @Test("machines are hung up or diverted, once, unless an agent has the call already")
    func machineHandling() {
        let detected = CallEvent.machineDetected(status: "MACHINE")
        var hung = self.queued { $0.snapshot.plan.machineHandling = .hangup }
        #expect(hung.handle(detected, at: self.answered) == .dropMachine)
        #expect(hung.handle(.agentRinging(agent: "a"), at: self.answered) == nil)

        var diverted = self.queued {
            $0.snapshot.plan.machineHandling = .divert
            $0.snapshot.plan.machineDestination = Samples.uuid(8)
        }
        #expect(diverted.handle(detected, at: self.answered) == .move(.machine))
        #expect(diverted.mayMove(.machine))
        #expect(diverted.handle(detected, at: self.answered) == nil)

        var taken = self.queued { $0.snapshot.plan.machineHandling = .hangup }
        _ = taken.handle(.agentConnected(agent: "a", hold: .zero), at: self.answered + .seconds(1))
        #expect(taken.handle(detected, at: self.answered + .seconds(2)) == nil)
    }
}
