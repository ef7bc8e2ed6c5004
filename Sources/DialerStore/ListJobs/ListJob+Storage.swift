import DialerModel
import PostgresClient

import struct Foundation.UUID

extension ListJob {
    /// The columns ``init(row:from:)`` reads.
    ///
    /// - Parameter prefix: What stands before each of them, with its dot.
    static func columnList(prefix: String = "") -> String {
        [
            "seq", "uuid", "kind", "dlma", "target", "is_reset_whole", "statuses", "results", "takes_failed",
            "is_tried",
            "since", "until", "status", "contacts_total", "contacts_seen", "contacts_changed", "contacts_waiting",
            "message", "tm_create", "tm_start", "tm_end",
        ].map { prefix + $0 }.joined(separator: ", ")
    }

    init(row: PostgresRow, from first: Int = 0) throws(PostgresError) {
        self.sequence = try row.decode(Int64.self, at: first)
        self.uuid = try row.decode(UUID.self, at: first + 1)
        let word = try row.decode(String.self, at: first + 2)
        self.dlma = try row.decode(UUID.self, at: first + 3)
        let target = try row.decode(UUID?.self, at: first + 4)
        let isWhole = try row.decode(Bool.self, at: first + 5)
        switch (word, target) {
        case ("recycle", _): self.kind = .recycle(isWhole: isWhole)
        case ("delete", _): self.kind = .delete
        case ("move", let target?): self.kind = .move(to: target)
        default: throw PostgresError(.decoding, "column \"kind\" holds \"\(word)\", which has no meaning here")
        }
        var filter = ListJobFilter()
        filter.statuses = try row.decode([Int]?.self, at: first + 6)
        filter.dialResults = try row.decode([Int]?.self, at: first + 7)
        filter.takesFailed = try row.decode(Bool.self, at: first + 8)
        filter.isTried = try row.decode(Bool?.self, at: first + 9)
        filter.since = try row.decode(PostgresTimestamp?.self, at: first + 10).map(Timestamp.init)
        filter.until = try row.decode(PostgresTimestamp?.self, at: first + 11).map(Timestamp.init)
        self.filter = filter
        let status = try row.decode(Int.self, at: first + 12)
        guard let known = ListJobStatus(rawValue: status) else {
            throw PostgresError(.decoding, "column \"status\" holds \(status), which has no meaning here")
        }
        self.status = known
        self.total = try row.decode(Int.self, at: first + 13)
        self.seen = try row.decode(Int.self, at: first + 14)
        self.changed = try row.decode(Int.self, at: first + 15)
        self.waiting = try row.decode(Int.self, at: first + 16)
        self.message = try row.decode(String?.self, at: first + 17)
        self.createdAt = Timestamp(try row.decode(PostgresTimestamp.self, at: first + 18))
        self.startedAt = try row.decode(PostgresTimestamp?.self, at: first + 19).map(Timestamp.init)
        self.endedAt = try row.decode(PostgresTimestamp?.self, at: first + 20).map(Timestamp.init)
    }
}
