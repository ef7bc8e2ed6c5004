import DialerModel
import PostgresClient

import struct Foundation.UUID

/// A resource with a table of its own.
protocol StoredResource: Resource {
    static var table: String { get }
    /// Every column that holds a part of the resource, `uuid` first.
    static var columns: [StoredColumn<Self>] { get }
    /// The condition under which a row is there for clients.
    static var isThere: String { get }
}

extension StoredResource {
    static var isThere: String { "in_use" }

    /// The resource's columns for a SELECT or RETURNING, in the order ``init(row:from:)`` reads them.
    static func columnList(prefix: String = "") -> String {
        self.columns.map { prefix + $0.name }.joined(separator: ", ")
    }

    /// Reads a row whose columns from `first` on are those of ``columnList(prefix:)``.
    init(row: PostgresRow, from first: Int = 0) throws(PostgresError) {
        self.init(blank: try row.decode(UUID.self, at: first))
        let columns = Self.columns
        for offset in columns.indices.dropFirst() {
            try columns[offset].read(row, first + offset, &self)
        }
    }

    /// The times every resource has.
    static var timeColumns: [StoredColumn<Self>] {
        [
            .time("tm_create", .createdAt),
            .time("tm_delete", .deletedAt),
            .time("tm_update", .updatedAt),
        ]
    }
}
