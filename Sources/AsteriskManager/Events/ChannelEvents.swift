/// `Newchannel`, `Newstate`, `CoreShowChannel`: a channel and its state.
public struct AMIChannelEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var channel: String { self.message["Channel"] ?? "" }
    public var uniqueID: String { self.message["Uniqueid"] ?? "" }
    public var linkedID: String { self.message["Linkedid"] ?? "" }
    /// 0 down, 4 ring, 5 ringing, 6 up, 7 busy (`include/asterisk/channelstate.h`).
    public var state: Int { self.message.integer("ChannelState") ?? 0 }
    /// Whether the far end rings.
    public var isRinging: Bool { self.state == 5 }
    /// Whether the far end has answered.
    public var isUp: Bool { self.state == 6 }
    /// Whether this is the dialplan's half of a Local channel.
    public var isSecondLocalHalf: Bool {
        self.message.withUnsafeValue(of: "Channel") { name in
            name.count > 2 && name[name.count - 2] == UInt8(ascii: ";") && name[name.count - 1] == UInt8(ascii: "2")
        } ?? false
    }
}

/// `Hangup`, `HangupRequest`: why a channel ends.
public struct AMIHangupEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var channel: String { self.message["Channel"] ?? "" }
    public var uniqueID: String { self.message["Uniqueid"] ?? "" }
    public var linkedID: String { self.message["Linkedid"] ?? "" }
    /// Q.850 cause; 0 when Asterisk does not know one.
    public var cause: Int { self.message.integer("Cause") ?? 0 }
    public var causeText: String { self.message["Cause-txt"] ?? "" }
    /// SIP's own code, for PJSIP calls that failed or were ended on this side.
    public var technologyCause: String? { self.message["TechCause"] }
}

/// `DialBegin`, `DialState`, `DialEnd`: one dial attempt. Originated calls have the `Dest…` headers only.
public struct AMIDialEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var destinationUniqueID: String { self.message["DestUniqueid"] ?? "" }
    public var destinationChannel: String { self.message["DestChannel"] ?? "" }
    /// `ANSWER`, `BUSY`, … at the end, `RINGING`, `PROGRESS` … before.
    public var status: String { self.message["DialStatus"] ?? "" }
}

/// `OriginateResponse`: the last word on an asynchronous Originate. It goes to every session.
public struct AMIOriginateResponseEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var isSuccess: Bool { self.message.isResponse("Success") }
    /// An AST_CONTROL number: 0 failed, 3 not answered in time, 4 answered, 5 busy, 8 congestion. Not the call's result by itself.
    public var reason: Int { self.message.integer("Reason") ?? 0 }
    /// The channel's name on success, what was asked for on failure.
    public var channel: String { self.message["Channel"] ?? "" }
    /// The `ChannelId` of the request.
    public var uniqueID: String { self.message["Uniqueid"] ?? "" }
}

/// `ParkedCall`: a call on a parking space.
public struct AMIParkedCallEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var parkeeUniqueID: String { self.message["ParkeeUniqueid"] ?? "" }
    public var space: String { self.message["ParkingSpace"] ?? "" }
    public var lot: String { self.message["Parkinglot"] ?? "" }
}

/// `VarSet`: a channel variable has a new value. Needs the read class `dialplan`.
public struct AMIVariableEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var uniqueID: String { self.message["Uniqueid"] ?? "" }
    public var variable: String { self.message["Variable"] ?? "" }
    /// As Asterisk writes it: with a backslash before quotes, question marks and backslashes.
    public var value: String { self.message["Value"] ?? "" }
}
