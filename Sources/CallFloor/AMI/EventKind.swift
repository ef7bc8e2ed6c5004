/// The events the floor sends. A session's interest in them is one bit each.
enum EventKind: Int, CaseIterable {
    case newchannel, newstate, localBridge, dialBegin, dialState, dialEnd, originateResponse, musicOnHoldStart
    case musicOnHoldStop, queueCallerJoin, queueCallerLeave, queueCallerAbandon, agentCalled, agentRingNoAnswer
    case agentConnect, agentComplete, queueMemberStatus, queueMemberPause, queueMemberAdded, queueMemberRemoved
    case bridgeCreate, bridgeEnter, bridgeLeave, bridgeDestroy, parkedCall, parkedCallGiveUp, softHangupRequest
    case hangupRequest, hangup, varSet, shutdown, fullyBooted

    /// The name as in the `Event` header.
    var name: StaticString {
        switch self {
        case .newchannel: "Newchannel"
        case .newstate: "Newstate"
        case .localBridge: "LocalBridge"
        case .dialBegin: "DialBegin"
        case .dialState: "DialState"
        case .dialEnd: "DialEnd"
        case .originateResponse: "OriginateResponse"
        case .musicOnHoldStart: "MusicOnHoldStart"
        case .musicOnHoldStop: "MusicOnHoldStop"
        case .queueCallerJoin: "QueueCallerJoin"
        case .queueCallerLeave: "QueueCallerLeave"
        case .queueCallerAbandon: "QueueCallerAbandon"
        case .agentCalled: "AgentCalled"
        case .agentRingNoAnswer: "AgentRingNoAnswer"
        case .agentConnect: "AgentConnect"
        case .agentComplete: "AgentComplete"
        case .queueMemberStatus: "QueueMemberStatus"
        case .queueMemberPause: "QueueMemberPause"
        case .queueMemberAdded: "QueueMemberAdded"
        case .queueMemberRemoved: "QueueMemberRemoved"
        case .bridgeCreate: "BridgeCreate"
        case .bridgeEnter: "BridgeEnter"
        case .bridgeLeave: "BridgeLeave"
        case .bridgeDestroy: "BridgeDestroy"
        case .parkedCall: "ParkedCall"
        case .parkedCallGiveUp: "ParkedCallGiveUp"
        case .softHangupRequest: "SoftHangupRequest"
        case .hangupRequest: "HangupRequest"
        case .hangup: "Hangup"
        case .varSet: "VarSet"
        case .shutdown: "Shutdown"
        case .fullyBooted: "FullyBooted"
        }
    }

    var eventClass: AMIClasses {
        switch self {
        case .queueCallerJoin, .queueCallerLeave, .queueCallerAbandon, .agentCalled, .agentRingNoAnswer, .agentConnect,
            .agentComplete, .queueMemberStatus, .queueMemberPause, .queueMemberAdded, .queueMemberRemoved:
            .agent
        case .varSet: .dialplan
        case .shutdown, .fullyBooted: .system
        case .newchannel, .newstate, .localBridge, .dialBegin, .dialState, .dialEnd, .originateResponse,
            .musicOnHoldStart, .musicOnHoldStop, .bridgeCreate, .bridgeEnter, .bridgeLeave, .bridgeDestroy, .parkedCall,
            .parkedCallGiveUp, .softHangupRequest, .hangupRequest, .hangup:
            .call
        }
    }
}

/// A set of event kinds.
struct EventKinds: OptionSet, Sendable, Hashable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ kind: EventKind) { self.rawValue = 1 << UInt64(kind.rawValue) }

    static let all = EventKinds(rawValue: (1 << UInt64(EventKind.allCases.count)) - 1)

    /// The kinds of these classes.
    init(classes: AMIClasses) {
        self = EventKind.allCases.reduce(into: EventKinds(rawValue: 0)) { kinds, kind in
            if classes.contains(kind.eventClass) { kinds.insert(EventKinds(kind)) }
        }
    }

    /// The kinds whose name satisfies `condition`.
    init(where condition: (String) -> Bool) {
        self = EventKind.allCases.reduce(into: EventKinds(rawValue: 0)) { kinds, kind in
            if condition("\(kind.name)") { kinds.insert(EventKinds(kind)) }
        }
    }
}

extension FloorEvent {
    var kind: EventKind {
        switch self {
        case .newChannel: .newchannel
        case .newState: .newstate
        case .localBridge: .localBridge
        case .dialBegin: .dialBegin
        case .dialState: .dialState
        case .dialEnd: .dialEnd
        case .originateResponse: .originateResponse
        case .musicOnHoldStart: .musicOnHoldStart
        case .musicOnHoldStop: .musicOnHoldStop
        case .queueCallerJoin: .queueCallerJoin
        case .queueCallerLeave: .queueCallerLeave
        case .queueCallerAbandon: .queueCallerAbandon
        case .agentCalled: .agentCalled
        case .agentRingNoAnswer: .agentRingNoAnswer
        case .agentConnect: .agentConnect
        case .agentComplete: .agentComplete
        case .queueMember(.status, _): .queueMemberStatus
        case .queueMember(.pause, _): .queueMemberPause
        case .queueMember(.added, _): .queueMemberAdded
        case .queueMember(.removed, _): .queueMemberRemoved
        case .bridgeCreate: .bridgeCreate
        case .bridgeEnter: .bridgeEnter
        case .bridgeLeave: .bridgeLeave
        case .bridgeDestroy: .bridgeDestroy
        case .parkedCall: .parkedCall
        case .parkedCallGiveUp: .parkedCallGiveUp
        case .varSet: .varSet
        case .softHangupRequest: .softHangupRequest
        case .hangupRequest: .hangupRequest
        case .hangup: .hangup
        }
    }
}
