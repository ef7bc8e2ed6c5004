import DialerStore

import struct Foundation.UUID

/// What came of an ``EngineOrder``. Rows are named, not contained: a text between engines is short, and the database has them.
enum EngineReply: Sendable, Hashable, Codable {
    case done
    case state(LiveDialingState?)
    case statistics(CampaignLiveStatistics?)
    /// A reserved contact; nil when nobody is due.
    case contact(UUID?)
    case dialing(UUID)
    case refused(Refusal)

    /// An ``EngineError`` as it is told to another engine.
    enum Refusal: Sendable, Hashable, Codable {
        case notFound
        case wrongState(String)
        case pbxUnavailable(name: String)
        case atCapacity
        /// The database did not do its part there.
        case databaseUnavailable

        init(_ error: EngineError) {
            switch error {
            case .notFound: self = .notFound
            case .wrongState(let explanation): self = .wrongState(explanation)
            case .pbxUnavailable(let name): self = .pbxUnavailable(name: name)
            case .atCapacity: self = .atCapacity
            case .engineSilent, .store: self = .databaseUnavailable
            }
        }

        /// What it is to whoever asked.
        func error(from engine: EngineIdentity) -> EngineError {
            switch self {
            case .notFound: .notFound
            case .wrongState(let explanation): .wrongState(explanation)
            case .pbxUnavailable(let name): .pbxUnavailable(name: name)
            case .atCapacity: .atCapacity
            case .databaseUnavailable: .engineSilent(name: engine.name)
            }
        }
    }
}
