import Chance

extension FloorWorld {
    /// The caller enters the queue named by the first of app_queue's comma-separated arguments; the fifth is its timeout.
    func joinQueue(_ call: Call, arguments: String) {
        let parts = arguments.split(separator: ",", omittingEmptySubsequences: false)
        let name = (parts.first ?? "").lowercased()
        guard let queue = self.queues.first(where: { $0.name.lowercased() == name }) else {
            // No event of the queue's tells it: only the call's end does.
            self.endOfApplication(call)
            return
        }
        // Counted once, also when the caller was in another queue before.
        if call.queue == nil, call.plan.fate == .person { self.statistics.live += 1 }
        call.phase = .waiting
        call.queue = queue
        call.joined = self.now
        queue.waiting.append(call)
        call.originalPosition = queue.waiting.count
        if call.plan.fate == .person {
            self.schedule(after: .seconds(self.configuration.grace), .call(call.ordinal, .grace))
            self.schedule(after: call.plan.patience, .call(call.ordinal, .patience))
        } else {
            // A machine records what it hears for a while.
            self.schedule(after: .seconds(60), .call(call.ordinal, .patience))
        }
        if parts.count >= 5, let seconds = Double(parts[4]), seconds > 0 {
            self.schedule(after: .seconds(seconds), .call(call.ordinal, .queueTimeout))
        }
        self.emit(
            .queueCallerJoin(
                call.leg.one, queue: queue.name, position: queue.waiting.count, count: queue.waiting.count
            )
        )
        self.emit(.musicOnHoldStart(call.leg.one))
        self.serve(queue)
    }

    /// Gives waiting callers to free agents, first come first served.
    func serve(_ queue: Queue) {
        guard !queue.waiting.isEmpty else { return }
        var available = queue.members.filter { $0.agent.state == .idle && !$0.isPaused }
        guard !available.isEmpty else { return }
        // Ringing changes the list of waiting callers only when a call is answered, which takes a timer.
        for call in queue.waiting where call.ringing.isEmpty && !call.isRetrying {
            switch queue.setup.strategy {
            case .longestIdle:
                guard
                    let index = available.indices.min(by: {
                        let (lhs, rhs) = (available[$0].agent, available[$1].agent)
                        return lhs.idleSince == rhs.idleSince ? lhs.index < rhs.index : lhs.idleSince < rhs.idleSince
                    })
                else { return }
                let chosen = available[index]
                available.swapAt(index, available.count - 1)
                available.removeLast()
                self.ring(call, chosen, queue: queue)
            case .ringAll:
                guard !available.isEmpty else { return }
                for membership in available { self.ring(call, membership, queue: queue) }
                available.removeAll()
            }
        }
    }

    private func ring(_ call: Call, _ membership: Membership, queue: Queue) {
        let agent = membership.agent
        call.attempts += 1
        let leg = self.makeAgentLeg(for: agent, call: call)
        self.register(leg, ordinal: call.ordinal)
        self.emit(.newChannel(leg.one))
        if let two = leg.two { self.emit(.newChannel(two)) }
        var agentLeg = AgentLeg(membership: membership, leg: leg, attempt: call.attempts, started: self.now)
        self.setCallerID(of: &agentLeg.leg, from: call)
        if let two = agentLeg.leg.two {
            self.emit(.localBridge(agentLeg.leg.one, two, optimised: !agent.interface.hasSuffix("/n")))
        }
        let member = self.member(membership)
        self.emit(.agentCalled(call.leg.one, to: agentLeg.leg.one, member))
        self.emit(.dialBegin(from: call.leg.one, to: agentLeg.leg.one, dialString: agent.interface))
        agentLeg.leg.one.state = .ringing
        agentLeg.leg.one = agentLeg.leg.one.with {
            // The queue hands the customer's extension on.
            $0.exten = call.leg.one.identity.exten
        }
        self.emit(.newState(agentLeg.leg.one))
        call.ringing.append(agentLeg)
        agent.state = .ringing
        self.emitStatus(of: agent)
        self.emit(.dialState(from: call.leg.one, to: agentLeg.leg.one, status: "RINGING"))

        let ringTime = FloorTime.seconds(queue.setup.ringTime)
        let answers = agent.random.unit() < self.configuration.agentAnswerRate
        let delay = self.configuration.agentAnswer.sample(using: &agent.random)
        if answers, delay <= ringTime {
            self.schedule(after: delay, .call(call.ordinal, .agentAnswers(attempt: call.attempts)))
        } else {
            self.schedule(after: ringTime, .call(call.ordinal, .agentMisses(attempt: call.attempts)))
        }
    }

