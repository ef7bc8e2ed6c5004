import NIOCore

/// Writes floor events as AMI messages: names, headers and their order as recorded from Asterisk 22.
///
/// Everything that doesn't vary is a `StaticString` copied as it stands; no `String` is made per event.
struct EventRenderer {
    /// The header names of one channel's block, each with the line end before it and the separator after it.
    private struct ChannelBlock {
        var channel: StaticString
        var state: StaticString
        var stateText: StaticString
        var callerNumber: StaticString
        var callerName: StaticString
        var connectedNumber: StaticString
        var connectedName: StaticString
        /// Language and account code don't vary on this floor.
        var constants: StaticString
        var exten: StaticString
        var priority: StaticString
        var uniqueID: StaticString
        var linkedID: StaticString
    }

    private static let plain = ChannelBlock(
        channel: "Channel: ", state: "\r\nChannelState: ", stateText: "\r\nChannelStateDesc: ",
        callerNumber: "\r\nCallerIDNum: ", callerName: "\r\nCallerIDName: ",
        connectedNumber: "\r\nConnectedLineNum: ", connectedName: "\r\nConnectedLineName: ",
        constants: "\r\nLanguage: en\r\nAccountCode: \r\nContext: ", exten: "\r\nExten: ", priority: "\r\nPriority: ",
        uniqueID: "\r\nUniqueid: ", linkedID: "\r\nLinkedid: "
    )

    private static let destination = ChannelBlock(
        channel: "DestChannel: ", state: "\r\nDestChannelState: ", stateText: "\r\nDestChannelStateDesc: ",
        callerNumber: "\r\nDestCallerIDNum: ", callerName: "\r\nDestCallerIDName: ",
        connectedNumber: "\r\nDestConnectedLineNum: ", connectedName: "\r\nDestConnectedLineName: ",
        constants: "\r\nDestLanguage: en\r\nDestAccountCode: \r\nDestContext: ", exten: "\r\nDestExten: ",
        priority: "\r\nDestPriority: ", uniqueID: "\r\nDestUniqueid: ", linkedID: "\r\nDestLinkedid: "
    )

    private static let parkee = ChannelBlock(
        channel: "ParkeeChannel: ", state: "\r\nParkeeChannelState: ", stateText: "\r\nParkeeChannelStateDesc: ",
        callerNumber: "\r\nParkeeCallerIDNum: ", callerName: "\r\nParkeeCallerIDName: ",
        connectedNumber: "\r\nParkeeConnectedLineNum: ", connectedName: "\r\nParkeeConnectedLineName: ",
        constants: "\r\nParkeeLanguage: en\r\nParkeeAccountCode: \r\nParkeeContext: ", exten: "\r\nParkeeExten: ",
        priority: "\r\nParkeePriority: ", uniqueID: "\r\nParkeeUniqueid: ", linkedID: "\r\nParkeeLinkedid: "
    )

    private static let localOne = ChannelBlock(
        channel: "LocalOneChannel: ", state: "\r\nLocalOneChannelState: ", stateText: "\r\nLocalOneChannelStateDesc: ",
        callerNumber: "\r\nLocalOneCallerIDNum: ", callerName: "\r\nLocalOneCallerIDName: ",
        connectedNumber: "\r\nLocalOneConnectedLineNum: ", connectedName: "\r\nLocalOneConnectedLineName: ",
        constants: "\r\nLocalOneLanguage: en\r\nLocalOneAccountCode: \r\nLocalOneContext: ",
        exten: "\r\nLocalOneExten: ", priority: "\r\nLocalOnePriority: ", uniqueID: "\r\nLocalOneUniqueid: ",
        linkedID: "\r\nLocalOneLinkedid: "
    )

    private static let localTwo = ChannelBlock(
        channel: "LocalTwoChannel: ", state: "\r\nLocalTwoChannelState: ", stateText: "\r\nLocalTwoChannelStateDesc: ",
        callerNumber: "\r\nLocalTwoCallerIDNum: ", callerName: "\r\nLocalTwoCallerIDName: ",
        connectedNumber: "\r\nLocalTwoConnectedLineNum: ", connectedName: "\r\nLocalTwoConnectedLineName: ",
        constants: "\r\nLocalTwoLanguage: en\r\nLocalTwoAccountCode: \r\nLocalTwoContext: ",
        exten: "\r\nLocalTwoExten: ", priority: "\r\nLocalTwoPriority: ", uniqueID: "\r\nLocalTwoUniqueid: ",
        linkedID: "\r\nLocalTwoLinkedid: "
    )

