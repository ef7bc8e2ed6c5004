import struct Foundation.UUID

/// What a job does to the contacts it takes.
package enum ListJobKind: Sendable, Hashable {
    /// Forgets their tries, so that they may be called again. An answered contact is answered no more.
    ///
    /// `isWhole` forgets their last result and when they were called as well: then they are due at once, otherwise when the plan's
    /// retry delay has passed since the last call.
    case recycle(isWhole: Bool)
    /// Puts them on another list, as they are.
    case move(to: UUID)
    /// Takes them out of use.
    case delete

    package var word: String {
        switch self {
        case .recycle: "recycle"
        case .move: "move"
        case .delete: "delete"
        }
    }

    /// The list they go to; nil when they stay.
    package var target: UUID? {
        switch self {
        case .move(let target): target
        case .recycle, .delete: nil
        }
    }

    /// Whether more than the tries is forgotten.
    package var isWholeReset: Bool {
        switch self {
        case .recycle(let isWhole): isWhole
        case .move, .delete: false
        }
    }
}
