/// `QueueCallerJoin`, `QueueCallerLeave`, `QueueCallerAbandon`: a caller in a queue.
public struct AMIQueueCallerEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var queue: String { self.message["Queue"] ?? "" }
    public var uniqueID: String { self.message["Uniqueid"] ?? "" }
    /// From 1.
    public var position: Int { self.message.integer("Position") ?? 0 }
    /// Callers waiting after this event; `nil` in `QueueCallerAbandon`, which a leave always follows.
    public var count: Int? { self.message.integer("Count") }
    /// How long the caller waited, in whole seconds; in `QueueCallerAbandon`.
    public var holdTime: Duration { .seconds(self.message.integer("HoldTime") ?? 0) }
}

/// `AgentCalled`, `AgentConnect`, `AgentComplete`, `AgentRingNoAnswer`: a queue's call to one of its members.
public struct AMIAgentEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var queue: String { self.message["Queue"] ?? "" }
    /// The member.
    public var interface: String { self.message["Interface"] ?? "" }
    public var memberName: String { self.message["MemberName"] ?? "" }
    /// The customer; missing in an `AgentComplete` whose customer is gone already.
    public var uniqueID: String? { self.message["Uniqueid"] }
    /// The agent's leg; missing in an `AgentComplete` whose agent is gone already.
    public var agentUniqueID: String? { self.message["DestUniqueid"] }
    /// How long the customer waited, in whole seconds.
    public var holdTime: Duration { .seconds(self.message.integer("HoldTime") ?? 0) }
    /// How long they talked, in whole seconds; in `AgentComplete`.
    public var talkTime: Duration? { self.message.integer("TalkTime").map { .seconds($0) } }
}

/// `QueueMemberStatus`, `…Added`, `…Removed`, `…Pause`, and `QueueMember` of a `QueueStatus` list, which spells two headers otherwise.
public struct AMIQueueMemberEvent: Sendable {
    /// The message with all of its headers.
    public let message: AMIMessage

    public init(_ message: AMIMessage) { self.message = message }

    public var queue: String { self.message["Queue"] ?? "" }
    public var interface: String { self.message["Interface"] ?? self.message["Location"] ?? "" }
    public var memberName: String { self.message["MemberName"] ?? self.message["Name"] ?? "" }
    /// 0 unknown, 1 not in use, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing, 7 ringing and in use, 8 on hold
    /// (`include/asterisk/devicestate.h`).
    public var status: Int { self.message.integer("Status") ?? 0 }
    public var isPaused: Bool { self.message.value("Paused", equals: "1") }
    /// Why the member is paused, in the agent's or the desktop's own words; empty without a reason.
    public var pausedReason: String { self.message["PausedReason"] ?? "" }
    /// When the member's last call ended, in the server's seconds since 1970; 0 for never.
    public var lastCall: Int { self.message.integer("LastCall") ?? 0 }
    /// The member's own wrap-up in seconds; 0 means the queue's, which AMI does not tell.
    public var wrapUpTime: Int { self.message.integer("Wrapuptime") ?? 0 }
}
