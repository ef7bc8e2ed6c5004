import NIOCore

extension FloorHub {
    func setVariable(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard let variable = action["Variable"], !variable.isEmpty else {
            session.respond("Error", id: id, message: "No variable specified")
            return
        }
        guard let channel = action["Channel"], !channel.isEmpty else {
            // A global variable, of which the floor's dialplan has no use.
            session.respond("Success", id: id, message: "Variable Set")
            return
        }
        if self.world.setVariable(variable, to: action["Value"] ?? "", channel: channel) {
            session.respond("Success", id: id, message: "Variable Set")
        } else {
            session.respond("Error", id: id, message: "No such channel")
        }
    }

    func variable(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard let variable = action["Variable"], !variable.isEmpty else {
            session.respond("Error", id: id, message: "No variable specified")
            return
        }
        guard let value = self.world.variable(variable, channel: action["Channel"] ?? "") else {
            session.respond("Error", id: id, message: "No such channel")
            return
        }
        session.beginResponse("Success", id: id)
        session.out.header("Variable: ", variable)
        session.out.header("Value: ", value)
        session.endMessage()
    }

    /// Lists the dialplan, or one context of it.
    func showDialplan(_ action: ReceivedAction, id: String?, session: FloorSession) {
        let dialplan = self.world.configuration.dialplan
        var contexts = dialplan.contexts
        if let name = action["Context"], !name.isEmpty {
            guard let context = dialplan.context(named: name) else {
                session.beginResponse("Error", id: id)
                session.out.writeStaticString("Message: Did not find context ")
                session.out.writeString(name)
                session.out.writeStaticString("\r\n")
                session.endMessage()
                return
            }
            contexts = [context]
        }
        self.beginList("DialPlan list will follow", id: id, session: session)
        var extensions = 0
        var items = 0
        for context in contexts {
            for exten in context.extensions.sorted(by: { $0.name < $1.name }) {
                extensions += 1
                for (index, step) in exten.steps.enumerated() {
                    items += 1
                    session.out.writeStaticString("Event: ListDialplan\r\n")
                    if let id { session.out.header("ActionID: ", id) }
                    session.out.header("Context: ", context.name)
                    session.out.header("Extension: ", exten.name)
                    session.out.header("Priority: ", index + 1)
                    session.out.header("Application: ", step.application)
                    session.out.header("AppData: ", step.data)
                    session.out.writeStaticString("Registrar: pbx_config\r\n")
                    session.endMessage()
                }
            }
        }
        session.out.writeStaticString("Event: ShowDialPlanComplete\r\n")
        if let id { session.out.header("ActionID: ", id) }
        session.out.writeStaticString("EventList: Complete\r\n")
        session.out.header("ListItems: ", items)
        session.out.header("ListExtensions: ", extensions)
        session.out.header("ListPriorities: ", items)
        session.out.header("ListContexts: ", contexts.count)
        session.endMessage()
    }

    /// Reads the `Variable` headers of an Originate: cut at commas outside quotes, quotes and backslashes taken away.
    static func variables(in headers: [String]) -> [String: String] {
        var variables: [String: String] = [:]
        for assignment in headers.flatMap(Self.assignments) {
            guard let equals = assignment.firstIndex(of: "=") else { continue }
            variables[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
        }
        return variables
    }

    private static func assignments(in header: String) -> [String] {
        var assignments = [""]
        var isQuoted = false
        var isEscaped = false
        for character in header.unicodeScalars {
            if isEscaped {
                assignments[assignments.count - 1].unicodeScalars.append(character)
                isEscaped = false
                continue
            }
            switch character {
            case "\\": isEscaped = true
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: assignments.append("")
            default: assignments[assignments.count - 1].unicodeScalars.append(character)
            }
        }
        return assignments
    }
}
