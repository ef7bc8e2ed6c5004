/// The events a dialer acts on; every other one is `nil`.
public enum AMIEventType: Sendable, Hashable, CaseIterable {
    case newchannel, newstate, hangup, hangupRequest
    case dialBegin, dialState, dialEnd, originateResponse
    case queueCallerJoin, queueCallerLeave, queueCallerAbandon
    case agentCalled, agentConnect, agentComplete, agentRingNoAnswer
    case queueMemberStatus, queueMemberAdded, queueMemberRemoved, queueMemberPause, queueMemberPenalty,
        queueMemberRinginuse
    case parkedCall
    case queueParams, queueMember, queueEntry, queueStatusComplete
    case coreShowChannel, coreShowChannelsComplete
    case listDialplan, showDialPlanComplete
    case varSet
    case fullyBooted, shutdown, reload

    /// As Asterisk spells it.
    public var name: StaticString {
        switch self {
        case .newchannel: "Newchannel"
        case .newstate: "Newstate"
        case .hangup: "Hangup"
        case .hangupRequest: "HangupRequest"
        case .dialBegin: "DialBegin"
        case .dialState: "DialState"
        case .dialEnd: "DialEnd"
        case .originateResponse: "OriginateResponse"
        case .queueCallerJoin: "QueueCallerJoin"
        case .queueCallerLeave: "QueueCallerLeave"
        case .queueCallerAbandon: "QueueCallerAbandon"
        case .agentCalled: "AgentCalled"
        case .agentConnect: "AgentConnect"
        case .agentComplete: "AgentComplete"
        case .agentRingNoAnswer: "AgentRingNoAnswer"
        case .queueMemberStatus: "QueueMemberStatus"
        case .queueMemberAdded: "QueueMemberAdded"
        case .queueMemberRemoved: "QueueMemberRemoved"
        case .queueMemberPause: "QueueMemberPause"
        case .queueMemberPenalty: "QueueMemberPenalty"
        case .queueMemberRinginuse: "QueueMemberRinginuse"
        case .parkedCall: "ParkedCall"
        case .queueParams: "QueueParams"
        case .queueMember: "QueueMember"
        case .queueEntry: "QueueEntry"
        case .queueStatusComplete: "QueueStatusComplete"
        case .coreShowChannel: "CoreShowChannel"
        case .coreShowChannelsComplete: "CoreShowChannelsComplete"
        case .listDialplan: "ListDialplan"
        case .showDialPlanComplete: "ShowDialPlanComplete"
        case .varSet: "VarSet"
        case .fullyBooted: "FullyBooted"
        case .shutdown: "Shutdown"
        case .reload: "Reload"
        }
    }

    /// Known names by their length: a name is compared with two or three others at most.
    private static let byLength: [[(name: StaticString, type: AMIEventType)]] = {
        let longest = Self.allCases.map(\.name.utf8CodeUnitCount).max() ?? 0
        var table = [[(name: StaticString, type: AMIEventType)]](repeating: [], count: longest + 1)
        for type in Self.allCases { table[type.name.utf8CodeUnitCount].append((type.name, type)) }
        return table
    }()

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count < Self.byLength.count else { return nil }
        candidates: for candidate in Self.byLength[bytes.count] {
            for index in 0..<bytes.count where bytes[index] != candidate.name.utf8Start[index] { continue candidates }
            self = candidate.type
            return
        }
        return nil
    }
}

extension AMIMessage {
    /// Which known event this is; `nil` for every other event and for what is no event. Makes no `String`.
    public var eventType: AMIEventType? {
        self.withUnsafeValue(of: "Event") { AMIEventType($0) } ?? nil
    }
}
