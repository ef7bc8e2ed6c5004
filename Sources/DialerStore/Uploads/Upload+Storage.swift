import DialerModel
import PostgresClient

import struct Foundation.UUID

extension Upload {
    /// The columns ``init(row:from:)`` reads.
    static let columnList = """
        seq, uuid, dlma, name, is_dry_run, is_all_or_nothing, duplicate_scope, duplicate_key, duplicate_action, bytes_total,
        status, bytes_read, rows_read, rows_rejected, rows_duplicate, rows_staged, rows_moved, rows_loaded, rows_updated,
        is_cancelled, message, tm_create, tm_received, tm_end
        """

    init(row: PostgresRow, from first: Int = 0) throws(PostgresError) {
        self.sequence = try row.decode(Int64.self, at: first)
        self.uuid = try row.decode(UUID.self, at: first + 1)
        var options = UploadOptions(dlma: try row.decode(UUID.self, at: first + 2))
        options.name = try row.decode(String?.self, at: first + 3)
        options.isDryRun = try row.decode(Bool.self, at: first + 4)
        options.isAllOrNothing = try row.decode(Bool.self, at: first + 5)
        let scope = try row.decode(String?.self, at: first + 6).flatMap(DuplicateRule.Scope.init(rawValue:))
        let key = try row.decode(String?.self, at: first + 7).flatMap(DuplicateRule.Key.init(rawValue:))
        let action = try row.decode(String?.self, at: first + 8).flatMap(DuplicateRule.Action.init(rawValue:))
        if let scope, let key, let action {
            options.duplicates = DuplicateRule(scope: scope, key: key, action: action)
        }
        options.totalBytes = try row.decode(Int?.self, at: first + 9)
        self.options = options
        let status = try row.decode(Int.self, at: first + 10)
        guard let known = UploadStatus(rawValue: status) else {
            throw PostgresError(.decoding, "column \"status\" holds \(status), which has no meaning here")
        }
        self.status = known
        var counts = UploadCounts()
        counts.bytesRead = try row.decode(Int.self, at: first + 11)
        counts.read = try row.decode(Int.self, at: first + 12)
        counts.rejected = try row.decode(Int.self, at: first + 13)
        counts.duplicate = try row.decode(Int.self, at: first + 14)
        counts.staged = try row.decode(Int.self, at: first + 15)
        counts.moved = try row.decode(Int.self, at: first + 16)
        counts.loaded = try row.decode(Int.self, at: first + 17)
        counts.updated = try row.decode(Int.self, at: first + 18)
        self.counts = counts
        self.isCancelRequested = try row.decode(Bool.self, at: first + 19)
        self.message = try row.decode(String?.self, at: first + 20)
        self.createdAt = Timestamp(try row.decode(PostgresTimestamp.self, at: first + 21))
        self.receivedAt = try row.decode(PostgresTimestamp?.self, at: first + 22).map(Timestamp.init)
        self.endedAt = try row.decode(PostgresTimestamp?.self, at: first + 23).map(Timestamp.init)
    }
}
