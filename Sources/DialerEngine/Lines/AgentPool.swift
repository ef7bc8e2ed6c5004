import DialerModel

/// Who takes a destination's calls, as far as pacing is concerned.
enum AgentPool: Sendable, Hashable {
    /// The members of a queue.
    case queue(String)
    /// Parking, an extension, any other application: as many calls as the lines carry.
    case unlimited
    /// The destination is incomplete; nothing may be dialed to it.
    case nobody

    /// The application's name is compared without case; the queue's name is the data up to the first comma, exactly.
    init(_ destination: Destination) {
        switch destination.kind {
        case .extension:
            let isComplete = destination.exten?.isEmpty == false && destination.context?.isEmpty == false
            self = isComplete ? .unlimited : .nobody
        case .application:
            guard let application = destination.application, !application.isEmpty else {
                self = .nobody
                return
            }
            guard application.lowercased() == "queue" else {
                self = .unlimited
                return
            }
            let name = destination.data?.prefix { $0 != "," } ?? ""
            self = name.isEmpty ? .nobody : .queue(String(name))
        }
    }

    var queue: String? {
        switch self {
        case .queue(let name): name
        case .unlimited, .nobody: nil
        }
    }
}
