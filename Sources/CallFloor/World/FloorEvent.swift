/// What happens on the floor, in the order it happens: one case an AMI event.
package enum FloorEvent: Sendable {
    case newChannel(ChannelSnapshot)
    case newState(ChannelSnapshot)
    case localBridge(ChannelSnapshot, ChannelSnapshot, optimised: Bool)
    case dialBegin(from: ChannelSnapshot?, to: ChannelSnapshot, dialString: String)
    case dialState(from: ChannelSnapshot?, to: ChannelSnapshot, status: StaticString)
    case dialEnd(from: ChannelSnapshot?, to: ChannelSnapshot, status: StaticString)
    case originateResponse(OriginateAnswer)
    case musicOnHoldStart(ChannelSnapshot)
    case musicOnHoldStop(ChannelSnapshot)
    case queueCallerJoin(ChannelSnapshot, queue: String, position: Int, count: Int)
    case queueCallerLeave(ChannelSnapshot, queue: String, position: Int, count: Int)
    case queueCallerAbandon(ChannelSnapshot, queue: String, position: Int, originalPosition: Int, holdTime: Int)
    case agentCalled(ChannelSnapshot, to: ChannelSnapshot, Member)
    /// `ringTime` is in milliseconds here, unlike everywhere else.
    case agentRingNoAnswer(ChannelSnapshot, to: ChannelSnapshot, Member, ringTime: Int)
    case agentConnect(ChannelSnapshot, to: ChannelSnapshot, Member, holdTime: Int, ringTime: Int)
    case agentComplete(ChannelSnapshot, to: ChannelSnapshot, Member, holdTime: Int, talkTime: Int, reason: StaticString)
    case queueMember(MemberChange, MemberSnapshot)
    case bridgeCreate(Bridge)
    case bridgeEnter(Bridge, ChannelSnapshot)
    case bridgeLeave(Bridge, ChannelSnapshot)
    case bridgeDestroy(Bridge)
    case parkedCall(Parking)
    case parkedCallGiveUp(Parking)
    case varSet(ChannelSnapshot, variable: String, value: String)
    case softHangupRequest(ChannelSnapshot, cause: Int)
    /// A far end's BYE on a PJSIP channel carries no cause.
    case hangupRequest(ChannelSnapshot, cause: Int?, techCause: Int?)
    case hangup(ChannelSnapshot, cause: Int, techCause: Int?)

    /// The outcome of an originate.
    package struct OriginateAnswer: Sendable {
        package var request: OriginateRequest
        package var succeeded: Bool
        /// The real channel's name on success, the requested string else.
        package var channel: String
        /// An AST_CONTROL number: 0 failed, 3 not answered in time, 4 answered, 5 busy, 8 congestion.
        package var reason: Int
        package var uniqueID: String
    }

    /// The member of a queue an event is about.
    package struct Member: Sendable {
        package var queue: String
        package var interface: String
        package var name: String
    }

    /// Which of the QueueMember events it is.
    package enum MemberChange: Sendable {
        case status
        case pause
        case added
        case removed
    }

    /// A bridge and how many channels are in it after the event.
    package struct Bridge: Sendable {
        package var uniqueID: String
        package var channels: Int
        /// True for the holding bridge of a parking lot.
        package var isHolding = false
    }

    /// A parked customer.
    package struct Parking: Sendable {
        package var parkee: ChannelSnapshot
        package var dialString: String
        package var lot: String
        package var space: Int
        /// Seconds until the lot gives the call back.
        package var timeout: Int
        package var duration: Int
    }
}

/// A queue member as QueueStatus and the member events describe it.
package struct MemberSnapshot: Sendable {
    package var queue: String
    package var name: String
    package var interface: String
    package var stateInterface: String
    package var isDynamic: Bool
    package var penalty: Int
    package var callsTaken: Int
    /// Wall-clock seconds since 1970; 0 for never.
    package var lastCall: Int64
    package var lastPause: Int64
    package var loginTime: Int64
    package var isInCall: Bool
    /// Asterisk's device state: 1 idle, 2 in use, 5 unavailable, 6 ringing.
    package var status: Int
    package var isPaused: Bool
    package var pausedReason: String
}
