import AsteriskManager
import Telephony

/// One check of calls, queues and dialplan against the server: four posted actions whose answers come in the stream of messages, so that they
/// stand in one order with the events.
struct Resync {
    /// What a message meant for the check.
    enum Progress {
        /// The message does not belong here.
        case foreign
        /// Taken; more is to come.
        case taken
        /// Everything is there.
        case complete
        /// The server does not tell its channels; nothing is known about calls then.
        case refused(message: String)
    }

    let startedAt: Duration
    /// The first after a connection; its end makes the driver ready.
    let isInitial: Bool
    private(set) var liveCalls: [LiveCall] = []
    /// What the server has of it: nothing when it refuses to tell.
    private(set) var dialplan = MoveDialplan()
    private(set) var queueItems: [AMIMessage] = []
    /// The server's clock, in seconds since 1970.
    private(set) var serverTime: Double?
    /// Why there is no list of queues (`app_queue` is not loaded).
    private(set) var queueRefusal: String?

    private let prefix: String
    private let maxItems: Int
    private var itemCount = 0
    private var hasChannels = false
    private var hasQueues = false
    private var hasDialplan = false

    init(prefix: String, isInitial: Bool, startedAt: Duration, maxItems: Int = 200_000) {
        self.prefix = prefix
        self.isInitial = isInitial
        self.startedAt = startedAt
        self.maxItems = maxItems
    }

    /// What to post, with its ids.
    var actions: [(action: AMIAction, actionID: String)] {
        [
            (AMIAction("Ping"), "\(self.prefix)p"),
            (AMIAction("CoreShowChannels"), "\(self.prefix)c"),
            (AMIAction("QueueStatus"), "\(self.prefix)q"),
            (AMIAction("ShowDialPlan", headers: [("Context", MoveDialplan.context)]), "\(self.prefix)d"),
        ]
    }

    mutating func received(_ message: AMIMessage, type: AMIEventType?) -> Progress {
        let part: UInt8? =
            message.withUnsafeValue(of: "ActionID") { id -> UInt8? in
                guard id.count == self.prefix.utf8.count + 1, id.dropLast().elementsEqual(self.prefix.utf8) else {
                    return nil
                }
                return id[id.count - 1]
            } ?? nil
        guard let part else { return .foreign }
        self.itemCount += 1
        guard self.itemCount <= self.maxItems else { return .refused(message: "the list is too long") }
        switch type {
        case .coreShowChannel:
            let event = AMIChannelEvent(message)
            if !event.isSecondLocalHalf, let call = LiveCall(event) { self.liveCalls.append(call) }
        case .coreShowChannelsComplete:
            self.hasChannels = true
        case .queueParams, .queueMember, .queueEntry:
            self.queueItems.append(message)
        case .queueStatusComplete:
            self.hasQueues = true
        case .listDialplan:
            self.dialplan.take(message)
        case .showDialPlanComplete:
            self.hasDialplan = true
        default:
            if let refusal = self.response(message, part: part) { return refusal }
        }
        return self.hasChannels && self.hasQueues && self.hasDialplan ? .complete : .taken
    }

    private mutating func response(_ message: AMIMessage, part: UInt8) -> Progress? {
        switch part {
        case UInt8(ascii: "p"):
            self.serverTime = message["Timestamp"].flatMap(Double.init)
        case UInt8(ascii: "c") where !message.isResponse("Success"):
            return .refused(message: message["Message"] ?? "")
        case UInt8(ascii: "q") where !message.isResponse("Success"):
            self.queueRefusal = message["Message"] ?? ""
            self.hasQueues = true
        case UInt8(ascii: "d") where !message.isResponse("Success"):
            // There is no such context, which is nothing to worry about.
            self.hasDialplan = true
        default:
            break
        }
        return nil
    }
}

extension LiveCall {
    /// `nil` when the channel's id is no dialing's.
    init?(_ event: AMIChannelEvent) {
        guard let dialing = event.message.withUnsafeValue(of: "Uniqueid", { ChannelID.parse($0) }) ?? nil else {
            return nil
        }
        self.init(dialing: dialing, channel: event.channel, isAnswered: event.isUp)
    }
}
