extension FloorWorld {
    /// Who ended a conversation.
    enum Ending {
        case caller
        case agent
        /// AMI's Hangup: app_queue hears of no hangup request, so there is no AgentComplete.
        case action(cause: Int)
        /// AMI's Redirect of the customer.
        case redirect
    }

    func endOfTalk(_ call: Call) {
        guard call.phase == .talking else { return }
        self.endConversation(call, by: call.plan.agentEnds ? .agent : .caller)
    }

    func endConversation(_ call: Call, by ending: Ending) {
        guard let partner = call.partner, let queue = call.queue else { return }
        var outcome = "caller"
        var cause = 16
        switch ending {
        case .caller:
            self.emitFarEndHangup(call)
            self.emitComplete(call, partner: partner, queue: queue, reason: "caller")
            self.leaveBridge(call, first: call.leg.one, second: partner.leg.one)
        case .agent:
            outcome = "agent"
            if let two = partner.leg.two {
                self.emit(.softHangupRequest(two, cause: 16))
                self.emit(.hangupRequest(partner.leg.one, cause: 16, techCause: nil))
                self.emit(.hangup(two, cause: 16, techCause: nil))
            } else {
                self.emit(.hangupRequest(partner.leg.one, cause: nil, techCause: nil))
            }
            self.emitComplete(call, partner: partner, queue: queue, reason: "agent")
            self.leaveBridge(call, first: partner.leg.one, second: call.leg.one)
        case .action(let given):
            outcome = "hangup"
            cause = given
            self.leaveBridge(call, first: call.leg.one, second: partner.leg.one)
        case .redirect:
            self.leaveBridge(call, first: call.leg.one, second: partner.leg.one)
        }
        self.pauseForWrapup(partner.agent, wrapup: call.plan.wrapup)
        self.hangUpAgent(partner.leg, by: ending)
        switch ending {
        case .redirect: break
        case .caller:
            self.emit(.hangup(call.leg.one, cause: cause, techCause: nil))
        case .agent, .action:
            self.hangUpLocalHalf(call.leg, cause: cause)
            self.emit(.hangup(call.leg.one, cause: cause, techCause: nil))
        }
        self.completeAgent(partner, call: call, queue: queue)
        if case .redirect = ending { return }
        self.finish(call, outcome: outcome, cause: cause)
    }

    private func emitComplete(_ call: Call, partner: AgentLeg, queue: Queue, reason: StaticString) {
        guard let connected = call.connected else { return }
        let talk = (self.now - connected).wholeSeconds
        let hold = (connected - call.joined).wholeSeconds
        queue.talkTime = (queue.talkTime * 3 + talk) >> 2
        queue.completed += 1
        if hold <= 20 { queue.completedInTime += 1 }
        self.emit(
            .agentComplete(
                call.leg.one, to: partner.leg.one, self.member(partner.membership), holdTime: hold, talkTime: talk,
                reason: reason
            )
        )
    }

    private func leaveBridge(_ call: Call, first: ChannelSnapshot, second: ChannelSnapshot) {
        guard var bridge = call.bridge else { return }
        bridge.channels = 1
        self.emit(.bridgeLeave(bridge, first))
        bridge.channels = 0
        self.emit(.bridgeLeave(bridge, second))
        self.emit(.bridgeDestroy(bridge))
        call.bridge = nil
    }

    private func hangUpAgent(_ leg: Leg, by ending: Ending) {
        var halfIsUp = leg.two != nil
        if case .agent = ending { halfIsUp = false }
        if halfIsUp, let two = leg.two { self.emit(.hangupRequest(two, cause: 16, techCause: nil)) }
        self.emit(.hangup(leg.one, cause: 16, techCause: nil))
        if halfIsUp, let two = leg.two {
            self.emit(.softHangupRequest(two, cause: 16))
            self.emit(.hangup(two, cause: 16, techCause: nil))
        }
        self.unregister(leg)
    }

    /// The customer's own hang-up as AMI shows it: with a Local channel the far half goes first.
    func emitFarEndHangup(_ call: Call) {
        if let two = call.leg.two {
            self.emit(.softHangupRequest(two, cause: 16))
            self.emit(.hangupRequest(call.leg.one, cause: 16, techCause: nil))
            self.emit(.hangup(two, cause: 16, techCause: nil))
        } else {
            self.emit(.hangupRequest(call.leg.one, cause: nil, techCause: nil))
        }
    }

    /// Takes the far half of a Local channel down after the near one has gone.
    func hangUpLocalHalf(_ leg: Leg, cause: Int) {
        guard let two = leg.two else { return }
        self.emit(.hangupRequest(two, cause: cause, techCause: nil))
        self.emit(.softHangupRequest(two, cause: 16))
        self.emit(.hangup(two, cause: cause, techCause: nil))
    }

