import DialerModel
import Testing

/// When an abandoned call is sent to its plan's `abandon_dest`.
@Suite struct SafeHarbourTests {
    private let answered = Samples.start + .seconds(5)

    private func machine(queuedAfter delay: Duration = .milliseconds(3)) -> DialingStateMachine {
        var dialing = Samples.dialing()
        dialing.snapshot.plan.abandonDestination = Samples.uuid(7)
        var machine = DialingStateMachine(dialing, at: Samples.start)
        _ = machine.handle(.dialEnd(.answer), at: self.answered)
        _ = machine.handle(.joinedQueue(queue: "sales_1", position: 1), at: self.answered + delay)
        return machine
    }

    private var over: Timestamp { self.answered + .seconds(2) + .microseconds(1) }

    @Test("a caller still waiting when the grace time is over is sent there, once")
    func waits() throws {
        var machine = self.machine()
        #expect(machine.deadlineReached(at: self.over) == .move(.abandoned))
        #expect(machine.outcome == .abandoned)
        #expect(machine.mayMove(.abandoned))
        #expect(machine.deadline == nil)
        machine.diverted(to: Samples.uuid(7))
        #expect(machine.handle(.leftQueueUnanswered(hold: .seconds(2)), at: self.over) == nil)
        let end = machine.handle(.hangup(cause: 16, text: "", isPeerHalf: false), at: self.over + .seconds(8))
        guard case .finish(let result, _) = end else {
            return #expect(Bool(false), "no result: \(String(describing: end))")
        }
        #expect(result.isAbandoned)
        #expect(result.divertedTo == Samples.uuid(7))
        #expect(result.waitSeconds == 2)
    }

    @Test("while an agent's phone rings the caller is left to the agent; when nobody picks up it goes after all")
    func agentRings() {
        var machine = self.machine()
        _ = machine.handle(.agentRinging(agent: "a"), at: self.answered + .seconds(1))
        #expect(machine.deadlineReached(at: self.over) == .update)
        #expect(machine.outcome == .abandoned)
        #expect(machine.deadline == nil)
        #expect(machine.handle(.agentNoAnswer(agent: "a"), at: self.over + .seconds(9)) == .move(.abandoned))
    }

    @Test("an agent whose phone begins to ring between the decision and the move keeps the call")
    func agentRingsInBetween() {
        var machine = self.machine()
        #expect(machine.deadlineReached(at: self.over) == .move(.abandoned))
        _ = machine.handle(.agentRinging(agent: "a"), at: self.over)
        #expect(!machine.mayMove(.abandoned))
        _ = machine.handle(.agentConnected(agent: "a", hold: .seconds(2)), at: self.over + .seconds(1))
        #expect(!machine.mayMove(.abandoned))
        #expect(machine.stage == .withAgent)
        #expect(machine.deadline == nil)
    }

    @Test("an agent that did not pick up after all sends the caller on")
    func decidedAnew() {
        var machine = self.machine()
        _ = machine.deadlineReached(at: self.over)
        _ = machine.handle(.agentRinging(agent: "a"), at: self.over)
        #expect(!machine.mayMove(.abandoned))
        machine.detourDropped()
        #expect(machine.handle(.agentNoAnswer(agent: "a"), at: self.over + .seconds(5)) == .move(.abandoned))
    }

    @Test("a call that reaches its queue after the grace time gets a moment for a free agent's phone to ring")
    func lateInQueue() {
        var machine = self.machine(queuedAfter: .seconds(3))
        #expect(machine.outcome == .abandoned)
        #expect(machine.deadline == self.answered + .milliseconds(3500))
        #expect(machine.deadlineReached(at: self.answered + .milliseconds(3500)) == .move(.abandoned))
    }

    @Test("nobody is moved who hung up, has an agent, or was out of sight")
    func notMoved() {
        var gone = self.machine()
        _ = gone.deadlineReached(at: self.over)
        _ = gone.handle(.hangupRequested, at: self.over)
        #expect(!gone.mayMove(.abandoned))

        var served = self.machine()
        _ = served.handle(.agentConnected(agent: "a", hold: .seconds(4)), at: self.answered + .seconds(4))
        #expect(served.outcome == .abandoned)
        #expect(served.deadline == nil)

        var unseen = self.machine()
        unseen.connectionLost()
        _ = unseen.callIsLive(channel: "c", isAnswered: true, at: self.over)
        #expect(unseen.deadline == nil)
    }
}
