import DialerModel
import Testing

@Suite struct DialingStateMachineTests {
    private let start = Samples.start

    private func machine(application: String? = "queue", tech: String = "PJSIP") -> DialingStateMachine {
        DialingStateMachine(Samples.dialing(tech: tech, application: application), at: self.start)
    }

    private func result(_ action: DialingStateMachine.Action?) throws -> DialingResult {
        guard case .finish(let result, _) = try #require(action) else {
            Issue.record("expected a result, got \(String(describing: action))")
            return DialingResult(dialing: Samples.uuid(0), status: .none, endedAt: self.start)
        }
        return result
    }

    @Test("the live status and the channel follow the call and never go back")
    func liveStatus() {
        var machine = self.machine()
        #expect(machine.status == .originateRequested)
        #expect(machine.handle(.originateQueued, at: self.start) == .update)
        #expect(machine.status == .originateQueued)
        #expect(machine.handle(.channelCreated(channel: "PJSIP/trunk-1"), at: self.start) == .update)
        #expect(machine.status == .channelCreated)
        #expect(machine.channel == "PJSIP/trunk-1")
        #expect(machine.handle(.dialBegin, at: self.start) == nil)
        #expect(machine.status == .channelCreated)
        #expect(machine.handle(.dialEnd(.answer), at: self.start) == .update)
        #expect(machine.status == .dialEnd)
        #expect(machine.stage == .answered)
        let response = CallEvent.originateResponse(answered: true, reason: 4, channel: "PJSIP/trunk-1")
        #expect(machine.handle(response, at: self.start) == .update)
        #expect(machine.status == .originateResponded)
        #expect(machine.handle(.agentConnected(agent: "PJSIP/a1", hold: .zero), at: self.start) == .update)
        #expect(machine.stage == .withAgent)
        #expect(machine.agent == "PJSIP/a1")
    }

    @Test("a conversation gives waiting and talking times to the millisecond")
    func conversation() throws {
        var machine = self.machine()
        let answered = self.start + .seconds(5)
        _ = machine.handle(.ringing, at: self.start + .seconds(1))
        _ = machine.handle(.dialEnd(.answer), at: answered)
        _ = machine.handle(.joinedQueue(queue: "sales_1", position: 1), at: answered + .milliseconds(3))
        _ = machine.handle(.agentConnected(agent: "PJSIP/a1", hold: .seconds(1)), at: answered + .milliseconds(1250))
        _ = machine.handle(.agentCompleted(agent: "PJSIP/a1", talk: .seconds(10)), at: answered + .milliseconds(11_500))
        let ended = answered + .milliseconds(11_520)
        let result = try self.result(
            machine.handle(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false), at: ended)
        )
        #expect(result.dialBeginAt == self.start + .seconds(1))
        #expect(result.answeredAt == answered)
        #expect(result.waitSeconds == 1.25)
        #expect(result.talkSeconds == 10.25)
        #expect(result.queue == "sales_1")
        #expect(result.agent == "PJSIP/a1")
        #expect(result.endedAt == ended)
        #expect(!result.isAbandoned)
        #expect(result.dialResultDetail == "Remote end has answered")
    }

    @Test("without the queue's last word the conversation lasts until the hang-up")
    func agentCompleteMissing() throws {
        var machine = self.machine()
        _ = machine.handle(.originateResponse(answered: true, reason: 4, channel: "c"), at: self.start)
        _ = machine.handle(.agentConnected(agent: "PJSIP/a1", hold: .zero), at: self.start + .seconds(1))
        let result = try self.result(
            machine.handle(.hangup(cause: 16, text: "", isPeerHalf: false), at: self.start + .seconds(8))
        )
        #expect(result.talkSeconds == 7)
        #expect(result.hangupCauseDetail == "Normal Clearing")
    }

    @Test("talk time the PBX tells counts when the agent's pick-up was not seen")
    func agentConnectMissing() throws {
        var machine = self.machine()
        _ = machine.handle(.originateResponse(answered: true, reason: 4, channel: "c"), at: self.start)
        _ = machine.handle(.agentCompleted(agent: "PJSIP/a1", talk: .seconds(12)), at: self.start + .seconds(15))
        let result = try self.result(
            machine.handle(.hangup(cause: 16, text: "", isPeerHalf: false), at: self.start + .seconds(15))
        )
        #expect(result.talkSeconds == 12)
        #expect(result.agent == "PJSIP/a1")
        #expect(!result.isAbandoned)
        #expect(result.waitSeconds == nil)
    }

    @Test(
        "a queue call whose agent comes after the grace time is abandoned",
        arguments: [(1999, false), (2000, false), (2001, true)]
    )
    func grace(milliseconds: Int, isAbandoned: Bool) throws {
        var machine = self.machine()
        _ = machine.handle(.dialEnd(.answer), at: self.start)
        _ = machine.handle(
            .agentConnected(agent: "a", hold: .seconds(2)), at: self.start + .milliseconds(milliseconds)
        )
        let end = CallEvent.hangup(cause: 16, text: "", isPeerHalf: false)
        #expect(try self.result(machine.handle(end, at: self.start + .seconds(30))).isAbandoned == isAbandoned)
    }

    @Test("a queue call nobody took is abandoned, even when it never reached the queue", arguments: [true, false])
    func nobodyTookIt(joins: Bool) throws {
        var machine = self.machine()
        _ = machine.handle(.originateResponse(answered: true, reason: 4, channel: "c"), at: self.start)
        if joins {
            _ = machine.handle(.joinedQueue(queue: "sales_1", position: 1), at: self.start)
            _ = machine.handle(.agentRinging(agent: "a"), at: self.start)
            _ = machine.handle(.agentNoAnswer(agent: "a"), at: self.start + .seconds(5))
            _ = machine.handle(.leftQueueUnanswered(hold: .seconds(6)), at: self.start + .seconds(6))
        }
        let end = CallEvent.hangup(cause: 16, text: "", isPeerHalf: false)
        let result = try self.result(machine.handle(end, at: self.start + .seconds(6)))
        #expect(result.isAbandoned)
        #expect(result.waitSeconds == 6)
        #expect(result.talkSeconds == nil)
        #expect(result.agent == nil)
    }

    @Test("calls to a parking space or an extension are never abandoned", arguments: ["park", nil])
    func unlimitedDestinations(application: String?) throws {
        var machine = self.machine(application: application)
        _ = machine.handle(.originateResponse(answered: true, reason: 4, channel: "c"), at: self.start)
        _ = machine.handle(.parked(space: "701"), at: self.start)
        let end = CallEvent.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false)
        let result = try self.result(machine.handle(end, at: self.start + .seconds(30)))
        #expect(result.status == .hangup)
        #expect(result.dialResult == 4)
        #expect(!result.isAbandoned)
        #expect(result.waitSeconds == nil)
    }

    @Test("an extension that leads into a queue counts as a queue call")
    func extensionIntoQueue() throws {
        var machine = self.machine(application: nil)
        _ = machine.handle(.joinedQueue(queue: "sales_1", position: 1), at: self.start)
        let end = CallEvent.hangup(cause: 16, text: "", isPeerHalf: false)
        #expect(try self.result(machine.handle(end, at: self.start + .seconds(3))).isAbandoned)
    }

    @Test("a refused request is status 12 with the PBX's words, at once")
    func refused() throws {
        var machine = self.machine()
        let result = try self.result(
            machine.handle(.originateRefused(message: "Extension does not exist."), at: self.start)
        )
        #expect(result.status == .queuedFailed)
        #expect(result.dialResult == 0)
        #expect(result.dialResultDetail == "Extension does not exist.")
    }

    @Test("a request that could not be sent is status 11")
    func requestFailed() throws {
        var machine = self.machine()
        let result = try self.result(machine.requestFailed(reason: "no connection", at: self.start))
        #expect(result.status == .requestFailed)
        #expect(machine.requestFailed(reason: "no connection", at: self.start) == nil)
    }

    @Test("no word at all ends the dialing after dial time-out and margin, and asks for a hang-up")
    func silence() throws {
        var machine = self.machine()
        #expect(machine.deadline == self.start + .seconds(40))
        #expect(machine.deadlineReached(at: self.start + .milliseconds(39_999)) == nil)
        guard case .finish(let result, true) = machine.deadlineReached(at: self.start + .seconds(40)) else {
            Issue.record("expected an end with a hang-up")
            return
        }
        #expect(result.status == .error)
        #expect(result.dialResult == 0)
        #expect(result.dialResultDetail?.isEmpty == false)
        #expect(machine.deadline == nil)
    }

    @Test("an answered call has no time-out; only its disappearance ends it, and it still counts as answered")
    func vanishedAnswered() throws {
        var machine = self.machine()
        _ = machine.handle(.originateResponse(answered: true, reason: 4, channel: "c"), at: self.start)
        // The one thing time decides is that nobody took it within the grace time.
        #expect(machine.deadlineReached(at: self.start + .seconds(86_400)) == .update)
        #expect(machine.outcome == .abandoned)
        #expect(machine.deadline == nil)
        #expect(machine.deadlineReached(at: self.start + .seconds(86_401)) == nil)
        let result = try self.result(machine.handle(.vanished, at: self.start + .seconds(90_000)))
        #expect(result.status == .error)
        #expect(result.dialResult == 4)
        #expect(result.hangupCause == 0)
        #expect(result.hangupCauseDetail?.contains("not seen") == true)
    }

    @Test("what was never heard of is not told of as a call that ended")
    func vanishedUnheard() throws {
        var machine = self.machine()
        machine.connectionLost()
        let unheard = try self.result(machine.handle(.vanished, at: self.start + .seconds(1)))
        #expect(unheard.status == .error)
        #expect(unheard.dialResult == 0)
        #expect(unheard.dialResultDetail?.contains("not known whether the call was placed") == true)

        var heard = self.machine()
        _ = heard.handle(.channelCreated(channel: "PJSIP/trunk-1"), at: self.start)
        heard.connectionLost()
        let ended = try self.result(heard.handle(.vanished, at: self.start + .seconds(1)))
        #expect(ended.status == .error)
        #expect(ended.dialResultDetail?.contains("end was not seen") == true)
    }

    @Test("a call that vanishes after its hang-up was seen keeps the result it had")
    func vanishedWhileSettling() throws {
        var machine = self.machine()
        _ = machine.handle(.hangup(cause: 17, text: "User busy", isPeerHalf: false), at: self.start)
        let result = try self.result(machine.handle(.vanished, at: self.start + .milliseconds(10)))
        #expect(result.status == .responseFailed)
        #expect(result.dialResult == 5)
    }

    @Test("while the connection is lost silence means nothing; a call found alive starts its time afresh")
    func blindTime() throws {
        var machine = self.machine()
        machine.connectionLost()
        #expect(machine.deadline == nil)
        let back = self.start + .seconds(100)
        #expect(machine.callIsLive(channel: "PJSIP/trunk-7", isAnswered: false, at: back) == .update)
        #expect(machine.channel == "PJSIP/trunk-7")
        #expect(machine.deadline == back + .seconds(40))
        _ = machine.callIsLive(channel: "PJSIP/trunk-7", isAnswered: true, at: back)
        #expect(machine.stage == .answered)
        #expect(machine.deadline == nil)
    }

    @Test("a call answered out of sight is abandoned only if the queue says so", arguments: [true, false])
    func answeredUnseen(leavesQueue: Bool) throws {
        var machine = self.machine()
        _ = machine.callIsLive(channel: "c", isAnswered: true, at: self.start)
        if leavesQueue { _ = machine.handle(.leftQueueUnanswered(hold: .seconds(9)), at: self.start + .seconds(4)) }
        let end = CallEvent.hangup(cause: 16, text: "", isPeerHalf: false)
        let result = try self.result(machine.handle(end, at: self.start + .seconds(5)))
        #expect(result.dialResult == 4)
        #expect(result.isAbandoned == leavesQueue)
        #expect(result.waitSeconds == (leavesQueue ? 4 : nil))
    }

    @Test("a caller who waited through a lost connection may have found an agent", arguments: [true, false])
    func gapWhileWaiting(isLost: Bool) throws {
        var machine = self.machine()
        _ = machine.handle(.joinedQueue(queue: "sales_1", position: 1), at: self.start)
        if isLost { machine.connectionLost() }
        _ = machine.callIsLive(channel: "c", isAnswered: true, at: self.start + .seconds(1))
        let end = CallEvent.hangup(cause: 16, text: "", isPeerHalf: false)
        #expect(try self.result(machine.handle(end, at: self.start + .seconds(5))).isAbandoned == !isLost)
    }

    @Test("everything after the end is ignored")
    func afterTheEnd() throws {
        var machine = self.machine()
        let first = try self.result(machine.handle(.originateRefused(message: "no"), at: self.start))
        #expect(machine.handle(.originateResponse(answered: true, reason: 4, channel: "c"), at: self.start) == nil)
        #expect(machine.handle(.vanished, at: self.start) == nil)
        #expect(machine.handle(.hangup(cause: 16, text: "", isPeerHalf: false), at: self.start) == nil)
        #expect(machine.deadlineReached(at: self.start + .seconds(100)) == nil)
        #expect(machine.callIsLive(channel: "c", isAnswered: true, at: self.start) == nil)
        #expect(machine.result == first)
        #expect(machine.stage == .ended)
    }
}
