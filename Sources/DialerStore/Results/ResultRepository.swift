import DialerModel
import PostgresClient

import struct Foundation.UUID

/// What became of the calls, and what the results files are written from. Every call may throw ``StoreError/unavailable(_:)``.
package struct ResultRepository: Sendable {
    private let database: Database

    init(database: Database) {
        self.database = database
    }

    /// Ends calls in one transaction: frees and updates the contacts, closes the dialings, counts for the campaigns, writes the
    /// result rows. A dialing that is not open (any more), or under none of the holder's leases, is passed over, so the same batch may
    /// be given again.
    ///
    /// - Parameter holder: nil ends every dialing.
    /// - Returns: How many calls this ended.
    package func finish(
        _ batch: [FinishedDialing], by holder: LeaseHolder? = nil
    ) async throws(StoreError) -> Int {
        guard !batch.isEmpty else { return 0 }
        let rows = try await self.database.query(
            """
            SELECT finish_dialings(
                leased_dialings(\(batch.map(\.dialing)), \(optional: holder?.fences)::bigint[], \(optional: holder?.engine)::text),
                \(batch.map(\.result.status.rawValue))::integer[],
                \(batch.map(\.result.dialResult))::integer[], \(batch.map { Self.text($0.result.dialResultDetail) })::text[],
                \(batch.map(\.result.hangupCause))::integer[], \(batch.map { Self.text($0.result.hangupCauseDetail) })::text[],
                \(batch.map(\.result.endedAt.microseconds))::bigint[], \(batch.map(\.result.isAbandoned))::boolean[],
                \(batch.map { $0.result.agentConnectedAt != nil })::boolean[],
                \(batch.map(\.result.waitSeconds))::double precision[],
                \(batch.map(\.result.talkSeconds))::double precision[],
                \(batch.map { Self.text($0.result.agent) })::text[], \(batch.map { Self.text($0.result.queue) })::text[],
                \(batch.map { $0.result.liveAnswerAt?.microseconds })::bigint[],
                \(batch.map { String(decoding: $0.line, as: UTF8.self) })::text[]
            )
            """
        )
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
    }

    /// A PBX may send anything, and a result must not be refused for it: NUL, which no text can hold, is left out.
    private static func text(_ text: String?) -> String? {
        guard let text, text.utf8.contains(0) else { return text }
        return text.filter { $0 != "\0" }
    }

    /// Results behind `sequence`, in order and without a gap: none can appear later with a number that was passed.
    ///
    /// - Parameter reader: Whose results file is written; others' rows come without a line. Nil reads every line.
    package func pending(
        after sequence: Int64, limit: Int, for reader: ResultReader? = nil
    ) async throws(StoreError) -> [ResultRow] {
        let rows = try await self.database.query(
            """
            SELECT sequence, dialing, CASE
                WHEN \(optional: reader?.engine)::text IS NULL OR engine = \(optional: reader?.engine)::text
                    OR engine IS NULL AND \(reader?.isFirst ?? true) THEN line
            END
            FROM dialing_result WHERE sequence > \(sequence)
            ORDER BY sequence LIMIT \(min(max(limit, 1), PageRequest.maximumLimit))
            """
        )
        return try Self.rows(rows)
    }

    /// Which results ended within a time, and how many there are.
    ///
    /// - Parameters:
    ///   - since: The earliest end; nil for any.
    ///   - until: The first instant behind; nil for none.
    /// - Returns: nil when there is none.
    package func stretch(
        since: Timestamp?, until: Timestamp?
    ) async throws(StoreError) -> (sequences: ClosedRange<Int64>, count: Int)? {
        let rows = try await self.database.query(
            """
            SELECT min(sequence), max(sequence), count(*) FROM dialing_result
            WHERE tm_end >= coalesce(\(since.map { PostgresTimestamp($0) }), '-infinity')
                AND tm_end < coalesce(\(until.map { PostgresTimestamp($0) }), 'infinity')
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            guard let (first, last, count) = try rows.first?.decode((Int64?, Int64?, Int).self), let first, let last
            else { return nil }
            return (first...last, count)
        }
    }

    /// The next of the results that ended within a time, in the order of the results file.
    ///
    /// - Parameters:
    ///   - sequences: Those ``stretch(since:until:)`` found, from the first one that is wanted.
    ///   - limit: 1…10,000.
    package func lines(
        in sequences: ClosedRange<Int64>, since: Timestamp?, until: Timestamp?, limit: Int
    ) async throws(StoreError) -> [ResultRow] {
        let rows = try await self.database.query(
            """
            SELECT sequence, dialing, line FROM dialing_result
            WHERE sequence BETWEEN \(sequences.lowerBound) AND \(sequences.upperBound)
                AND tm_end >= coalesce(\(since.map { PostgresTimestamp($0) }), '-infinity')
                AND tm_end < coalesce(\(until.map { PostgresTimestamp($0) }), 'infinity')
            ORDER BY sequence LIMIT \(min(max(limit, 1), PageRequest.maximumLimit))
            """
        )
        return try Self.rows(rows)
    }

    private static func rows(_ rows: PostgresRows) throws(StoreError) -> [ResultRow] {
        try Database.decoding { () throws(PostgresError) in
            try rows.decode((Int64, UUID, String?).self).map {
                ResultRow(sequence: $0.0, dialing: $0.1, line: Array(($0.2 ?? "").utf8))
            }
        }
    }

    /// How far a results file is written; nil before the first ``saveExportPosition(file:_:for:)``.
    ///
    /// - Parameter reader: Whose file it is; nil finds anybody's of that name.
    package func exportPosition(
        file: String, for reader: ResultReader? = nil
    ) async throws(StoreError) -> ExportPosition? {
        let name = reader?.engine
        let rows = try await self.database.query(
            """
            SELECT sequence, bytes FROM result_export
            WHERE file = \(file) AND (
                \(optional: name)::text IS NULL OR engine = \(optional: name)::text OR engine = '' AND \(reader?.isFirst ?? true)
            )
            ORDER BY engine = '', tm_update DESC LIMIT 1
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            guard let (sequence, bytes) = try rows.first?.decode((Int64, Int64).self) else { return nil }
            return ExportPosition(sequence: sequence, bytes: bytes)
        }
    }

    /// Remembers how far a results file is written.
    package func saveExportPosition(
        file: String, _ position: ExportPosition, for reader: ResultReader? = nil
    ) async throws(StoreError) {
        try await self.database.execute(
            """
            INSERT INTO result_export (engine, file, sequence, bytes)
            VALUES (\(reader?.engine ?? ""), \(file), \(position.sequence), \(position.bytes))
            ON CONFLICT (engine, file) DO UPDATE SET
                sequence = excluded.sequence, bytes = excluded.bytes, tm_update = clock_timestamp()
            """
        )
    }

    /// The hours in which people answered calls of these campaigns, for the last 31 days; calls in progress are not among them.
    package func answeredHours(campaigns: [UUID]) async throws(StoreError) -> [UUID: [AnsweredHour]] {
        let rows = try await self.database.query(
            "SELECT campaign, hour, live, abandoned FROM campaign_hour WHERE campaign = ANY (\(campaigns)) ORDER BY hour"
        )
        return try Database.decoding { () throws(PostgresError) in
            var hours: [UUID: [AnsweredHour]] = [:]
            for (campaign, hour, live, abandoned) in try rows.decode((UUID, Int64, Int, Int).self) {
                hours[campaign, default: []].append(AnsweredHour(hour: hour, live: live, abandoned: abandoned))
            }
            return hours
        }
    }

    /// What became of a campaign's finished calls; zeros for an unknown one.
    package func counters(campaign: UUID) async throws(StoreError) -> CampaignCounters {
        let rows = try await self.database.query(
            """
            SELECT dialed, answered, connected, abandoned, busy, no_answer, congested, failed, talk_seconds, wait_seconds, blocked
            FROM campaign_counter WHERE campaign = \(campaign)
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            var counters = CampaignCounters()
            guard let row = rows.first else { return counters }
            counters.dialed = try row.decode(Int.self, at: 0)
            counters.answered = try row.decode(Int.self, at: 1)
            counters.connected = try row.decode(Int.self, at: 2)
            counters.abandoned = try row.decode(Int.self, at: 3)
            counters.busy = try row.decode(Int.self, at: 4)
            counters.noAnswer = try row.decode(Int.self, at: 5)
            counters.congested = try row.decode(Int.self, at: 6)
            counters.failed = try row.decode(Int.self, at: 7)
            counters.talkSeconds = try row.decode(Double.self, at: 8)
            counters.waitSeconds = try row.decode(Double.self, at: 9)
            counters.blocked = try row.decode(Int.self, at: 10)
            return counters
        }
    }
}