    /// Appends `event` to `out`, the closing blank line included.
    func render(_ event: FloorEvent, into out: inout ByteBuffer) {
        let kind = event.kind
        out.writeStaticString("Event: ")
        out.writeStaticString(kind.name)
        switch kind.eventClass {
        case .agent: out.writeStaticString("\r\nPrivilege: agent,all\r\n")
        case .dialplan: out.writeStaticString("\r\nPrivilege: dialplan,all\r\n")
        default: out.writeStaticString("\r\nPrivilege: call,all\r\n")
        }
        switch event {
        case .newChannel(let channel), .newState(let channel), .musicOnHoldStop(let channel):
            Self.write(channel, Self.plain, to: &out)
        case .musicOnHoldStart(let channel):
            Self.write(channel, Self.plain, to: &out)
            out.writeStaticString("Class: default\r\n")
        case .localBridge(let one, let two, let optimised):
            Self.write(one, Self.localOne, to: &out)
            Self.write(two, Self.localTwo, to: &out)
            out.header("Context: ", two.identity.context)
            out.header("Exten: ", two.identity.exten)
            out.writeStaticString(optimised ? "LocalOptimization: Yes\r\n" : "LocalOptimization: No\r\n")
        case .dialBegin(let from, let to, let dialString):
            Self.write(from: from, to: to, into: &out)
            out.header("DialString: ", dialString)
        case .dialState(let from, let to, let status), .dialEnd(let from, let to, let status):
            Self.write(from: from, to: to, into: &out)
            out.header("DialStatus: ", status)
        case .originateResponse(let answer):
            Self.write(answer, to: &out)
        case .queueCallerJoin(let channel, let queue, let position, let count),
            .queueCallerLeave(let channel, let queue, let position, let count):
            Self.write(channel, Self.plain, to: &out)
            out.header("Queue: ", queue)
            out.header("Position: ", position)
            out.header("Count: ", count)
        case .queueCallerAbandon(let channel, let queue, let position, let original, let holdTime):
            Self.write(channel, Self.plain, to: &out)
            out.header("Queue: ", queue)
            out.header("Position: ", position)
            out.header("OriginalPosition: ", original)
            out.header("HoldTime: ", holdTime)
        case .agentCalled(let channel, let to, let member):
            Self.write(channel, to: to, member, into: &out)
        case .agentRingNoAnswer(let channel, let to, let member, let ringTime):
            Self.write(channel, to: to, member, into: &out)
            out.header("RingTime: ", ringTime)
        case .agentConnect(let channel, let to, let member, let holdTime, let ringTime):
            Self.write(channel, to: to, member, into: &out)
            out.header("HoldTime: ", holdTime)
            out.header("RingTime: ", ringTime)
        case .agentComplete(let channel, let to, let member, let holdTime, let talkTime, let reason):
            Self.write(channel, to: to, member, into: &out)
            out.header("HoldTime: ", holdTime)
            out.header("TalkTime: ", talkTime)
            out.header("Reason: ", reason)
        case .queueMember(_, let member):
            Self.write(member, asEvent: true, to: &out)
        case .bridgeCreate(let bridge), .bridgeDestroy(let bridge):
            Self.write(bridge, to: &out)
        case .bridgeEnter(let bridge, let channel), .bridgeLeave(let bridge, let channel):
            Self.write(bridge, to: &out)
            Self.write(channel, Self.plain, to: &out)
        case .parkedCall(let parking), .parkedCallGiveUp(let parking):
            Self.write(parking, to: &out)
        case .varSet(let channel, let variable, let value):
            Self.write(channel, Self.plain, to: &out)
            out.header("Variable: ", variable)
            out.header("Value: ", Self.escaped(value))
        case .softHangupRequest(let channel, let cause):
            Self.write(channel, Self.plain, to: &out)
            out.header("Cause: ", cause)
        case .hangupRequest(let channel, let cause, let techCause):
            Self.write(channel, Self.plain, to: &out)
            if let cause { out.header("Cause: ", cause) }
            if let techCause { out.header("TechCause: ", techCause) }
        case .hangup(let channel, let cause, let techCause):
            Self.write(channel, Self.plain, to: &out)
            out.header("Cause: ", cause)
            out.header("Cause-txt: ", HangupCauses.text(of: cause))
            if let techCause { out.header("TechCause: ", techCause) }
        }
        out.writeStaticString("\r\n")
    }