    func agentAnswers(_ call: Call, attempt: Int) {
        guard call.phase == .waiting, let index = call.ringing.firstIndex(where: { $0.attempt == attempt }),
            let queue = call.queue
        else { return }
        var agentLeg = call.ringing.remove(at: index)
        let agent = agentLeg.agent
        agentLeg.leg.two?.state = .up
        agentLeg.leg.one.state = .up
        if let two = agentLeg.leg.two { self.emit(.newState(two)) }
        self.emit(.newState(agentLeg.leg.one))
        self.emit(.dialEnd(from: call.leg.one, to: agentLeg.leg.one, status: "ANSWER"))
        let losers = call.ringing
        call.ringing = []
        for loser in losers { self.cancel(loser, of: call, cause: 26) }
        self.emit(.musicOnHoldStop(call.leg.one))
        self.leaveQueue(call, queue: queue)

        call.phase = .talking
        call.connected = self.now
        call.partner = agentLeg
        self.statistics.connected += 1
        agent.state = .talking
        agent.busySince = self.now
        let hold = (self.now - call.joined).wholeSeconds
        let ring = (self.now - agentLeg.started).wholeSeconds
        queue.holdTime = (queue.holdTime * 3 + hold) >> 2
        self.emit(
            .agentConnect(
                call.leg.one, to: agentLeg.leg.one, self.member(agentLeg.membership), holdTime: hold, ringTime: ring
            )
        )
        // A Local member already showed "in use" while it rang.
        if agentLeg.leg.two == nil { self.emitStatus(of: agent) }
        var bridge = self.makeBridge()
        self.emit(.bridgeCreate(bridge))
        bridge.channels = 1
        self.emit(.bridgeEnter(bridge, agentLeg.leg.one))
        bridge.channels = 2
        self.emit(.bridgeEnter(bridge, call.leg.one))
        call.bridge = bridge
        self.schedule(after: call.plan.talk, .call(call.ordinal, .talkEnd))
        for loser in losers { self.release(loser.agent, movesBack: false) }
    }

    func agentMisses(_ call: Call, attempt: Int) {
        guard call.phase == .waiting, let index = call.ringing.firstIndex(where: { $0.attempt == attempt }),
            let queue = call.queue
        else { return }
        let agentLeg = call.ringing.remove(at: index)
        self.emit(
            .agentRingNoAnswer(
                call.leg.one, to: agentLeg.leg.one, self.member(agentLeg.membership),
                ringTime: Int((self.now - agentLeg.started).microseconds / 1000)
            )
        )
        self.emit(.dialEnd(from: call.leg.one, to: agentLeg.leg.one, status: "NOANSWER"))
        self.emit(.dialEnd(from: call.leg.one, to: agentLeg.leg.one, status: "CANCEL"))
        self.hangUpCancelled(agentLeg.leg, cause: 0)
        if call.ringing.isEmpty {
            call.isRetrying = true
            self.schedule(after: .seconds(queue.setup.retry), .call(call.ordinal, .retry))
        }
        self.release(agentLeg.agent, movesBack: true)
    }

    func retry(_ call: Call) {
        guard call.phase == .waiting, call.isRetrying, let queue = call.queue else { return }
        call.isRetrying = false
        self.serve(queue)
    }

    /// The caller hangs up while waiting, or the Queue() application gives up.
    func loseCaller(_ call: Call, queueTimeout: Bool) {
        guard call.phase == .waiting, let queue = call.queue else { return }
        self.statistics.gaveUp += 1
        let losers = call.ringing
        call.ringing = []
        if !queueTimeout { self.emitFarEndHangup(call) }
        self.emit(.musicOnHoldStop(call.leg.one))
        for loser in losers { self.cancel(loser, of: call, cause: 0) }
        self.emitAbandon(call, queue: queue)
        if queueTimeout, case .dialplan = call.request.target {
            call.phase = .held
            self.continueDialplan(call)
        } else if queueTimeout {
            self.hangUpLocalHalf(call.leg, cause: 0)
            self.emit(.hangup(call.leg.one, cause: 0, techCause: nil))
            self.finish(call, outcome: "queue-timeout", cause: 0)
        } else {
            // A SIP customer's BYE while waiting leaves no cause behind.
            let cause = call.leg.two == nil ? 0 : 16
            self.emit(.hangup(call.leg.one, cause: cause, techCause: nil))
            self.finish(call, outcome: "abandoned", cause: cause)
        }
        for loser in losers { self.release(loser.agent, movesBack: false) }
    }

    func emitAbandon(_ call: Call, queue: Queue) {
        queue.abandoned += 1
        let position = (queue.waiting.firstIndex { $0 === call } ?? 0) + 1
        self.emit(
            .queueCallerAbandon(
                call.leg.one, queue: queue.name, position: position, originalPosition: call.originalPosition,
                holdTime: (self.now - call.joined).wholeSeconds
            )
        )
        self.leaveQueue(call, queue: queue)
    }

    private func leaveQueue(_ call: Call, queue: Queue) {
        let index = queue.waiting.firstIndex { $0 === call } ?? 0
        if index < queue.waiting.count { queue.waiting.remove(at: index) }
        self.emit(
            .queueCallerLeave(call.leg.one, queue: queue.name, position: index + 1, count: queue.waiting.count)
        )
    }

