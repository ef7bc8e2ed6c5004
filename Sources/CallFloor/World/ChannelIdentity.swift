/// What stays the same about a channel while its state changes. Immutable, so an event may keep it and be written later.
package struct ChannelIdentity: Hashable, Sendable {
    package var name: String
    package var uniqueID: String
    package var linkedID: String
    package var callerIDNumber: String
    package var callerIDName: String
    package var connectedNumber: String
    package var connectedName: String
    package var context: String
    package var exten: String
    package var priority: Int

    /// What Asterisk writes for an empty caller id in channel events.
    package static let unknown = "<unknown>"

    package init(name: String, uniqueID: String, linkedID: String, context: String, exten: String) {
        self.name = name
        self.uniqueID = uniqueID
        self.linkedID = linkedID
        self.callerIDNumber = Self.unknown
        self.callerIDName = Self.unknown
        self.connectedNumber = Self.unknown
        self.connectedName = Self.unknown
        self.context = context
        self.exten = exten
        self.priority = 1
    }
}

/// Asterisk's channel states, as numbered in `ChannelState`.
package enum ChannelState: Int, Sendable {
    case down = 0
    case ring = 4
    case ringing = 5
    case up = 6
    case busy = 7

    package var name: StaticString {
        switch self {
        case .down: "Down"
        case .ring: "Ring"
        case .ringing: "Ringing"
        case .up: "Up"
        case .busy: "Busy"
        }
    }
}

/// A channel at one moment.
package struct ChannelSnapshot: Sendable {
    /// Behind a box, so that copies of a snapshot cost one reference.
    package let box: Box
    package var state: ChannelState

    /// Holds an identity; never changed after it was made.
    package final class Box: Sendable {
        package let identity: ChannelIdentity
        package init(_ identity: ChannelIdentity) { self.identity = identity }
    }

    package init(_ identity: ChannelIdentity, state: ChannelState) {
        self.box = Box(identity)
        self.state = state
    }

    package var identity: ChannelIdentity { self.box.identity }
    package var name: String { self.box.identity.name }
    package var uniqueID: String { self.box.identity.uniqueID }

    /// The same channel with a changed identity.
    package func with(_ change: (inout ChannelIdentity) -> Void) -> ChannelSnapshot {
        var identity = self.box.identity
        change(&identity)
        return ChannelSnapshot(identity, state: self.state)
    }
}

/// One party's channel: a single one, or the two halves of a Local channel.
package struct Leg: Sendable {
    /// The channel that is dialed, answers and hangs up: `…;1` of a Local channel.
    package var one: ChannelSnapshot
    /// The `…;2` half that runs the dialplan.
    package var two: ChannelSnapshot?
}