    /// A variable's value as Asterisk writes it.
    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\", "\"", "'", "?": result.unicodeScalars.append("\\")
            default: break
            }
            result.unicodeScalars.append(character)
        }
        return result
    }

    /// A channel's headers without a prefix, as events and CoreShowChannel have them.
    static func writeChannel(_ channel: ChannelSnapshot, to out: inout ByteBuffer) {
        self.write(channel, self.plain, to: &out)
    }

    /// A member's headers. The lists call the name and interface otherwise than the events do, and leave Ringinuse out.
    static func write(_ member: MemberSnapshot, asEvent: Bool, to out: inout ByteBuffer) {
        out.header("Queue: ", member.queue)
        out.header(asEvent ? "MemberName: " : "Name: ", member.name)
        out.header(asEvent ? "Interface: " : "Location: ", member.interface)
        out.header("StateInterface: ", member.stateInterface)
        out.header("Membership: ", member.isDynamic ? "dynamic" as StaticString : "static")
        out.header("Penalty: ", member.penalty)
        out.header("CallsTaken: ", member.callsTaken)
        out.header("LastCall: ", Int(member.lastCall))
        out.header("LastPause: ", Int(member.lastPause))
        out.header("LoginTime: ", Int(member.loginTime))
        out.header("InCall: ", member.isInCall ? 1 : 0)
        out.header("Status: ", member.status)
        out.header("Paused: ", member.isPaused ? 1 : 0)
        out.header("PausedReason: ", member.pausedReason)
        if asEvent { out.header("Ringinuse: ", 0) }
        out.header("Wrapuptime: ", 0)
    }

    private static func write(_ channel: ChannelSnapshot, _ block: ChannelBlock, to out: inout ByteBuffer) {
        let identity = channel.identity
        out.writeStaticString(block.channel)
        out.writeString(identity.name)
        out.writeStaticString(block.state)
        out.writeDecimal(channel.state.rawValue)
        out.writeStaticString(block.stateText)
        out.writeStaticString(channel.state.name)
        out.writeStaticString(block.callerNumber)
        out.writeString(identity.callerIDNumber)
        out.writeStaticString(block.callerName)
        out.writeString(identity.callerIDName)
        out.writeStaticString(block.connectedNumber)
        out.writeString(identity.connectedNumber)
        out.writeStaticString(block.connectedName)
        out.writeString(identity.connectedName)
        out.writeStaticString(block.constants)
        out.writeString(identity.context)
        out.writeStaticString(block.exten)
        out.writeString(identity.exten)
        out.writeStaticString(block.priority)
        out.writeDecimal(identity.priority)
        out.writeStaticString(block.uniqueID)
        out.writeString(identity.uniqueID)
        out.writeStaticString(block.linkedID)
        out.writeString(identity.linkedID)
        out.writeStaticString("\r\n")
    }

    private static func write(from: ChannelSnapshot?, to: ChannelSnapshot, into out: inout ByteBuffer) {
        if let from { self.write(from, self.plain, to: &out) }
        self.write(to, self.destination, to: &out)
    }

    private static func write(
        _ channel: ChannelSnapshot, to: ChannelSnapshot, _ member: FloorEvent.Member, into out: inout ByteBuffer
    ) {
        self.write(from: channel, to: to, into: &out)
        out.header("Queue: ", member.queue)
        out.header("Interface: ", member.interface)
        out.header("MemberName: ", member.name)
    }

    private static func write(_ answer: FloorEvent.OriginateAnswer, to out: inout ByteBuffer) {
        let request = answer.request
        if let id = request.actionID { out.header("ActionID: ", id) }
        out.header("Response: ", answer.succeeded ? "Success" as StaticString : "Failure")
        out.header("Channel: ", answer.channel)
        switch request.target {
        case .application(let name, let data):
            out.header("Application: ", name)
            out.header("Data: ", data)
        case .dialplan(let context, let exten):
            out.header("Context: ", context)
            out.header("Exten: ", exten)
        }
        out.header("Reason: ", answer.reason)
        out.header("Uniqueid: ", answer.uniqueID)
        out.header("CallerIDNum: ", request.callerIDNumber ?? ChannelIdentity.unknown)
        out.header("CallerIDName: ", request.callerIDName ?? ChannelIdentity.unknown)
    }

    private static func write(_ bridge: FloorEvent.Bridge, to out: inout ByteBuffer) {
        out.header("BridgeUniqueid: ", bridge.uniqueID)
        out.writeStaticString(
            bridge.isHolding
                ? """
                BridgeType: parking\r\nBridgeTechnology: holding_bridge\r\nBridgeCreator: Parking\r\n\
                BridgeName: default\r\n
                """
                : """
                BridgeType: basic\r\nBridgeTechnology: simple_bridge\r\nBridgeCreator: <unknown>\r\n\
                BridgeName: <unknown>\r\n
                """
        )
        out.header("BridgeNumChannels: ", bridge.channels)
        out.writeStaticString("BridgeVideoSourceMode: none\r\n")
    }

    private static func write(_ parking: FloorEvent.Parking, to out: inout ByteBuffer) {
        self.write(parking.parkee, self.parkee, to: &out)
        out.header("ParkerDialString: ", parking.dialString)
        out.header("Parkinglot: ", parking.lot)
        out.header("ParkingSpace: ", parking.space)
        out.header("ParkingTimeout: ", parking.timeout)
        out.header("ParkingDuration: ", parking.duration)
    }
}