    /// Ends an agent's ringing that came to nothing.
    func cancel(_ agentLeg: AgentLeg, of call: Call, cause: Int) {
        self.emit(.dialEnd(from: call.leg.one, to: agentLeg.leg.one, status: "CANCEL"))
        self.emit(.dialEnd(from: call.leg.one, to: agentLeg.leg.one, status: "CANCEL"))
        self.hangUpCancelled(agentLeg.leg, cause: cause)
    }

    private func hangUpCancelled(_ leg: Leg, cause: Int) {
        if let two = leg.two { self.emit(.hangupRequest(two, cause: cause, techCause: nil)) }
        self.emit(.hangup(leg.one, cause: cause, techCause: nil))
        if let two = leg.two {
            self.emit(.softHangupRequest(two, cause: 16))
            self.emit(.hangup(two, cause: cause, techCause: nil))
        }
        self.unregister(leg)
    }

    /// An agent whose phone stopped ringing is free again.
    func release(_ agent: Agent, movesBack: Bool) {
        agent.state = .idle
        if movesBack { agent.idleSince = self.now }
        self.emitStatus(of: agent)
        self.serveQueues(of: agent)
    }

    func serveQueues(of agent: Agent) {
        for membership in agent.memberships { self.serve(membership.queue) }
    }

    func countAbandoned(_ call: Call) {
        guard call.phase == .waiting, !call.isAbandoned else { return }
        call.isAbandoned = true
        self.statistics.abandoned += 1
    }

    /// A caller who left before the grace time was over has not been helped either.
    func countAbandonedAtEnd(_ call: Call) {
        guard call.queue != nil, call.plan.fate == .person, call.connected == nil, !call.isAbandoned else { return }
        call.isAbandoned = true
        self.statistics.abandoned += 1
    }

    func member(_ membership: Membership) -> FloorEvent.Member {
        .init(queue: membership.queue.name, interface: membership.agent.interface, name: membership.memberName)
    }

    func snapshot(_ membership: Membership) -> MemberSnapshot {
        let agent = membership.agent
        let status =
            switch agent.state {
            case .idle, .wrapup: 1
            case .ringing: agent.isLocal ? 2 : 6
            case .talking: 2
            }
        return MemberSnapshot(
            queue: membership.queue.name, name: membership.memberName, interface: agent.interface,
            // Asterisk drops the options of a Local channel when it watches its state.
            stateInterface: agent.interface.hasSuffix("/n") ? String(agent.interface.dropLast(2)) : agent.interface,
            isDynamic: membership.isDynamic, penalty: membership.penalty, callsTaken: membership.callsTaken,
            lastCall: membership.lastCall, lastPause: membership.lastPause, loginTime: membership.loginTime,
            isInCall: agent.state == .talking, status: status, isPaused: membership.isPaused,
            pausedReason: membership.pausedReason
        )
    }

    func emitStatus(of agent: Agent) {
        for membership in agent.memberships { self.emit(.queueMember(.status, self.snapshot(membership))) }
    }

    private func makeAgentLeg(for agent: Agent, call: Call) -> Leg {
        let linked = call.leg.one.identity.linkedID
        guard agent.isLocal else {
            return Leg(
                one: ChannelSnapshot(
                    ChannelIdentity(
                        name: "\(agent.interface)-\(self.makeSIPSuffix())", uniqueID: self.makeUniqueID(),
                        linkedID: linked, context: "from-sip", exten: "s"
                    ),
                    state: .down
                )
            )
        }
        let resource = agent.interface.dropFirst(6).prefix { $0 != "/" }
        let exten = String(resource.prefix { $0 != "@" })
        let context = String(resource.drop { $0 != "@" }.dropFirst())
        let base = "Local/\(resource)-\(self.makeLocalSuffix())"
        let uniqueID = self.makeUniqueID()
        return Leg(
            one: ChannelSnapshot(
                ChannelIdentity(
                    name: base + ";1", uniqueID: uniqueID, linkedID: linked, context: context, exten: exten),
                state: .down
            ),
            two: ChannelSnapshot(
                ChannelIdentity(
                    name: base + ";2", uniqueID: self.makeUniqueID(), linkedID: linked, context: context, exten: exten
                ),
                state: .ring
            )
        )
    }

    /// The agent sees the customer's caller id, or the dialed extension when there is none.
    private func setCallerID(of leg: inout Leg, from call: Call) {
        let customer = call.leg.one.identity
        let isUnknown = customer.callerIDNumber == ChannelIdentity.unknown
        let number =
            isUnknown ? (call.leg.two == nil ? ChannelIdentity.unknown : customer.exten) : customer.callerIDNumber
        let change: (inout ChannelIdentity) -> Void = { identity in
            identity.callerIDNumber = number
            identity.callerIDName = customer.callerIDName
            identity.connectedNumber = customer.callerIDNumber
            identity.connectedName = customer.callerIDName
        }
        leg.one = leg.one.with(change)
        leg.two = leg.two?.with(change)
    }
}
