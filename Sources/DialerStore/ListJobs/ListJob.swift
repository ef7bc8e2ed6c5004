import DialerModel

import struct Foundation.UUID

/// Work on many contacts of a list, done a few thousand at a time while dialing goes on.
package struct ListJob: Sendable, Hashable {
    package let uuid: UUID
    /// Its place among all jobs.
    let sequence: Int64
    package let kind: ListJobKind
    /// The list.
    package let dlma: UUID
    package let filter: ListJobFilter
    package var status: ListJobStatus
    /// Contacts on the list when the job was made.
    package var total: Int
    /// Of those, how many it has looked at.
    package var seen: Int
    /// How many it has changed, moved or deleted.
    package var changed: Int
    /// How many it has to come back for: they were in a call, shown to an agent, or locked.
    package var waiting: Int
    /// Why it ended before its time.
    package var message: String?
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var endedAt: Timestamp?
}
