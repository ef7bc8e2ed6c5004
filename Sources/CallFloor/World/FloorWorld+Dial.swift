extension FloorWorld {
    /// Dials. What comes of it shows in `events`; a refused originate leaves an OriginateResponse and no channel.
    package func originate(_ request: OriginateRequest) {
        let ordinal = self.nextOrdinal()
        self.statistics.originates += 1
        if self.firstOriginate == nil { self.firstOriginate = self.now }
        let number = request.number
        self.records.append(
            .originate(
                ordinal: ordinal, id: request.channelID ?? "", number: number, channel: request.channel, at: self.now
            )
        )
        if let id = request.channelID, self.uniqueIDs[id.lowercased()] != nil {
            self.statistics.clashes += 1
            self.refuse(request, ordinal: ordinal, outcome: "clash")
            return
        }
        if let id = request.otherChannelID, self.uniqueIDs[id.lowercased()] != nil {
            self.statistics.clashes += 1
            self.refuse(request, ordinal: ordinal, outcome: "clash")
            return
        }
        let technology = request.technology
        let plan = CallPlan(number: number, ordinal: ordinal, configuration: self.configuration)
        let isRefused = plan.fate == .refused || number.isEmpty
        guard self.configuration.technologies.contains(technology), !(isRefused && technology != "local") else {
            self.refuse(request, ordinal: ordinal, outcome: CustomerFate.refused.name)
            return
        }

        let call = Call(
            ordinal: ordinal, request: request, plan: plan,
            leg: self.makeCustomerLeg(for: request, technology: technology),
            now: self.now
        )
        self.calls[ordinal] = call
        self.register(call.leg, ordinal: ordinal)
        self.statistics.peakCalls = max(self.statistics.peakCalls, self.calls.count)

        self.emit(.newChannel(call.leg.one))
        if let two = call.leg.two { self.emit(.newChannel(two)) }
        if isRefused {
            self.refuseLocal(call)
            return
        }
        self.setCallerID(of: call)
        if let two = call.leg.two {
            self.emit(.localBridge(call.leg.one, two, optimised: !request.keepsLocalChannel))
        }
        self.emit(.dialBegin(from: nil, to: call.leg.one, dialString: String(request.resource)))
        self.scheduleFate(of: call)
    }

    private func scheduleFate(of call: Call) {
        let plan = call.plan
        switch plan.fate {
        case .person, .machine:
            self.schedule(after: plan.setup, .call(call.ordinal, .ring))
            self.schedule(after: plan.setup + plan.ring, .call(call.ordinal, .answer))
        case .busy, .congestion, .cause, .refused:
            if plan.ring > .zero { self.schedule(after: plan.setup, .call(call.ordinal, .ring)) }
            self.schedule(after: plan.setup + plan.ring, .call(call.ordinal, .fail))
        case .ringOut:
            self.schedule(after: plan.setup, .call(call.ordinal, .ring))
            self.schedule(
                after: plan.setup + .seconds(self.configuration.networkTimeout), .call(call.ordinal, .networkTimeout)
            )
        case .silence:
            self.schedule(
                after: plan.setup + .seconds(self.configuration.networkTimeout), .call(call.ordinal, .networkTimeout)
            )
        }
        if let timeout = call.request.timeout, timeout > .zero {
            self.schedule(after: timeout, .call(call.ordinal, .originateTimeout))
        }
    }

    func startRinging(_ call: Call) {
        guard call.phase == .setup else { return }
        call.phase = .ringing
        call.leg.one.state = .ringing
        self.emit(.newState(call.leg.one))
        self.emit(.dialState(from: nil, to: call.leg.one, status: "RINGING"))
    }

    func answer(_ call: Call) {
        guard call.phase == .setup || call.phase == .ringing else { return }
        call.answered = self.now
        self.statistics.answered += 1
        if call.plan.fate == .machine { self.statistics.machines += 1 }
        call.leg.two?.state = .up
        call.leg.one.state = .up
        if call.plan.isRaced { self.emitAnswer(call) }
        if let two = call.leg.two { self.emit(.newState(two)) }
        self.emit(.newState(call.leg.one))
        self.emit(.dialEnd(from: nil, to: call.leg.one, status: "ANSWER"))
        if !call.plan.isRaced { self.emitAnswer(call) }
        self.enterTarget(call)
    }

    private func emitAnswer(_ call: Call) {
        self.emit(
            .originateResponse(
                .init(
                    request: call.request, succeeded: true, channel: call.leg.one.name, reason: 4,
                    uniqueID: call.leg.one.uniqueID
                )
            )
        )
    }

    private func enterTarget(_ call: Call) {
        switch call.request.target {
        case .dialplan(let context, let exten): self.enterDialplan(call, context: context, exten: exten)
        case .application(let name, let data): self.run(call, application: name, data: data)
        }
    }

    /// The customer is in an application's hands.
    func run(_ call: Call, application name: String, data: String) {
        call.application = name
        call.applicationData = data
        switch name.lowercased() {
        case "queue": self.joinQueue(call, arguments: data)
        case "park": self.park(call, lot: data)
        case "amd": self.detectMachine(call)
        case "hangup": self.endOfDialplan(call, cause: Int(data) ?? 16)
        case "wait":
            call.phase = .held
            self.hold(call, for: .seconds(Double(data) ?? call.plan.talk.seconds))
        case let name where Self.applications.contains(name):
            call.phase = .held
            self.hold(call, for: call.plan.talk)
        default:
            // An unknown application ends the call at once, though the originate was a success.
            self.endByApplication(call, cause: 0)
        }
    }

    /// Applications, lower case, that take the customer and keep it for a while.
    private static let applications: Set<String> = [
        "agi", "answer", "background", "bridge", "confbridge", "dial", "echo", "gosub", "ices", "milliwatt",
        "mixmonitor", "musiconhold", "playback", "playtones", "read", "record", "saydigits", "stasis", "voicemail",
        "waitexten",
    ]

    /// The far end could not be reached, in one of the ways it can't.
    func fail(_ call: Call) {
        guard call.phase == .setup || call.phase == .ringing else { return }
        let isLocal = call.leg.two != nil
        switch call.plan.fate {
        case .busy where isLocal && call.plan.usesFrame: self.failByFrame(call, reason: 5, cause: 17, status: "BUSY")
        case .congestion where isLocal && call.plan.usesFrame:
            self.failByFrame(call, reason: 8, cause: 34, status: "CONGESTION")
        case .busy: self.failByCause(call, cause: 17, outcome: call.plan.fate.name)
        case .congestion: self.failByCause(call, cause: 34, outcome: call.plan.fate.name)
        case .cause(let cause): self.failByCause(call, cause: cause, outcome: call.plan.fate.name)
        case .person, .machine, .ringOut, .silence, .refused:
            self.failByCause(call, cause: 0, outcome: call.plan.fate.name)
        }
    }

    /// As after the dialplan's Busy() or Congestion(): the cause stays on the second half, the first says 0.
    private func failByFrame(_ call: Call, reason: Int, cause: Int, status: StaticString) {
        guard var two = call.leg.two else { return }
        two.state = .busy
        call.leg.two = two
        self.emit(.newState(two))
        self.emit(.dialEnd(from: nil, to: call.leg.one, status: status))
        if call.plan.isRaced { self.emitFailure(call, reason: reason) }
        self.emit(.hangupRequest(two, cause: 0, techCause: nil))
        self.emit(.softHangupRequest(two, cause: 16))
        self.emit(.hangup(two, cause: cause, techCause: nil))
        self.emit(.hangup(call.leg.one, cause: 0, techCause: nil))
        if !call.plan.isRaced { self.emitFailure(call, reason: reason) }
        self.finish(call, outcome: call.plan.fate.name, cause: cause)
    }

    func failByCause(_ call: Call, cause: Int, outcome: String) {
        guard call.phase == .setup || call.phase == .ringing else { return }
        let status = HangupCauses.dialStatus(of: cause)
        if let two = call.leg.two {
            self.emit(.softHangupRequest(two, cause: 16))
            self.emit(.hangupRequest(call.leg.one, cause: cause, techCause: nil))
            self.emit(.hangup(two, cause: cause, techCause: nil))
            self.emit(.dialEnd(from: nil, to: call.leg.one, status: status))
            if !call.plan.isRaced { self.emitFailure(call, reason: 0) }
            self.emit(.hangup(call.leg.one, cause: cause, techCause: nil))
            if call.plan.isRaced { self.emitFailure(call, reason: 0) }
        } else {
            let techCause = HangupCauses.sipCode(of: cause)
            self.emit(.hangupRequest(call.leg.one, cause: cause, techCause: techCause))
            if call.plan.isRaced { self.emitFailure(call, reason: 0) }
            self.emit(.dialEnd(from: nil, to: call.leg.one, status: status))
            self.emit(.hangup(call.leg.one, cause: cause, techCause: techCause))
            if !call.plan.isRaced { self.emitFailure(call, reason: 0) }
        }
        self.finish(call, outcome: outcome, cause: cause)
    }

    /// The originate's own timeout: no DialEnd, cause 19.
    func timeOut(_ call: Call) {
        guard call.phase == .setup || call.phase == .ringing else { return }
        if let two = call.leg.two {
            self.emit(.hangupRequest(two, cause: 19, techCause: nil))
            self.emit(.softHangupRequest(two, cause: 16))
            self.emit(.hangup(two, cause: 19, techCause: nil))
        }
        if call.plan.isRaced { self.emitFailure(call, reason: 3) }
        self.emit(.hangup(call.leg.one, cause: 19, techCause: call.leg.two == nil ? 480 : nil))
        if !call.plan.isRaced { self.emitFailure(call, reason: 3) }
        self.finish(call, outcome: call.plan.fate == .silence ? "silence" : "noanswer", cause: 19)
    }

    func emitFailure(_ call: Call, reason: Int) {
        self.emitFailure(call.request, reason: reason)
    }

    private func emitFailure(_ request: OriginateRequest, reason: Int) {
        self.emit(
            .originateResponse(
                .init(
                    request: request, succeeded: false, channel: request.channel, reason: reason,
                    uniqueID: request.channelID ?? ChannelIdentity.unknown
                )
            )
        )
    }

    private func refuse(_ request: OriginateRequest, ordinal: Int, outcome: String) {
        self.emitFailure(request, reason: 0)
        self.statistics.ended += 1
        self.records.append(
            .end(
                .init(
                    ordinal: ordinal, id: request.channelID ?? "", number: request.number, outcome: outcome, cause: 0,
                    originated: self.now, answered: nil, connected: nil, ended: self.now, queue: nil, agent: nil,
                    isMachine: false, abandoned: false
                )
            )
        )
    }

    /// An extension that doesn't exist: a Local channel is made, finds nothing and goes.
    private func refuseLocal(_ call: Call) {
        if let two = call.leg.two { self.emit(.hangup(two, cause: 0, techCause: nil)) }
        if !call.plan.isRaced { self.emitFailure(call, reason: 0) }
        self.emit(.hangup(call.leg.one, cause: 0, techCause: nil))
        if call.plan.isRaced { self.emitFailure(call, reason: 0) }
        self.finish(call, outcome: CustomerFate.refused.name, cause: 0)
    }

    private func makeCustomerLeg(for request: OriginateRequest, technology: String) -> Leg {
        let id = request.channelID ?? self.makeUniqueID()
        let number = request.number
        guard technology == "local" else {
            // The name tells the endpoint, never the number.
            let endpoint = request.place ?? number
            let prefix = request.channel.prefix { $0 != "/" }
            return Leg(
                one: ChannelSnapshot(
                    ChannelIdentity(
                        name: "\(prefix)/\(endpoint)-\(self.makeSIPSuffix())", uniqueID: id, linkedID: id,
                        context: "from-sip", exten: "s"
                    ),
                    state: .down
                )
            )
        }
        let context = request.place ?? "default"
        let base = "Local/\(number)@\(context)-\(self.makeLocalSuffix())"
        let other = request.otherChannelID ?? (request.channelID.map { $0 + ";2" } ?? self.makeUniqueID())
        return Leg(
            one: ChannelSnapshot(
                ChannelIdentity(name: base + ";1", uniqueID: id, linkedID: id, context: context, exten: number),
                state: .down
            ),
            two: ChannelSnapshot(
                ChannelIdentity(name: base + ";2", uniqueID: other, linkedID: id, context: context, exten: number),
                state: .ring
            )
        )
    }

    private func setCallerID(of call: Call) {
        guard call.request.callerIDNumber != nil || call.request.callerIDName != nil else { return }
        let change: (inout ChannelIdentity) -> Void = { identity in
            identity.callerIDNumber = call.request.callerIDNumber ?? ChannelIdentity.unknown
            identity.callerIDName = call.request.callerIDName ?? ChannelIdentity.unknown
            identity.connectedNumber = identity.callerIDNumber
            identity.connectedName = identity.callerIDName
        }
        call.leg.one = call.leg.one.with(change)
        call.leg.two = call.leg.two?.with(change)
    }

    func register(_ leg: Leg, ordinal: Int) {
        self.channels[leg.one.name.lowercased()] = ordinal
        self.uniqueIDs[leg.one.uniqueID.lowercased()] = ordinal
        guard let two = leg.two else { return }
        self.channels[two.name.lowercased()] = ordinal
        self.uniqueIDs[two.uniqueID.lowercased()] = ordinal
    }

    func unregister(_ leg: Leg) {
        self.channels[leg.one.name.lowercased()] = nil
        self.uniqueIDs[leg.one.uniqueID.lowercased()] = nil
        guard let two = leg.two else { return }
        self.channels[two.name.lowercased()] = nil
        self.uniqueIDs[two.uniqueID.lowercased()] = nil
    }

    /// The last of a call: its channels are gone, its ids free again.
    func finish(_ call: Call, outcome: String, cause: Int) {
        self.countAbandonedAtEnd(call)
        self.unregister(call.leg)
        self.calls[call.ordinal] = nil
        self.statistics.ended += 1
        self.records.append(
            .end(
                .init(
                    ordinal: call.ordinal, id: call.id, number: call.request.number, outcome: outcome, cause: cause,
                    originated: call.originated, answered: call.answered, connected: call.connected, ended: self.now,
                    queue: call.queue?.name, agent: call.partner?.membership.agent.interface,
                    isMachine: call.plan.fate == .machine, abandoned: call.isAbandoned
                )
            )
        )
    }
}
