import AsteriskManager
import Telephony

/// Makes the AMI action of a ``DialOrder``.
enum OriginateAction {
    /// - Parameter exten: Where in ``MoveDialplan`` the order's application is run; `nil` to run it without a dialplan.
    static func make(_ order: DialOrder, through exten: String? = nil) throws(TelephonyError) -> AMIAction {
        guard order.timeout > .zero else {
            // Asterisk takes zero for "no limit".
            throw .invalidOrder(field: "timeout", reason: "must be above zero")
        }
        guard !order.actionID.isEmpty else { throw .invalidOrder(field: "action_id", reason: "must not be empty") }
        let isLocal = self.isLocal(order.channel)
        var action = AMIAction("Originate")
        action.add("Async", "true")
        action.add("Channel", isLocal ? self.keepingLocalHalves(order.channel) : order.channel)
        var variables = order.variables
        switch order.target {
        case .application(let name, let data):
            if let exten {
                self.addPlace(exten, in: MoveDialplan.context, at: "1", to: &action)
                // Whether the first or the last of two with one name counts is not said anywhere.
                variables.removeAll { $0.name == MoveDialplan.dataVariable }
                variables.append(DialOrder.Variable(name: MoveDialplan.dataVariable, value: data))
            } else {
                action.add("Application", name)
                action.add("Data", data)
            }
        case .extension(let exten, let context, let priority):
            self.addPlace(exten, in: context, at: priority, to: &action)
        }
        action.add("ChannelId", ChannelID.main(order.dialing))
        if isLocal { action.add("OtherChannelId", ChannelID.main(ChannelID.peer(order.dialing))) }
        action.add("Timeout", String(max(1, Self.milliseconds(order.timeout))))
        if let callerID = order.callerID, !callerID.isEmpty { action.add("CallerID", callerID) }
        if let earlyMedia = order.earlyMedia, self.isTrue(earlyMedia) { action.add("EarlyMedia", "true") }
        if let codecs = order.codecs, !codecs.isEmpty { action.add("Codecs", codecs) }
        for variable in variables {
            guard self.isVariableName(variable.name) else {
                throw .invalidOrder(
                    field: "variables",
                    reason:
                        "\"\(variable.name.filter { !$0.isNewline })\" is no variable name; use letters, digits and _"
                )
            }
            action.add("Variable", "\(variable.name)=\(self.quoted(variable.value))")
        }
        return action
    }

    private static func addPlace(
        _ exten: String, in context: String, at priority: String, to action: inout AMIAction
    ) {
        action.add("Exten", exten)
        action.add("Context", context)
        action.add("Priority", priority)
    }

    /// The field of the order a header was made of.
    static func field(ofHeader header: String?) -> String {
        switch header {
        case "ActionID": "action_id"
        case "Channel": "channel"
        case "Application": "application"
        case "Data": "data"
        case "Exten": "exten"
        case "Context": "context"
        case "Priority": "priority"
        case "CallerID": "caller_id"
        case "Codecs": "codecs"
        case .none, .some: "variables"
        }
    }

    private static func isLocal(_ channel: String) -> Bool {
        channel.utf8.count > 6 && channel.prefix(6).lowercased() == "local/"
    }

    /// A Local channel without the option `n` takes itself out of the call while it goes on, and its hang-up is no hang-up.
    private static func keepingLocalHalves(_ channel: String) -> String {
        let head = channel.lastIndex(of: "@") ?? channel.index(channel.startIndex, offsetBy: 5)
        let rest = channel[channel.index(after: head)...]
        guard let slash = rest.lastIndex(of: "/") else { return channel + "/n" }
        return rest[slash...].contains("n") ? channel : channel + "n"
    }

    private static func isTrue(_ word: String) -> Bool {
        // The words ast_true() knows (main/utils.c).
        ["yes", "true", "y", "t", "1", "on"].contains(word.lowercased())
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// A `Variable` header is cut at commas outside quotes, and quotes and backslashes are taken away (main/app.c).
    private static func quoted(_ value: String) -> String {
        var result = ""
        result.reserveCapacity(value.utf8.count + 2)
        var needsQuotes = false
        for character in value.unicodeScalars {
            switch character {
            case "\\", "\"": result.unicodeScalars.append("\\")
            case ",": needsQuotes = true
            default: break
            }
            result.unicodeScalars.append(character)
        }
        return needsQuotes ? "\"\(result)\"" : result
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        // Asterisk reads an int.
        return Int(min(seconds, 2_000_000)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
