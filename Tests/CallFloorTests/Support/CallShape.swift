/// The events of one call, told apart by the channel they are about.
///
/// Asterisk's threads write their events as they come, so two channels' events may change places from call to call; one
/// channel's don't. OriginateResponse comes from a thread of its own.
enum CallShape {
    /// Event names in order, by role: `c1` and `c2` the customer's channels, `a1`, `a2` the first agent's, `b1` the second's, ….
    static func roles(of messages: [WireMessage], call id: String, other: String? = nil, kinds: Set<String>) -> [String:
        [String]]
    {
        var roles = [id: "c1", other ?? id + ";2": "c2"]
        var agents = 0
        var shape: [String: [String]] = [:]
        for message in messages {
            guard let event = message.event, kinds.contains(event),
                message["ActionID"] == nil || event == "OriginateResponse"
            else { continue }
            if event == "QueueMemberStatus" {
                shape["member", default: []].append("\(event) \(message["Status"] ?? "")")
                continue
            }
            if event == "BridgeCreate" || event == "BridgeDestroy" {
                shape["bridge", default: []].append(event)
                continue
            }
            if event == "OriginateResponse" {
                guard message["Uniqueid"] == id else { continue }
                shape["originate", default: []].append("\(message["Response"] ?? "") \(message["Reason"] ?? "")")
                continue
            }
            let linked =
                message["Linkedid"] ?? message["DestLinkedid"] ?? message["ParkeeLinkedid"]
                ?? message["LocalOneLinkedid"]
            guard linked == id else { continue }
            let isDial = event.hasPrefix("Dial")
            let channel =
                (isDial ? message["DestUniqueid"] : nil) ?? message["Uniqueid"] ?? message["ParkeeUniqueid"]
                ?? message["LocalOneUniqueid"] ?? ""
            if roles[channel] == nil {
                // A Local agent's two halves come one after the other.
                let isSecondHalf = message["Channel"]?.hasSuffix(";2") == true
                if !isSecondHalf { agents += 1 }
                let letter = ["a", "b", "d", "e"][min(agents, 4) - 1]
                roles[channel] = letter + (isSecondHalf ? "2" : "1")
            }
            var word = event
            if let status = message["DialStatus"] { word += " " + status }
            if event.hasPrefix("Hangup"), let cause = message["Cause"] { word += " " + cause }
            if event == "Newstate", let state = message["ChannelStateDesc"] { word += " " + state }
            // States and dials are told by different threads too: either Ringing or DialBegin may come first.
            shape[(roles[channel] ?? "") + (event == "Newstate" ? " state" : ""), default: []].append(word)
        }
        return shape
    }

    /// The events both the floor and a dialer's session know.
    static let kinds: Set<String> = [
        "Newchannel", "Newstate", "LocalBridge", "DialBegin", "DialState", "DialEnd", "OriginateResponse",
        "MusicOnHoldStart", "MusicOnHoldStop", "QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon",
        "AgentCalled",
        "AgentRingNoAnswer", "AgentConnect", "AgentComplete", "QueueMemberStatus", "BridgeEnter", "BridgeLeave",
        "ParkedCall", "ParkedCallGiveUp", "SoftHangupRequest", "HangupRequest", "Hangup",
    ]
}
