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

    /// Calls of one campaign to contacts of one list have the same snapshot as long as nothing changes.
    private struct Key: Hashable {
        var campaign: UUID
        var dlma: UUID
    }

    private struct State {
        var resources: OrderedDictionary<Int64, Resources> = [:]
        var latest: OrderedDictionary<Key, Int64> = [:]
    }

    /// More than the lists of all campaigns one engine runs at a time; what is forgotten is read again.
    private static let capacity = 1024

    private let state = NIOLockedValueBox(State())

    func resources(_ id: Int64) -> Resources? {
        self.state.withLockedValue { $0.resources[id] }
    }

    /// The snapshots a campaign's next claim most likely uses, by their numbers.
    func latest(of campaign: UUID, lists: [UUID]) -> [Int64: Resources] {
        self.state.withLockedValue { state in
            var snapshots: [Int64: Resources] = [:]
            for dlma in lists {
                guard let id = state.latest[Key(campaign: campaign, dlma: dlma)] else { continue }
                snapshots[id] = state.resources[id]
            }
            return snapshots
        }
    }

    func insert(_ resources: Resources, id: Int64) {
        self.state.withLockedValue { state in
            state.resources[id] = resources
            state.latest[Key(campaign: resources.campaign.uuid, dlma: resources.dlma.uuid)] = id
            if state.resources.count > Self.capacity { state.resources.removeFirst() }
            if state.latest.count > Self.capacity { state.latest.removeFirst() }
        }
    }
}
