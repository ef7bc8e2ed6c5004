import PostgresClient

import struct Foundation.UUID

/// What another process, or another part of this one, has changed and committed.
package enum ResourceChange: Sendable, Hashable {
    case campaign(UUID)
    case plan(UUID)
    case destination(UUID)
    case dlma(UUID)
    /// A lease was given, or is wanted back; tells which engine's.
    case lease(UUID)
    /// Announcements may have been missed: look at everything.
    case everything
}

extension ResourceChange {
    init(_ notification: PostgresNotification) {
        switch notification {
        case .listening, .reconnected: self = .everything
        case .message(_, let payload, _): self.init(payload: payload)
        }
    }

    /// The channel the database announces changes on.
    static let channel = "outpace_change"

    /// Reads an announcement: the kind, a colon, the uuid. Anything else asks for a look at everything.
    init(payload: String) {
        let parts = payload.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let uuid = UUID(uuidString: String(parts[1])) else {
            self = .everything
            return
        }
        switch parts[0] {
        case "campaign": self = .campaign(uuid)
        case "plan": self = .plan(uuid)
        case "destination": self = .destination(uuid)
        case "dlma": self = .dlma(uuid)
        case "lease": self = .lease(uuid)
        default: self = .everything
        }
    }
}
