import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Files of contacts on their way into lists. Every call may throw ``StoreError/unavailable(_:)``.
///
/// Rows are copied into a staging table of the upload's own while the file comes, a short transaction for each few megabytes, so
/// that a slow client holds no connection and no snapshot. When the file is complete they move into the list in one
/// transaction.
package struct UploadRepository: Sendable {
    let database: Database
    /// The name of the engine whose service takes the files in.
    let engine: String

    /// How many refused rows of one file are kept to be looked at; the rest is only counted.
    package static let keptRejects = 100_000

    init(database: Database, engine: String) {
        self.database = database
        self.engine = engine
    }

    // MARK: Looking

    /// The upload, unless there is none.
    package func find(_ uuid: UUID) async throws(StoreError) -> Upload? {
        let rows = try await self.database.query(
            "SELECT \(unescaped: Upload.columnList) FROM upload WHERE uuid = \(uuid)"
        )
        guard let row = rows.first else { return nil }
        return try Database.decoding { () throws(PostgresError) in try Upload(row: row) }
    }

    /// Uploads in the order they began.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<Upload> {
        let rows = try await self.database.query(
            """
            SELECT \(unescaped: Upload.columnList) FROM upload WHERE seq > \(request.cursor?.sequence ?? 0)
            ORDER BY seq LIMIT \(request.boundedLimit + 1)
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            let uploads = try rows.map { row throws(PostgresError) in try Upload(row: row) }
            return Page(uploads.map { ($0, $0.sequence) }, limit: request.boundedLimit)
        }
    }

    /// The first refused rows in the order of their lines.
    package func rejects(of uuid: UUID, limit: Int) async throws(StoreError) -> [RejectedRow] {
        try await self.rejects(of: uuid, after: .start, limit: limit).map(\.1)
    }

    /// Refused rows behind a place, in the order of their lines, each with its own place.
    package func rejects(
        of uuid: UUID, after place: RejectPlace, limit: Int
    ) async throws(StoreError) -> [(RejectPlace, RejectedRow)] {
        let rows = try await self.database.query(
            """
            SELECT line, id, field, reason, excerpt FROM upload_reject
            WHERE upload = \(uuid) AND (line, id) > (\(place.line), \(place.id))
            ORDER BY line, id LIMIT \(min(max(limit, 0), Self.keptRejects))
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            try rows.decode((Int, Int64, String?, String, String).self).map {
                (RejectPlace(line: $0.0, id: $0.1), RejectedRow(line: $0.0, field: $0.2, reason: $0.3, excerpt: $0.4))
            }
        }
    }

    // MARK: Taking a file in

    /// Opens an upload and makes its staging table.
    ///
    /// - Throws: ``StoreError/notFound(_:_:)`` when the list does not exist or is deleted.
    package func begin(_ uuid: UUID, _ options: UploadOptions) async throws(StoreError) -> Upload {
        try await self.database.transaction { transaction throws(StoreError) in
            let lists = try await transaction.query(
                "SELECT 1 FROM dial_list_master WHERE uuid = \(options.dlma) AND in_use FOR KEY SHARE"
            )
            guard !lists.isEmpty else { throw .notFound(.dlma, options.dlma) }
            let rule = options.duplicates
            let rows = try await transaction.query(
                """
                INSERT INTO upload (
                    uuid, dlma, name, is_dry_run, is_all_or_nothing, duplicate_scope, duplicate_key, duplicate_action, bytes_total,
                    engine
                ) VALUES (
                    \(uuid), \(options.dlma), \(optional: options.name), \(options.isDryRun), \(options.isAllOrNothing),
                    \(optional: rule?.scope.rawValue), \(optional: rule?.key.rawValue), \(optional: rule?.action.rawValue),
                    \(optional: options.totalBytes), \(self.engine)
                ) RETURNING \(unescaped: Upload.columnList)
                """
            )
            guard let row = rows.first else {
                throw .database(PostgresError(.unexpectedResult, "a statement that writes a row answered with none"))
            }
            let upload = try Database.decoding { () throws(PostgresError) in try Upload(row: row) }
            try await transaction.script(Self.staging(upload))
            return upload
        }
    }

    /// In the order of a staged row's text.
    private static let stagedColumns = """
        line, uuid, name, detail, ukey, email, resv_target, variables, number_1, number_2, number_3, number_4, number_5, number_6,
        number_7, number_8, number_originals, priority
        """

    /// Unlogged: what is lost with the server's memory is the file of an upload that failed with it.
    private static func staging(_ upload: Upload) -> String {
        """
        CREATE UNLOGGED TABLE \(upload.stagingTable) (
            line bigint NOT NULL, uuid uuid NOT NULL,
            name text, detail text, ukey text, email text, resv_target text, variables text,
            number_1 text, number_2 text, number_3 text, number_4 text, number_5 text, number_6 text, number_7 text,
            number_8 text, number_originals text, priority smallint,
            verdict smallint NOT NULL DEFAULT 0, entry uuid, kept_line bigint
        ) WITH (autovacuum_enabled = false)
        """
    }

    /// Stores rows and says how far the file is read. May be repeated when it failed; a repetition starts from nothing.
    ///
    /// - Returns: The upload as it stands: it may have been cancelled meanwhile.
    package func stage(
        _ rows: StagedRows, of upload: Upload, bytesRead: Int
    ) async throws(StoreError) -> Upload {
        try await self.database.transaction { transaction throws(StoreError) in
            if rows.contactCount > 0 {
                try await transaction.copyIn(
                    "COPY \(upload.stagingTable) (\(Self.stagedColumns)) FROM STDIN", rows.contacts)
            }
            if rows.keptCount > 0 {
                try await transaction.copyIn(
                    "COPY upload_reject (upload, line, field, reason, excerpt) FROM STDIN", rows.refused)
            }
            return try await Self.changed(
                """
                UPDATE upload SET bytes_read = \(bytesRead), rows_read = rows_read + \(rows.contactCount + rows.refusedCount),
                    rows_staged = rows_staged + \(rows.contactCount), rows_rejected = rows_rejected + \(rows.refusedCount)
                WHERE uuid = \(upload.uuid) AND status < 3 RETURNING \(unescaped: Upload.columnList)
                """,
                in: transaction
            )
        }
    }

    /// Says that the file is complete.
    package func received(_ upload: Upload) async throws(StoreError) -> Upload {
        try await self.database.transaction { transaction throws(StoreError) in
            try await Self.changed(
                """
                UPDATE upload SET status = 1, tm_received = clock_timestamp() WHERE uuid = \(upload.uuid) AND status < 3
                RETURNING \(unescaped: Upload.columnList)
                """,
                in: transaction
            )
        }
    }

    /// Ends an upload that loads nothing, and throws its rows away.
    ///
    /// - Parameter status: ``UploadStatus/failed`` or ``UploadStatus/cancelled``, or ``UploadStatus/done`` for a dry run.
    package func end(_ upload: Upload, _ status: UploadStatus, message: String?) async throws(StoreError) -> Upload {
        try await self.database.transaction { transaction throws(StoreError) in
            let ended = try await Self.changed(
                """
                UPDATE upload SET status = \(status.rawValue), message = \(optional: message), tm_end = clock_timestamp()
                WHERE uuid = \(upload.uuid) AND status < 3 RETURNING \(unescaped: Upload.columnList)
                """,
                in: transaction
            )
            try await transaction.script("DROP TABLE IF EXISTS \(upload.stagingTable)")
            return ended
        }
    }

    /// Runs a change of an upload that is not over yet.
    static func changed(
        _ change: PostgresQuery, in transaction: Database.Transaction
    ) async throws(StoreError) -> Upload {
        guard let row = try await transaction.query(change).first else {
            throw .database(PostgresError(.unexpectedResult, "the upload is over already"))
        }
        return try Database.decoding { () throws(PostgresError) in try Upload(row: row) }
    }
}
