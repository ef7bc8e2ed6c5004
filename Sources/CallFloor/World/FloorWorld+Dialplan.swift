extension FloorWorld {
    /// The customer goes to an extension and does what stands there.
    func enterDialplan(_ call: Call, context: String, exten: String) {
        call.leg.one = call.leg.one.with {
            $0.context = context
            $0.exten = exten
            $0.priority = 1
        }
        guard self.configuration.dialplan.hasExtension(exten, in: context) else {
            self.endByApplication(call, cause: 0)
            return
        }
        guard let steps = self.configuration.dialplan.steps(of: exten, in: context) else {
            call.steps = []
            call.phase = .held
            self.hold(call, for: call.plan.talk)
            return
        }
        call.steps = steps[...]
        call.priority = 1
        self.continueDialplan(call)
    }

    /// The next priority of the extension; after the last the dialplan hangs up.
    func continueDialplan(_ call: Call) {
        guard let step = call.steps.popFirst() else {
            self.endOfDialplan(call, cause: 16)
            return
        }
        let exten = call.leg.one.identity.exten
        let data = FloorDialplan.substitute(step.data, exten: exten, variables: call.variables)
        call.leg.one = call.leg.one.with { $0.priority = call.priority }
        call.priority += 1
        self.run(call, application: step.application, data: data)
    }

    /// What an application does that has come to its end without the caller's leaving.
    func endOfApplication(_ call: Call) {
        switch call.request.target {
        case .application: self.endByApplication(call, cause: 0)
        case .dialplan: self.continueDialplan(call)
        }
    }

    /// The dialplan's own Hangup(): the channel dies in `h`.
    func endOfDialplan(_ call: Call, cause: Int) {
        self.emit(.softHangupRequest(call.leg.one, cause: cause))
        if let two = call.leg.two { self.emit(.hangupRequest(two, cause: cause, techCause: nil)) }
        call.leg.one = call.leg.one.with { $0.exten = "h" }
        self.emit(.hangup(call.leg.one, cause: cause, techCause: nil))
        if let two = call.leg.two {
            self.emit(.softHangupRequest(two, cause: 16))
            self.emit(.hangup(two, cause: cause, techCause: nil))
        }
        self.finish(call, outcome: "application", cause: cause)
    }

    // MARK: Answering machine detection

    /// Listens to who has answered.
    func detectMachine(_ call: Call) {
        call.phase = .held
        call.stay += 1
        let delay = call.plan.fate == .machine ? Self.machineDelay : Self.personDelay
        self.schedule(after: delay, .call(call.ordinal, .detected(stay: call.stay)))
    }

    func machineDetected(_ call: Call, stay: Int) {
        guard call.phase == .held, call.stay == stay else { return }
        let isMachine = call.plan.fate == .machine
        self.setVariable("AMDSTATUS", to: isMachine ? "MACHINE" : "HUMAN", of: call)
        self.setVariable("AMDCAUSE", to: isMachine ? "LONGGREETING-1500-1500" : "HUMAN-800-800", of: call)
        self.endOfApplication(call)
    }

    /// How long AMD listens with its sample settings: to a machine that talks on, as recorded, and to a person who says a word of
    /// 0.6 s and waits.
    private static let machineDelay = FloorTime.seconds(2.2)
    private static let personDelay = FloorTime.seconds(1.9)

    // MARK: Variables

    /// Sets a channel variable as AMI's Setvar does.
    /// - Returns: false when there is no such channel.
    package func setVariable(_ name: String, to value: String, channel: String) -> Bool {
        guard let ordinal = self.channels[channel.lowercased()], let call = self.calls[ordinal] else { return false }
        self.setVariable(name, to: value, of: call)
        return true
    }

    /// A channel variable as AMI's Getvar tells it, empty when it was never set.
    /// - Returns: nil when there is no such channel.
    package func variable(_ name: String, channel: String) -> String? {
        guard let ordinal = self.channels[channel.lowercased()], let call = self.calls[ordinal] else { return nil }
        switch name {
        case "CONTEXT": return call.leg.one.identity.context
        case "EXTEN": return call.leg.one.identity.exten
        default: return call.variables[name] ?? ""
        }
    }

    private func setVariable(_ name: String, to value: String, of call: Call) {
        call.variables[name] = value
        self.emit(.varSet(call.leg.one, variable: name, value: value))
    }
}
