import DialerModel
import NIOConcurrencyHelpers
import OrderedCollections

import struct Foundation.UUID

/// Snapshots this process has read lately, by their number. They never change.
final class SnapshotCache: Sendable {
    /// The resources behind a call, without the contact.
    struct Resources: Sendable {
        var campaign: Campaign
        var plan: Plan
        var destination: Destination
        var dlma: DialListMaster
    }

    private struct State {
        var resources: OrderedDictionary<Int64, Resources> = [:]
        var latest: OrderedDictionary<UUID, Int64> = [:]
    }

    /// More than the campaigns one engine runs at a time; what is forgotten is read again.
    private static let capacity = 256

    private let state = NIOLockedValueBox(State())

    func resources(_ id: Int64) -> Resources? {
        self.state.withLockedValue { $0.resources[id] }
    }

    /// The snapshot a campaign's next claim most likely uses.
    func latest(of campaign: UUID) -> (id: Int64, resources: Resources)? {
        self.state.withLockedValue { state in
            guard let id = state.latest[campaign], let resources = state.resources[id] else { return nil }
            return (id, resources)
        }
    }

    func insert(_ resources: Resources, id: Int64) {
        self.state.withLockedValue { state in
            state.resources[id] = resources
            state.latest[resources.campaign.uuid] = id
            if state.resources.count > Self.capacity { state.resources.removeFirst() }
            if state.latest.count > Self.capacity { state.latest.removeFirst() }
        }
    }
}
