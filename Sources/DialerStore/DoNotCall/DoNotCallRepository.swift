import DialerModel
import PostgresClient

/// The do-not-call list: numbers that no campaign dials. Every call may throw ``StoreError/unavailable(_:)``.
///
/// A number is compared with what is about to be dialed character for character. Once ``add(_:now:)`` or ``merge(_:now:)`` has
/// returned, no claim makes a call to the number; a call that was claimed before goes on.
package struct DoNotCallRepository: Sendable {
    private let database: Database

    init(database: Database) {
        self.database = database
    }

    private static let columns = "number, reason, tm_expire, tm_create, tm_update"

    // MARK: Looking

    /// What the list says of a number; nil when it is not on it. One that has expired is there until ``purge(now:)``.
    package func find(_ number: String) async throws(StoreError) -> DoNotCallEntry? {
        guard !number.utf8.contains(0) else { return nil }
        let rows = try await self.database.query(
            "SELECT \(unescaped: Self.columns) FROM do_not_call WHERE number = \(number)"
        )
        return try Self.entries(rows).first
    }

    /// Numbers that begin with `prefix`, in the order of their characters.
    ///
    /// - Parameter limit: 1 to ``PageRequest/maximumLimit``; other values are moved into this range.
    package func page(
        prefix: String = "", limit: Int, after cursor: DoNotCallCursor? = nil
    ) async throws(StoreError) -> DoNotCallPage {
        guard !prefix.utf8.contains(0) else { return DoNotCallPage(entries: []) }
        let limit = min(max(limit, 1), PageRequest.maximumLimit)
        // No text that begins with the prefix comes behind the last character there is.
        let rows = try await self.database.query(
            """
            SELECT \(unescaped: Self.columns) FROM do_not_call
            WHERE number >= \(prefix) AND number < \(prefix + "\u{10FFFF}") AND number > \(cursor?.number ?? "")
            ORDER BY number LIMIT \(limit + 1)
            """
        )
        let entries = try Self.entries(rows)
        guard entries.count > limit else { return DoNotCallPage(entries: entries) }
        return DoNotCallPage(
            entries: Array(entries.prefix(limit)), next: DoNotCallCursor(number: entries[limit - 1].number))
    }

    // MARK: Changing

    /// Puts a number on the list, or replaces what the list says of it.
    package func add(
        _ number: String, reason: String?, expiresAt: Timestamp?, now: Timestamp
    ) async throws(StoreError) -> DoNotCallEntry {
        let rows = try await self.database.query(
            """
            SELECT \(unescaped: Self.columns) FROM add_do_not_call(
                \(number), \(optional: reason), \(optional: expiresAt.map { PostgresTimestamp($0) })::timestamptz,
                \(PostgresTimestamp(now))
            )
            """
        )
        guard let entry = try Self.entries(rows).first else {
            throw .database(PostgresError(.unexpectedResult, "a statement that writes a row answered with none"))
        }
        return entry
    }

    /// Takes a number off the list; contacts it held back may be dialed again, with the tries they had.
    ///
    /// - Returns: What the list said of it; nil when it was not on it.
    package func remove(_ number: String) async throws(StoreError) -> DoNotCallEntry? {
        guard !number.utf8.contains(0) else { return nil }
        let rows = try await self.database.query(
            "SELECT \(unescaped: Self.columns) FROM remove_do_not_call(\([number])::text[], NULL)"
        )
        return try Self.entries(rows).first
    }

    /// Puts many numbers on the list in one transaction: all of them, or none when it throws. Of a number that comes twice the
    /// last row counts.
    package func merge(_ rows: DoNotCallRows, now: Timestamp) async throws(StoreError) -> DoNotCallCounts {
        guard rows.count > 0 else { return DoNotCallCounts() }
        let counts = try await self.database.transaction { transaction throws(StoreError) in
            try await transaction.script(
                """
                CREATE TEMPORARY TABLE do_not_call_piece (
                    line bigint NOT NULL, number text COLLATE "C" NOT NULL, reason text, tm_expire timestamptz
                ) ON COMMIT DROP
                """
            )
            try await transaction.copyIn(
                "COPY do_not_call_piece (line, number, reason, tm_expire) FROM STDIN", rows.text)
            // In the order of the numbers, as everybody else who changes several at once.
            let merged = try await transaction.query(
                """
                WITH merged AS (
                    INSERT INTO do_not_call AS n (number, reason, tm_expire, tm_create)
                    SELECT DISTINCT ON (p.number) p.number, p.reason, p.tm_expire, \(PostgresTimestamp(now))
                    FROM do_not_call_piece p
                    ORDER BY p.number, p.line DESC
                    ON CONFLICT (number) DO UPDATE SET
                        reason = excluded.reason, tm_expire = excluded.tm_expire, tm_update = excluded.tm_create
                    -- A row that was only updated has the number of this transaction there.
                    RETURNING n.xmax = 0 AS is_new
                )
                SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
                """
            )
            try await transaction.query("SELECT await_claims()")
            return merged
        }
        return try Database.decoding { () throws(PostgresError) in
            let (added, updated) = try counts.first?.decode((Int, Int).self) ?? (0, 0)
            return DoNotCallCounts(added: added, updated: updated, repeated: rows.count - added - updated)
        }
    }

    /// Takes numbers off the list whose time there is over: what ``remove(_:)`` does, up to ten thousand of them, a thousand in one
    /// transaction.
    ///
    /// - Returns: How many.
    package func purge(now: Timestamp) async throws(StoreError) -> Int {
        var purged = 0
        for _ in 0..<10 {
            let rows = try await self.database.query(
                """
                SELECT count(*) FROM remove_do_not_call(
                    ARRAY(
                        SELECT number FROM do_not_call WHERE tm_expire <= \(PostgresTimestamp(now))
                        ORDER BY tm_expire LIMIT \(Self.purgedAtOnce)
                    ),
                    \(PostgresTimestamp(now))
                )
                """
            )
            let count = try Database.decoding { () throws(PostgresError) in
                try rows.first?.decode(Int.self, at: 0) ?? 0
            }
            purged += count
            if count < Self.purgedAtOnce { break }
        }
        return purged
    }

    private static let purgedAtOnce = 1_000

    private static func entries(_ rows: PostgresRows) throws(StoreError) -> [DoNotCallEntry] {
        try Database.decoding { () throws(PostgresError) in
            try rows.decode((String, String?, PostgresTimestamp?, PostgresTimestamp, PostgresTimestamp?).self).map {
                DoNotCallEntry(
                    number: $0.0, reason: $0.1, expiresAt: $0.2.map { Timestamp($0) }, createdAt: Timestamp($0.3),
                    updatedAt: $0.4.map { Timestamp($0) }
                )
            }
        }
    }
}
