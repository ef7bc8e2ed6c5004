import NIOCore

extension FloorHub {
    /// Checks an Originate in Asterisk's order, answers it and dials.
    func originate(_ action: ReceivedAction, id: String?, session: FloorSession) {
        switch self.request(from: action, id: id) {
        case .failure(let refusal): session.respond("Error", id: id, message: refusal.message)
        case .success(let request):
            session.respond("Success", id: id, message: "Originate successfully queued")
            self.world.originate(request)
        }
    }

    private struct Refusal: Error {
        var message: StaticString
    }

    private func request(from action: ReceivedAction, id: String?) -> Result<OriginateRequest, Refusal> {
        let refused = { (message: StaticString) in Result<OriginateRequest, Refusal>.failure(Refusal(message: message))
        }
        guard let channel = action["Channel"], !channel.isEmpty else { return refused("Channel not specified") }
        let priority = action["Priority"] ?? ""
        if !priority.isEmpty, Int(priority) == nil { return refused("Invalid priority") }
        var timeout: FloorTime? = .seconds(30)
        if let text = action["Timeout"], !text.isEmpty {
            guard let milliseconds = Int32(text) else { return refused("Invalid timeout") }
            // 0 and -1 mean no limit.
            timeout = milliseconds > 0 ? FloorTime(microseconds: Int64(milliseconds) * 1000) : nil
        }
        guard channel.contains("/") else { return refused("Invalid channel") }
        let channelID = action["ChannelId"].flatMap { $0.isEmpty ? nil : $0 }
        let otherID = action["OtherChannelId"].flatMap { $0.isEmpty ? nil : $0 }
        guard (channelID?.utf8.count ?? 0) <= 149, (otherID?.utf8.count ?? 0) <= 149 else {
            return refused("Uniqueid length exceeds maximum of 149")
        }
        let context = action["Context"] ?? ""
        let exten = action["Exten"] ?? ""
        var request: OriginateRequest
        if let application = action["Application"], !application.isEmpty {
            let data = action["Data"] ?? ""
            guard !Self.isDangerous(application: application, data: data) else {
                return refused("Originate Access Forbidden: app or data blacklisted")
            }
            request = OriginateRequest(channel: channel, target: .application(name: application, data: data))
        } else {
            // Without a priority Asterisk doesn't look whether the extension exists.
            if !exten.isEmpty, !context.isEmpty, !priority.isEmpty, !self.world.hasExtension(exten, context: context) {
                return refused("Extension does not exist.")
            }
            request = OriginateRequest(channel: channel, target: .dialplan(context: context, exten: exten))
        }
        request.timeout = timeout
        request.channelID = channelID
        request.otherChannelID = otherID
        request.actionID = id
        (request.callerIDName, request.callerIDNumber) = Self.callerID(action["CallerID"] ?? "")
        request.account = action["Account"] ?? ""
        request.variables = Self.variables(in: action.values(of: "Variable"))
        return .success(request)
    }

    /// What Asterisk refuses to users without the system class; this floor's user is treated as one.
    private static func isDangerous(application: String, data: String) -> Bool {
        let application = application.lowercased()
        let forbidden = ["system", "trysystem", "agi", "externalivr", "mixmonitor", "eagi", "exec", "execif"]
        if forbidden.contains(application.trimmingPrefix { $0 == " " }.description) { return true }
        let data = data.uppercased()
        return data.contains("${SHELL(") || data.contains("${EVAL(")
    }

    /// Splits `"Name" <number>`, `Name <number>` and a bare number.
    static func callerID(_ text: String) -> (name: String?, number: String?) {
        let trimmed = text.trimmingPrefix { $0 == " " }
        guard !trimmed.isEmpty else { return (nil, nil) }
        if let open = trimmed.firstIndex(of: "<"), let close = trimmed.lastIndex(of: ">"), open < close {
            let name = trimmed[..<open].filter { $0 != "\"" }
            let shown = name.reversed().drop { $0 == " " }.reversed()
            let number = trimmed[trimmed.index(after: open)..<close]
            return (shown.isEmpty ? nil : String(shown), number.isEmpty ? nil : String(number))
        }
        let isNumber = trimmed.allSatisfy { $0.isASCII && ($0.isNumber || "+*#-() ".contains($0)) }
        return isNumber ? (nil, String(trimmed)) : (trimmed.filter { $0 != "\"" }, nil)
    }

    func hangUp(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard let channel = action["Channel"], !channel.isEmpty else {
            session.respond("Error", id: id, message: "No channel specified")
            return
        }
        let cause = action["Cause"].flatMap { Int($0) }.flatMap { (0...127).contains($0) ? $0 : nil }
        if self.world.hangUp(channel: channel, cause: cause) {
            session.respond("Success", id: id, message: "Channel Hungup")
        } else {
            session.respond("Error", id: id, message: "No such channel")
        }
    }

    func redirect(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard let channel = action["Channel"], !channel.isEmpty else {
            session.respond("Error", id: id, message: "Channel not specified")
            return
        }
        let context = action["Context"] ?? "default"
        let exten = action["Exten"] ?? ""
        if self.world.redirect(channel: channel, context: context, exten: exten) {
            session.respond("Success", id: id, message: "Redirect successful")
        } else {
            session.beginResponse("Error", id: id)
            session.out.writeStaticString("Message: Channel does not exist: ")
            session.out.writeString(channel)
            session.out.writeStaticString("\r\n")
            session.endMessage()
        }
    }

    func coreShowChannels(id: String?, session: FloorSession) {
        self.beginList("Channels will follow", id: id, session: session)
        let channels = self.world.listChannels()
        for listing in channels {
            session.out.writeStaticString("Event: CoreShowChannel\r\n")
            if let id { session.out.header("ActionID: ", id) }
            EventRenderer.writeChannel(listing.channel, to: &session.out)
            session.out.header("Application: ", listing.application)
            session.out.header("ApplicationData: ", listing.applicationData)
            session.out.header("Duration: ", Self.clock(listing.duration))
            session.out.header("BridgeId: ", listing.bridge)
            session.endMessage()
        }
        self.endList("CoreShowChannelsComplete", items: channels.count, id: id, session: session)
    }

    func beginList(_ message: StaticString, id: String?, session: FloorSession) {
        session.beginResponse("Success", id: id)
        session.out.writeStaticString("EventList: start\r\n")
        session.out.header("Message: ", message)
        session.endMessage()
    }

    func endList(_ event: StaticString, items: Int, id: String?, session: FloorSession) {
        session.out.header("Event: ", event)
        if let id { session.out.header("ActionID: ", id) }
        session.out.writeStaticString("EventList: Complete\r\n")
        session.out.header("ListItems: ", items)
        session.endMessage()
    }
}
