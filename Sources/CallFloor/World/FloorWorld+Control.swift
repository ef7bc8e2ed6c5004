extension FloorWorld {
    /// Why an order to a queue was refused, in Asterisk's words.
    package enum QueueRefusal: Error, Hashable {
        case noSuchQueue
        case alreadyThere
        case notThere
        case interfaceNotFound
    }

    /// Hangs a channel up, named by its name or Uniqueid.
    /// - Returns: false when there is no such channel.
    package func hangUp(channel name: String, cause: Int?) -> Bool {
        let key = name.lowercased()
        guard let ordinal = self.channels[key] ?? self.uniqueIDs[key], let call = self.calls[ordinal] else {
            return false
        }
        if let index = call.ringing.firstIndex(where: { Self.leg($0.leg, has: key) }), let queue = call.queue {
            // An agent's ringing phone: the queue tries the next.
            let agentLeg = call.ringing.remove(at: index)
            self.cancel(agentLeg, of: call, cause: cause ?? 0)
            if call.ringing.isEmpty {
                call.isRetrying = true
                self.schedule(after: .seconds(queue.setup.retry), .call(call.ordinal, .retry))
            }
            self.release(agentLeg.agent, movesBack: true)
            return true
        }
        self.hangUp(call, cause: cause)
        return true
    }

    /// Hangs up everything, as Asterisk does on its way down: cause 0.
    package func hangUpAll() {
        for ordinal in self.calls.keys.sorted() {
            guard let call = self.calls[ordinal] else { continue }
            self.hangUp(call, cause: 0)
        }
    }

    private func hangUp(_ call: Call, cause: Int?) {
        switch call.phase {
        case .setup, .ringing:
            let cause = cause ?? 0
            if let two = call.leg.two {
                self.emit(.hangupRequest(two, cause: cause, techCause: nil))
                self.emit(.softHangupRequest(two, cause: 16))
                self.emit(.hangup(two, cause: cause, techCause: nil))
            }
            if call.plan.isRaced { self.emitFailure(call, reason: 0) }
            self.emit(.dialEnd(from: nil, to: call.leg.one, status: "NOANSWER"))
            self.emit(
                .hangup(
                    call.leg.one, cause: cause, techCause: call.leg.two == nil ? HangupCauses.sipCode(of: cause) : nil
                )
            )
            if !call.plan.isRaced { self.emitFailure(call, reason: 0) }
            self.finish(call, outcome: "hangup", cause: cause)
        case .waiting:
            guard let queue = call.queue else { return }
            self.statistics.gaveUp += 1
            let losers = call.ringing
            call.ringing = []
            self.emit(.musicOnHoldStop(call.leg.one))
            for loser in losers { self.cancel(loser, of: call, cause: 0) }
            self.emitAbandon(call, queue: queue)
            self.hangUpLocalHalf(call.leg, cause: cause ?? 16)
            self.emit(.hangup(call.leg.one, cause: cause ?? 16, techCause: nil))
            self.finish(call, outcome: "hangup", cause: cause ?? 16)
            for loser in losers { self.release(loser.agent, movesBack: false) }
        case .talking:
            self.endConversation(call, by: .action(cause: cause ?? 16))
        case .parked, .held:
            self.leaveParking(call)
            self.hangUpLocalHalf(call.leg, cause: cause ?? 16)
            self.emit(.hangup(call.leg.one, cause: cause ?? 16, techCause: nil))
            self.finish(call, outcome: "hangup", cause: cause ?? 16)
        }
    }

    /// Moves a customer to an extension. A call that was originated to an application has no dialplan to continue in, so
    /// Asterisk drops it although the action succeeds.
    /// - Returns: false when there is no such channel.
    package func redirect(channel name: String, context: String, exten: String) -> Bool {
        let key = name.lowercased()
        guard let ordinal = self.channels[key], let call = self.calls[ordinal] else { return false }
        switch call.phase {
        case .talking: self.endConversation(call, by: .redirect)
        case .waiting:
            guard let queue = call.queue else { return false }
            call.isRetrying = false
            let losers = call.ringing
            call.ringing = []
            self.emit(.musicOnHoldStop(call.leg.one))
            for loser in losers { self.cancel(loser, of: call, cause: 0) }
            self.emitAbandon(call, queue: queue)
            for loser in losers { self.release(loser.agent, movesBack: false) }
        case .parked: self.leaveParking(call)
        case .held: break
        case .setup, .ringing: return true
        }
        // Whatever kept the customer is over.
        call.stay += 1
        if case .dialplan = call.request.target {
            self.enterDialplan(call, context: context, exten: exten)
        } else {
            call.leg.one = call.leg.one.with {
                $0.context = context
                $0.exten = exten
            }
            self.hangUpLocalHalf(call.leg, cause: 16)
            self.emit(.hangup(call.leg.one, cause: 16, techCause: nil))
            self.finish(call, outcome: "redirect", cause: 16)
        }
        return true
    }

    /// Pauses or unpauses an interface in one queue, or in all it belongs to.
    package func pause(interface: String, queue: String?, isPaused: Bool, reason: String) throws(QueueRefusal) {
        let found = self.memberships(of: interface, queue: queue)
        guard !found.isEmpty else { throw .interfaceNotFound }
        for membership in found {
            self.setPaused(membership, isPaused, reason: reason)
            if !isPaused, membership.agent.state == .wrapup, self.configuration.wrapupShown == .pause {
                // Nothing but the pause kept the agent from the next call.
                self.endBusy(membership.agent)
            }
            if !isPaused { self.serve(membership.queue) }
        }
    }

    /// Adds a member. An interface nobody on the floor has yet brings a new agent with it.
    package func addMember(
        interface: String, queue name: String, memberName: String?, penalty: Int, isPaused: Bool, reason: String
    ) throws(QueueRefusal) {
        guard let queue = self.queue(named: name) else { throw .noSuchQueue }
        let key = interface.lowercased()
        guard !queue.members.contains(where: { $0.agent.interface.lowercased() == key }) else { throw .alreadyThere }
        let agent =
            self.agents.first { $0.interface.lowercased() == key }
            ?? self.makeAgent(interface: interface, name: memberName ?? interface)
        let membership = Membership(
            agent: agent, queue: queue, memberName: memberName ?? interface, loginTime: self.wallClock
        )
        membership.isDynamic = true
        membership.penalty = penalty
        membership.isPaused = isPaused
        if isPaused {
            membership.pausedReason = reason
            membership.lastPause = self.wallClock
        }
        queue.members.append(membership)
        agent.memberships.append(membership)
        self.emit(.queueMember(.added, self.snapshot(membership)))
        self.serve(queue)
    }

    package func removeMember(interface: String, queue name: String) throws(QueueRefusal) {
        guard let queue = self.queue(named: name) else { throw .noSuchQueue }
        guard let index = queue.members.firstIndex(where: { $0.agent.interface.lowercased() == interface.lowercased() })
        else { throw .notThere }
        let membership = queue.members.remove(at: index)
        membership.agent.memberships.removeAll { $0 === membership }
        self.emit(.queueMember(.removed, self.snapshot(membership)))
    }

    /// Whether an extension exists; contexts without a list have every extension, unless the dialplan says otherwise.
    package func hasExtension(_ exten: String, context: String) -> Bool {
        self.configuration.extensions[context].map { $0.contains(exten) }
            ?? self.configuration.dialplan.hasExtension(exten, in: context)
    }

    private func memberships(of interface: String, queue: String?) -> [Membership] {
        let key = interface.lowercased()
        return self.queues.lazy
            .filter { queue == nil || $0.name.lowercased() == queue?.lowercased() }
            .flatMap(\.members)
            .filter { $0.agent.interface.lowercased() == key }
    }

    func queue(named name: String) -> Queue? {
        let key = name.lowercased()
        return self.queues.first { $0.name.lowercased() == key }
    }

    private static func leg(_ leg: Leg, has key: String) -> Bool {
        leg.one.name.lowercased() == key || leg.one.uniqueID.lowercased() == key || leg.two?.name.lowercased() == key
            || leg.two?.uniqueID.lowercased() == key
    }
}
