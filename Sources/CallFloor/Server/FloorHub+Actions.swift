import NIOCore

extension FloorHub {
    /// Carries one action out and answers it.
    func perform(_ action: ReceivedAction, for session: FloorSession) {
        let id = action["ActionID"]
        guard let name = action["Action"], !name.isEmpty else {
            session.respond("Error", id: id, message: "Missing action in request")
            return
        }
        let known = ActionName(rawValue: name.lowercased())
        guard session.login == .done else {
            switch known {
            case .login: self.logIn(action, id: id, session: session)
            case .challenge: self.challenge(action, id: id, session: session)
            case .logoff: self.logOff(id: id, session: session)
            default: session.respond("Error", id: id, message: "Permission denied")
            }
            return
        }
        guard let known else {
            session.beginResponse("Error", id: id)
            session.out.writeStaticString("Message: Invalid/unknown command: ")
            session.out.writeString(name)
            session.out.writeStaticString(". Use Action: ListCommands to show available commands.\r\n")
            session.endMessage()
            return
        }
        guard known.classes.isEmpty || !known.classes.isDisjoint(with: self.configuration.write) else {
            session.respond("Error", id: id, message: "Permission denied")
            return
        }
        // What was due before the action happens before it.
        self.catchUp()
        self.perform(known, action, id: id, session: session)
        self.deliver()
    }

    private func perform(_ name: ActionName, _ action: ReceivedAction, id: String?, session: FloorSession) {
        switch name {
        case .login: session.respond("Success", id: id, message: "Already authenticated")
        case .challenge: self.challenge(action, id: id, session: session)
        case .logoff: self.logOff(id: id, session: session)
        case .ping: self.ping(id: id, session: session)
        case .events: self.setEvents(action, id: id, session: session)
        case .filter: self.addFilter(action, id: id, session: session)
        case .originate: self.originate(action, id: id, session: session)
        case .hangup: self.hangUp(action, id: id, session: session)
        case .redirect: self.redirect(action, id: id, session: session)
        case .setvar: self.setVariable(action, id: id, session: session)
        case .getvar: self.variable(action, id: id, session: session)
        case .showDialPlan: self.showDialplan(action, id: id, session: session)
        case .coreStatus: self.coreStatus(id: id, session: session)
        case .coreSettings: self.coreSettings(id: id, session: session)
        case .coreShowChannels: self.coreShowChannels(id: id, session: session)
        case .queueStatus: self.queueStatus(action, id: id, session: session)
        case .queueSummary: self.queueSummary(action, id: id, session: session)
        case .queuePause: self.queuePause(action, id: id, session: session)
        case .queueAdd: self.queueAdd(action, id: id, session: session)
        case .queueRemove: self.queueRemove(action, id: id, session: session)
        case .floorStats: self.floorStats(id: id, session: session)
        }
    }
}
