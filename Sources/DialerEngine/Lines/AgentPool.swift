import DialerModel
import Telephony

/// Who takes a destination's calls, as far as pacing is concerned.
enum AgentPool: Sendable, Hashable {
    /// The members of a queue.
    case queue(String)
    /// Parking, an extension that names no queue, any other application: as many calls as the lines carry.
    case unlimited
    /// The destination is incomplete; nothing may be dialed to it.
    case nobody

    init(_ destination: Destination) {
        if let queue = destination.queueName {
            self = queue.isEmpty || DialOrder.Target(destination) == nil ? .nobody : .queue(queue)
        } else {
            self = DialOrder.Target(destination) == nil ? .nobody : .unlimited
        }
    }

    var queue: String? {
        switch self {
        case .queue(let name): name
        case .unlimited, .nobody: nil
        }
    }
}
