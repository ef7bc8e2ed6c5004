import DialerModel
import PostgresClient

import struct Foundation.UUID

/// Recycling, moving and deleting contacts of a list. Every call may throw ``StoreError/unavailable(_:)``.
///
/// A job walks over its list in the order of creation, a few thousand contacts a transaction. Who is in a call, or locked for a
/// moment, is passed over and looked at again when the list was walked to its end; everybody is judged as they are when their turn
/// comes. Nothing about a job is kept outside the database: after a crash it goes on where the last step was committed.
package struct ListJobRepository: Sendable {
    let database: Database

    /// Contacts a step looks at.
    package static let stepSize = 2_000
    /// A job on a list of so many contacts is worth waiting for.
    package static let smallList = 5_000

    init(database: Database) {
        self.database = database
    }

    // MARK: Looking

    /// The job, unless there is none.
    package func find(_ uuid: UUID) async throws(StoreError) -> ListJob? {
        let rows = try await self.database.query(
            "SELECT \(unescaped: ListJob.columnList()) FROM list_job WHERE uuid = \(uuid)"
        )
        return try Self.first(rows)
    }

    /// Jobs in the order in which they were made.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<ListJob> {
        let rows = try await self.database.query(
            """
            SELECT \(unescaped: ListJob.columnList()) FROM list_job WHERE seq > \(request.cursor?.sequence ?? 0)
            ORDER BY seq LIMIT \(request.boundedLimit + 1)
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            let jobs = try rows.map { row throws(PostgresError) in try ListJob(row: row) }
            return Page(jobs.map { ($0, $0.sequence) }, limit: request.boundedLimit)
        }
    }

    /// Jobs that are not over, in the order in which they were made.
    package func open() async throws(StoreError) -> [UUID] {
        let rows = try await self.database.query("SELECT uuid FROM list_job WHERE status < 2 ORDER BY seq")
        return try Database.decoding { () throws(PostgresError) in try rows.decode((UUID).self) }
    }

    // MARK: Making and ending

    /// Makes a job; ``step(_:)`` does it.
    ///
    /// - Throws: ``StoreError/notFound(_:_:)`` when the list does not exist or is deleted,
    ///   ``StoreError/danglingReference(field:_:_:)`` when the list to move to is not there, ``StoreError/invalid(_:)`` when it is the
    ///   same, ``StoreError/jobInProgress(_:list:job:)`` when another job of the list is not over.
    package func create(
        _ uuid: UUID, _ kind: ListJobKind, of dlma: UUID, _ filter: ListJobFilter = ListJobFilter()
    ) async throws(StoreError) -> ListJob {
        try await self.database.transaction { transaction throws(StoreError) in
            guard try await Self.isInUse(dlma, in: transaction) else { throw .notFound(.dlma, dlma) }
            if let target = kind.target {
                guard target != dlma else {
                    throw .invalid(
                        ValidationError(field: "target", message: "target: the contacts are on this list already"))
                }
                guard try await Self.isInUse(target, in: transaction) else {
                    throw .danglingReference(field: "target", .dlma, target)
                }
            }
            return try await Self.insert(uuid, kind, of: dlma, filter, in: transaction)
        }
    }

    /// Keeps a list from being deleted until the transaction ends.
    private static func isInUse(
        _ dlma: UUID, in transaction: Database.Transaction
    ) async throws(StoreError) -> Bool {
        let rows = try await transaction.query(
            "SELECT 1 FROM dial_list_master WHERE uuid = \(dlma) AND in_use FOR KEY SHARE"
        )
        return !rows.isEmpty
    }

    /// Makes a job of a list that the transaction keeps as it is.
    static func insert(
        _ uuid: UUID, _ kind: ListJobKind, of dlma: UUID, _ filter: ListJobFilter = ListJobFilter(),
        in transaction: Database.Transaction
    ) async throws(StoreError) -> ListJob {
        let insertion: PostgresQuery =
            """
            INSERT INTO list_job (
                uuid, kind, dlma, target, is_reset_whole, statuses, results, takes_failed, is_tried, since, until,
                last_place, contacts_total
            )
            SELECT \(uuid), \(kind.word), \(dlma), \(optional: kind.target)::uuid, \(kind.isWholeReset),
                \(optional: filter.statuses)::smallint[], \(optional: filter.dialResults)::integer[], \(filter.takesFailed),
                \(optional: filter.isTried)::boolean, \(optional: filter.since.map(PostgresTimestamp.init))::timestamptz,
                \(optional: filter.until.map(PostgresTimestamp.init))::timestamptz,
                coalesce((
                    SELECT e.seq FROM dial_list_entry e WHERE e.dlma_uuid = \(dlma) AND e.in_use ORDER BY e.seq DESC LIMIT 1
                ), 0),
                c.o_total
            FROM list_counts(\(dlma), NULL) AS c
            ON CONFLICT (dlma) WHERE status < 2 DO NOTHING
            RETURNING \(unescaped: ListJob.columnList())
            """
        while true {
            if let job = try Self.first(try await transaction.query(insertion)) { return job }
            let others = try await transaction.query(
                "SELECT \(unescaped: ListJob.columnList()) FROM list_job WHERE dlma = \(dlma) AND status < 2"
            )
            // None when it ended between the two statements: then it is no longer in the way.
            if let other = try Self.first(others) {
                throw .jobInProgress(other.kind.word, list: dlma, job: other.uuid)
            }
        }
    }

    /// Ends a job; what it has done stays done. Waits for a step in progress.
    ///
    /// A job that deletes the contacts of a deleted list cannot be cancelled: they are gone for everybody already.
    ///
    /// - Returns: Whether this ended it.
    package func cancel(_ uuid: UUID) async throws(StoreError) -> Bool {
        try await self.end(uuid, .cancelled, message: "cancelled on request", unless: "NOT l.in_use")
    }

    /// Ends a job that cannot go on.
    ///
    /// - Returns: Whether this ended it.
    package func fail(_ uuid: UUID, message: String) async throws(StoreError) -> Bool {
        try await self.end(uuid, .failed, message: message, unless: "false")
    }

    private func end(
        _ uuid: UUID, _ status: ListJobStatus, message: String, unless condition: String
    ) async throws(StoreError) -> Bool {
        try await self.database.transaction { transaction throws(StoreError) in
            let ended = try await transaction.execute(
                """
                UPDATE list_job j SET status = \(status.rawValue)::smallint, contacts_waiting = 0, message = \(message),
                    tm_end = clock_timestamp()
                FROM dial_list_master l
                WHERE j.uuid = \(uuid) AND j.status < 2 AND l.uuid = j.dlma AND NOT (\(unescaped: condition))
                """
            )
            guard ended > 0 else { return false }
            try await transaction.execute("DELETE FROM list_job_left WHERE job = \(uuid)")
            return true
        }
    }

    /// Ends the job of a list that is being deleted.
    static func endAll(of dlma: UUID, in transaction: Database.Transaction) async throws(StoreError) {
        try await transaction.execute(
            """
            WITH ended AS (
                UPDATE list_job SET status = \(ListJobStatus.cancelled.rawValue)::smallint, contacts_waiting = 0,
                    message = 'the list was deleted', tm_end = clock_timestamp()
                WHERE dlma = \(dlma) AND status < 2
                RETURNING uuid
            )
            DELETE FROM list_job_left l USING ended e WHERE l.job = e.uuid
            """
        )
    }

    static func first(_ rows: PostgresRows) throws(StoreError) -> ListJob? {
        guard let row = rows.first else { return nil }
        return try Database.decoding { () throws(PostgresError) in try ListJob(row: row) }
    }
}
