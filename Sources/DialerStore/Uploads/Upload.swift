import DialerModel

import struct Foundation.UUID

/// One file of contacts on its way into a list.
package struct Upload: Sendable, Hashable {
    package let uuid: UUID
    /// Its number, by which the staging table is named.
    let sequence: Int64
    package let options: UploadOptions
    package var status: UploadStatus
    package var counts: UploadCounts
    /// Somebody wants it to stop.
    package var isCancelRequested: Bool
    /// Why it failed, or what there is to know.
    package var message: String?
    package var createdAt: Timestamp
    /// When the last byte of the file had come.
    package var receivedAt: Timestamp?
    package var endedAt: Timestamp?

    /// The name is made of a number alone, so that it can stand in SQL.
    var stagingTable: String { "upload_stage_\(self.sequence)" }
}