    private func pauseForWrapup(_ agent: Agent, wrapup: FloorTime) {
        guard wrapup > .zero else { return }
        agent.state = .wrapup
        agent.stint += 1
        self.schedule(after: wrapup, .wrapupEnd(agent: agent.index, stint: agent.stint))
        guard self.configuration.wrapupShown == .pause else { return }
        for membership in agent.memberships where !membership.isPaused {
            self.setPaused(membership, true, reason: Self.wrapupReason)
        }
    }

    private func completeAgent(_ partner: AgentLeg, call: Call, queue: Queue) {
        let agent = partner.agent
        partner.membership.callsTaken += 1
        partner.membership.lastCall = self.wallClock
        if agent.state != .wrapup { self.endBusy(agent) }
        self.emitStatus(of: agent)
        if agent.state == .idle { self.serveQueues(of: agent) }
    }

    func endWrapup(of agent: Agent, stint: Int) {
        guard agent.state == .wrapup, agent.stint == stint else { return }
        self.endBusy(agent)
        for membership in agent.memberships where membership.isPaused && membership.pausedReason == Self.wrapupReason {
            self.setPaused(membership, false, reason: "")
        }
        self.serveQueues(of: agent)
    }

    func endBusy(_ agent: Agent) {
        agent.state = .idle
        agent.idleSince = self.now
        guard let since = agent.busySince else { return }
        agent.busySince = nil
        self.lastBusy = self.now
        self.statistics.busySeconds += (self.now - since).seconds
    }

    /// The reason shown while an agent does after-call work.
    package static let wrapupReason = "wrapup"

    func setPaused(_ membership: Membership, _ isPaused: Bool, reason: String) {
        membership.isPaused = isPaused
        membership.pausedReason = isPaused ? reason : ""
        if isPaused { membership.lastPause = self.wallClock }
        self.emit(.queueMember(.pause, self.snapshot(membership)))
    }

    // MARK: Other targets

    /// Puts the customer on the parking lot. Customers leave before the lot gives them back after 45 s.
    func park(_ call: Call, lot: String) {
        call.phase = .parked
        var space = 701
        while self.parkingSpaces.contains(space) { space += 1 }
        self.parkingSpaces.insert(space)
        let name = lot.prefix { $0 != "," }
        var bridge = self.makeBridge()
        bridge.isHolding = true
        bridge.channels = 1
        call.bridge = bridge
        let channel = call.leg.one.name
        let parking = FloorEvent.Parking(
            parkee: call.leg.one,
            // The channel's name without its running number.
            dialString: String(channel[..<(channel.lastIndex(of: "-") ?? channel.endIndex)]),
            lot: name.isEmpty ? "default" : String(name), space: space, timeout: 45, duration: 0
        )
        call.parking = parking
        self.emit(.bridgeEnter(bridge, call.leg.one))
        self.emit(.parkedCall(parking))
        self.emit(.musicOnHoldStart(call.leg.one))
        self.hold(call, for: min(call.plan.talk, .seconds(44)))
    }

    /// Lets the customer stay where it is for a while; an earlier stay's end no longer counts.
    func hold(_ call: Call, for time: FloorTime) {
        call.stay += 1
        self.schedule(after: time, .call(call.ordinal, .holdEnd(stay: call.stay)))
    }

    func endOfHold(_ call: Call) {
        switch call.phase {
        case .parked:
            if let two = call.leg.two {
                self.emit(.softHangupRequest(two, cause: 16))
                self.emit(.hangupRequest(call.leg.one, cause: 16, techCause: nil))
                self.emit(.musicOnHoldStop(call.leg.one))
                self.emit(.hangup(two, cause: 16, techCause: nil))
            } else {
                self.emit(.hangupRequest(call.leg.one, cause: nil, techCause: nil))
                self.emit(.musicOnHoldStop(call.leg.one))
            }
            self.leaveParking(call)
            self.emit(.hangup(call.leg.one, cause: 16, techCause: nil))
            self.finish(call, outcome: "caller", cause: 16)
        case .held:
            self.endOfApplication(call)
        case .setup, .ringing, .waiting, .talking: break
        }
    }

    func leaveParking(_ call: Call) {
        guard var parking = call.parking else { return }
        self.parkingSpaces.remove(parking.space)
        let parked = (self.now - (call.answered ?? self.now)).wholeSeconds
        parking.parkee = call.leg.one
        parking.duration = parked
        parking.timeout = max(0, 45 - parked)
        self.emit(.parkedCallGiveUp(parking))
        call.parking = nil
        guard var bridge = call.bridge else { return }
        bridge.channels = 0
        self.emit(.bridgeLeave(bridge, call.leg.one))
        call.bridge = nil
    }

    /// The application returned and there is no dialplan to go on with.
    func endByApplication(_ call: Call, cause: Int) {
        if let two = call.leg.two {
            self.emit(.hangupRequest(two, cause: cause, techCause: nil))
            self.emit(.softHangupRequest(two, cause: 16))
            self.emit(.hangup(two, cause: cause, techCause: nil))
        }
        self.emit(.hangup(call.leg.one, cause: cause, techCause: nil))
        self.finish(call, outcome: "application", cause: cause)
    }
}
