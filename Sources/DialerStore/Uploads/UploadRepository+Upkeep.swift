import DialerModel
import PostgresClient

import struct Foundation.UUID

extension UploadRepository {
    /// Asks an upload to stop. One that is being received stops with the next megabytes, one that waits or is being loaded within
    /// moments; nothing of it is loaded.
    ///
    /// - Returns: The upload as it stands; nil when there is none.
    package func cancel(_ uuid: UUID) async throws(StoreError) -> Upload? {
        try await self.database.execute("UPDATE upload SET is_cancelled = true WHERE uuid = \(uuid) AND status < 3")
        return try await self.find(uuid)
    }

    /// Ends what this engine's service, or one that is over, left open when it stopped, and forgets uploads that ended a month ago. For the start of a service, before
    /// it takes uploads.
    ///
    /// - Returns: How many uploads were interrupted.
    package func recover() async throws(StoreError) -> Int {
        let interrupted = try await self.database.execute(
            """
            UPDATE upload SET status = \(UploadStatus.failed.rawValue), tm_end = clock_timestamp(),
                message = CASE WHEN rows_loaded = 0 THEN 'the service stopped before it was loaded; send the file again'
                    ELSE 'the service stopped while contacts that were there already were being changed; send the file again' END
            WHERE status < 3 AND (
                engine IS NULL OR engine = \(self.engine)
                OR NOT EXISTS (SELECT FROM engine e WHERE e.name = upload.engine AND e.tm_until > clock_timestamp())
            )
            """
        )
        let rows = try await self.database.query(
            """
            SELECT relname::text FROM pg_class
            WHERE relname ~ '^upload_stage_[0-9]+$' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace
                AND NOT EXISTS (SELECT FROM upload u WHERE u.status < 3 AND relname = 'upload_stage_' || u.seq)
            """
        )
        let tables = try Database.decoding { () throws(PostgresError) in
            try rows.map { row throws(PostgresError) in try row.decode(String.self, at: 0) }
        }
        for table in tables {
            try await self.database.transaction { transaction throws(StoreError) in
                try await transaction.script("DROP TABLE IF EXISTS \(table)")
            }
        }
        try await self.database.execute("DELETE FROM upload WHERE tm_end < clock_timestamp() - interval '30 days'")
        return interrupted
    }
}
