import DialerModel
import PostgresClient

import struct Foundation.UUID

extension UploadRepository {
    /// How much of the staging table moves with one statement, in pages: some ten thousand contacts, a fraction of a second.
    private static let pagesInAPiece = 250

    /// Moves an upload's rows into the list and ends the upload.
    ///
    /// New contacts appear all at once, with the end of one transaction. Contacts that were there are changed afterwards, a
    /// thousand at a time: were they held until the end, no call to them could be finished and none begun meanwhile.
    ///
    /// - Returns: The upload, done; or failed, when rows are refused and it was to load all or nothing.
    /// - Throws: ``StoreError/notFound(_:_:)`` when the list was deleted meanwhile, ``StoreError/cancelled`` when somebody
    ///   cancelled the upload: both before anything was loaded.
    package func load(_ upload: Upload) async throws(StoreError) -> Upload {
        let begun = try await self.database.execute(
            "UPDATE upload SET status = 2 WHERE uuid = \(upload.uuid) AND status < 3 AND NOT is_cancelled"
        )
        guard begun > 0 else { throw .cancelled }
        let moved = try await self.database.transaction { transaction throws(StoreError) in
            try await self.move(upload, in: transaction)
        }
        guard !moved.status.isOver else { return moved }
        let updated = try await self.updateContacts(of: moved)
        return try await self.database.transaction { transaction throws(StoreError) in
            try await Self.close(moved, .done, Outcome(updated: updated), in: transaction)
        }
    }

    /// What the load adds to the upload's counts. Kept until the transaction's end: whoever writes the upload's row meanwhile, to
    /// show how far it is or to cancel it, must not have to wait.
    private struct Outcome {
        var loaded = 0
        var updated = 0
        var duplicate = 0
        var rejected = 0
        var message: String?
    }

    /// Everything but the changes of contacts that were there.
    private func move(
        _ upload: Upload, in transaction: Database.Transaction
    ) async throws(StoreError) -> Upload {
        let options = upload.options
        var outcome = Outcome()
        let arrangement = try await Self.arrangement(of: upload, in: transaction)
        // Rows keep the order of the file only if every scan begins at the beginning.
        try await transaction.execute("SET LOCAL synchronize_seqscans = off")
        if let rule = options.duplicates {
            try await Self.findDuplicates(of: upload, rule, in: transaction)
            let found = try await Self.takeDuplicates(of: upload, rule, in: transaction)
            if rule.action == .error { outcome.rejected = found } else { outcome.duplicate = found }
        }
        let refused = upload.counts.rejected + outcome.rejected
        if options.isAllOrNothing, refused > 0 {
            outcome.message =
                "\(refused) of \(upload.counts.read) rows are refused and on_error is abort: nothing was loaded"
            return try await Self.close(upload, .failed, outcome, in: transaction)
        }
        if options.isDryRun {
            outcome.message = "a dry run: nothing was loaded"
            return try await Self.close(upload, .done, outcome, in: transaction)
        }
        let pages = try await Self.pages(of: upload, in: transaction)
        for first in stride(from: 0, to: pages, by: Self.pagesInAPiece) {
            outcome.loaded += try await Self.insertPiece(of: upload, from: first, arrangement, in: transaction)
            // On another connection, for the others do not see what the transaction writes before its end.
            try await self.report(upload, moved: outcome.loaded)
        }
        try await Self.settle(upload, arrangement, in: transaction)
        guard options.duplicates?.action == .update else {
            return try await Self.close(upload, .done, outcome, in: transaction)
        }
        return try await Self.changed(
            """
            UPDATE upload SET rows_loaded = \(outcome.loaded), rows_duplicate = \(outcome.duplicate)
            WHERE uuid = \(upload.uuid) AND status < 3 RETURNING \(unescaped: Upload.columnList)
            """,
            in: transaction
        )
    }

