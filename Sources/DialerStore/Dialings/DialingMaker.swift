import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Makes dialings of what the database keeps of them: the snapshot, the contact and the number.
struct DialingMaker: Sendable {
    let snapshots: SnapshotCache
    /// The technology of plans that name none.
    let defaultTechName: String

    func dialing(
        uuid: UUID,
        number: Int,
        pbx: String?,
        now: Timestamp,
        resources: SnapshotCache.Resources,
        entry: DialListEntry
    ) throws(PostgresError) -> Dialing {
        let dialing = Dialing(
            claiming: number,
            of: Dialing.Snapshot(
                campaign: resources.campaign,
                plan: resources.plan,
                dlma: resources.dlma,
                destination: resources.destination,
                entry: entry
            ),
            uuid: uuid,
            actionID: uuid.wire,
            now: now,
            defaultTechName: self.defaultTechName
        )
        guard var dialing else {
            throw PostgresError(.decoding, "a dialing's contact has no number_\(number)")
        }
        dialing.pbx = pbx
        return dialing
    }
}
