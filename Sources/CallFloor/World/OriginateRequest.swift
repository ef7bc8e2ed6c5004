/// An originate that has passed the checks Asterisk makes before it says "successfully queued".
package struct OriginateRequest: Sendable, Hashable {
    /// Where the customer goes after answering.
    package enum Target: Sendable, Hashable {
        case application(name: String, data: String)
        case dialplan(context: String, exten: String)
    }

    /// The channel as requested, `TECHNOLOGY/RESOURCE`.
    package var channel: String
    package var target: Target
    /// How long to wait for an answer; nil for as long as the network allows.
    package var timeout: FloorTime?
    package var channelID: String?
    package var otherChannelID: String?
    package var actionID: String?
    package var callerIDNumber: String?
    package var callerIDName: String?
    package var account: String
    /// The channel's variables. Asterisk tells of each by a VarSet; the floor doesn't.
    package var variables: [String: String] = [:]

    package init(channel: String, target: Target) {
        self.channel = channel
        self.target = target
        self.account = ""
    }

    /// The part before the slash, lower case.
    package var technology: String {
        String(self.channel.prefix { $0 != "/" }).lowercased()
    }

    /// What follows the slash.
    package var resource: Substring {
        self.channel.drop { $0 != "/" }.dropFirst()
    }

    /// The dialed number: the resource up to an `@` or `/`.
    package var number: String {
        String(self.resource.prefix { $0 != "@" && $0 != "/" })
    }

    /// What stands behind the `@` up to a `/`: a PJSIP endpoint or a Local channel's context.
    package var place: String? {
        guard let at = self.resource.firstIndex(of: "@") else { return nil }
        return String(self.resource[self.resource.index(after: at)...].prefix { $0 != "/" })
    }

    /// True when a Local channel asks not to be optimised away.
    package var keepsLocalChannel: Bool {
        guard let slash = self.resource.lastIndex(of: "/") else { return false }
        return self.resource[slash...].dropFirst().contains("n")
    }
}