    /// Shows everybody how far the load is.
    private func report(_ upload: Upload, moved: Int) async throws(StoreError) {
        let rows = try await self.database.query(
            "UPDATE upload SET rows_moved = \(moved) WHERE uuid = \(upload.uuid) RETURNING is_cancelled"
        )
        let isCancelled = try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Bool.self, at: 0) }
        if isCancelled != false { throw .cancelled }
    }

    /// Ends the upload and drops its staging table.
    private static func close(
        _ upload: Upload, _ status: UploadStatus, _ outcome: Outcome, in transaction: Database.Transaction
    ) async throws(StoreError) -> Upload {
        let closed = try await Self.changed(
            """
            UPDATE upload SET status = \(status.rawValue), message = \(optional: outcome.message), rows_moved = rows_staged,
                rows_loaded = rows_loaded + \(outcome.loaded), rows_updated = \(outcome.updated),
                rows_duplicate = rows_duplicate + \(outcome.duplicate), rows_rejected = rows_rejected + \(outcome.rejected),
                tm_end = clock_timestamp()
            WHERE uuid = \(upload.uuid) AND status < 3 RETURNING \(unescaped: Upload.columnList)
            """,
            in: transaction
        )
        try await transaction.script("DROP TABLE \(upload.stagingTable)")
        return closed
    }

    /// Keeps the list from being deleted until the transaction ends.
    ///
    /// - Parameter strength: `KEY SHARE`, beside which the list can be changed, or `SHARE`.
    /// - Returns: The list's order.
    private static func arrangement(
        of upload: Upload, for strength: String = "KEY SHARE", in transaction: Database.Transaction
    ) async throws(StoreError) -> ListArrangement {
        let rows = try await transaction.query(
            """
            SELECT dial_order, order_seed FROM dial_list_master
            WHERE uuid = \(upload.options.dlma) AND in_use FOR \(unescaped: strength)
            """
        )
        guard let row = rows.first else { throw .notFound(.dlma, upload.options.dlma) }
        return try Database.decoding { () throws(PostgresError) in try ListArrangement(row: row) }
    }

    /// Has the list rearranged when its order was changed while the rows were moved: whoever changed it could not see them. After
    /// this nobody changes it before the rows are there.
    private static func settle(
        _ upload: Upload, _ arrangement: ListArrangement, in transaction: Database.Transaction
    ) async throws(StoreError) {
        guard try await Self.arrangement(of: upload, for: "SHARE", in: transaction) != arrangement else { return }
        try await transaction.query("SELECT request_rearrangement(\(upload.options.dlma))")
    }

    private static func pages(of upload: Upload, in transaction: Database.Transaction) async throws(StoreError) -> Int {
        let rows = try await transaction.query(Self.pageCount(upload))
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
    }

    private static func pageCount(_ upload: Upload) -> PostgresQuery {
        """
        SELECT (pg_relation_size(\(upload.stagingTable)::text::regclass) / current_setting('block_size')::integer)::integer
        """
    }

    private static func insertPiece(
        of upload: Upload, from page: Int, _ arrangement: ListArrangement, in transaction: Database.Transaction
    ) async throws(StoreError) -> Int {
        try await transaction.execute(
            """
            INSERT INTO dial_list_entry (
                uuid, dlma_uuid, name, detail, ukey, email, resv_target, variables, number_1, number_2, number_3, number_4,
                number_5, number_6, number_7, number_8, number_originals, priority,
                uses_priority, rank
            )
            SELECT s.uuid, \(upload.options.dlma), s.name, s.detail, s.ukey, s.email, s.resv_target, s.variables::json,
                s.number_1, s.number_2, s.number_3, s.number_4, s.number_5, s.number_6, s.number_7, s.number_8,
                s.number_originals::json, coalesce(s.priority, 0), \(arrangement.order == ContactOrder.priority.rawValue),
                contact_rank(\(arrangement.order)::text, \(arrangement.seed)::integer, s.uuid)
            FROM \(unescaped: upload.stagingTable) s
            WHERE s.ctid >= \("(\(page),0)")::text::tid AND s.ctid < \("(\(page + Self.pagesInAPiece),0)")::text::tid
                AND s.verdict = 0
            """
        )
    }

    // MARK: Contacts that are there already

    private static let contactsInAPiece = 1_000
    /// How long a contact may be locked by others before its row counts as not applied.
    private static let patience = 200

    private func updateContacts(of upload: Upload) async throws(StoreError) -> Int {
        let rows = try await self.database.query(Self.pageCount(upload))
        let pages = try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
        var updated = 0
        // Pages hold at most some two hundred rows each.
        for first in stride(from: 0, to: pages, by: Self.contactsInAPiece / 200) {
            var waits = 0
            while true {
                let piece = try await self.updatePiece(of: upload, from: first)
                updated += piece.changed
                guard piece.left > 0, waits < Self.patience else { break }
                waits += 1
                if piece.changed == 0 { await self.pause() }
            }
            try await self.database.execute("UPDATE upload SET rows_updated = \(updated) WHERE uuid = \(upload.uuid)")
        }
        return updated
    }

    /// Somebody holds the contacts for the moment of a claim or a result.
    private func pause() async {
        try? await Task.sleep(for: .milliseconds(20))
    }

    /// Changes the contacts of some pages' rows, those others have locked left out: nobody waits for anybody.
    ///
    /// What is given replaces what was there; the contact's tries, status and call stay as they are.
    private func updatePiece(of upload: Upload, from page: Int) async throws(StoreError) -> (changed: Int, left: Int) {
        let numbers = NumberSlots<Int>.indexes.map { "number_\($0) = coalesce(d.number_\($0), e.number_\($0))" }
        let given = NumberSlots<Int>.indexes.map { "CASE WHEN d.number_\($0) IS NOT NULL THEN '\($0)' END" }
        let change: PostgresQuery =
            """
            WITH wanted AS MATERIALIZED (
                SELECT s.*, s.ctid AS place FROM \(unescaped: upload.stagingTable) s
                WHERE s.ctid >= \("(\(page),0)")::text::tid AND s.ctid < \("(\(page + Self.contactsInAPiece / 200),0)")::text::tid
                    AND s.verdict = \(StagedVerdict.update.rawValue)
            ), held AS MATERIALIZED (
                SELECT e.uuid FROM dial_list_entry e WHERE e.uuid = ANY (ARRAY(SELECT w.entry FROM wanted w))
                FOR NO KEY UPDATE SKIP LOCKED
            ), due AS MATERIALIZED (
                SELECT w.* FROM wanted w JOIN held h ON h.uuid = w.entry
            ), changed AS (
                UPDATE dial_list_entry e SET
                    name = coalesce(d.name, e.name), detail = coalesce(d.detail, e.detail), ukey = coalesce(d.ukey, e.ukey),
                    email = coalesce(d.email, e.email), variables = coalesce(d.variables::json, e.variables),
                    priority = coalesce(d.priority, e.priority),
                    \(unescaped: numbers.joined(separator: ", ")),
                    number_originals = nullif(
                        (coalesce(e.number_originals::jsonb, '{}') - array_remove(ARRAY[\(unescaped: given.joined(separator: ", "))], NULL))
                            || coalesce(d.number_originals::jsonb, '{}'), '{}')::json,
                    tm_update = clock_timestamp()
                FROM due d WHERE e.uuid = d.entry AND e.in_use
                RETURNING e.uuid
            ), marked AS (
                UPDATE \(unescaped: upload.stagingTable) s SET verdict = \(StagedVerdict.updated.rawValue)
                FROM due d WHERE s.ctid = d.place
            )
            SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM wanted) - (SELECT count(*) FROM due)
            """
        let rows = try await self.database.transaction { transaction throws(StoreError) in
            // The planner knows nothing of a staging table, and must not scan the list on a guess.
            try await transaction.query(
                """
                SELECT set_config(name, 'off', true)
                FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) AS name
                """
            )
            return try await transaction.query(change)
        }
        return try Database.decoding { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.decode((Int, Int).self) } ?? (0, 0)
        }
    }
}
