import DialerModel
import PostgresClient

extension UploadRepository {
    /// Marks the rows of a staging table that are no new contacts.
    ///
    /// The sum in the order keeps the planner from walking a list in the order of its contacts until one fits.
    ///
    /// In scripts, for a long file may take longer than any statement should; what they need is bound to settings of the
    /// transaction.
    static func findDuplicates(
        of upload: Upload, _ rule: DuplicateRule, in transaction: Database.Transaction
    ) async throws(StoreError) {
        try await transaction.execute("SELECT set_config('outpace.dlma', \(upload.options.dlma.wire), true)")
        let table = upload.stagingTable
        let key = Self.key(rule.key, of: "s")
        // The row that stays is the first one; when rows change what is there, the last word counts.
        let order = rule.action == .update ? "DESC" : "ASC"
        try await transaction.script(
            """
            SET LOCAL work_mem = '64MB';
            UPDATE \(table) s SET verdict = \(StagedVerdict.duplicate.rawValue), kept_line = d.kept
            FROM (
                SELECT s.uuid, first_value(s.line) OVER w AS kept, row_number() OVER w AS place
                FROM \(table) s WHERE \(key) IS NOT NULL
                WINDOW w AS (PARTITION BY \(key) ORDER BY s.line \(order))
            ) AS d
            WHERE d.place > 1 AND s.uuid = d.uuid
            """
        )
        guard rule.scope != .file else { return }
        let verdict: StagedVerdict = rule.action == .update ? .update : .duplicate
        try await transaction.script(
            """
            SET LOCAL enable_seqscan = off;
            SET LOCAL enable_bitmapscan = off;
            UPDATE \(table) s SET verdict = \(verdict.rawValue), entry = m.entry
            FROM (
                SELECT s.uuid, (
                    SELECT e.uuid FROM dial_list_entry e
                    WHERE \(Self.match(rule.key)) AND e.in_use AND \(Self.place(rule.scope))
                    ORDER BY e.seq + 0 LIMIT 1
                ) AS entry
                FROM \(table) s WHERE s.verdict = \(StagedVerdict.insert.rawValue) AND \(key) IS NOT NULL
            ) AS m
            WHERE m.entry IS NOT NULL AND s.uuid = m.uuid;
            SET LOCAL enable_seqscan = on;
            SET LOCAL enable_bitmapscan = on;
            """
        )
    }

    private static func key(_ key: DuplicateRule.Key, of row: String) -> String {
        switch key {
        case .ukey: return "\(row).ukey"
        case .number:
            let numbers = NumberSlots<Int>.indexes.map { "\(row).number_\($0)" }.joined(separator: ", ")
            return "(coalesce(\(numbers)) COLLATE \"C\")"
        }
    }

    /// As the indexes have it.
    private static func match(_ key: DuplicateRule.Key) -> String {
        switch key {
        case .ukey:
            "hashtextextended(e.ukey, 0) = hashtextextended(s.ukey, 0) AND e.ukey IS NOT NULL AND e.ukey = s.ukey"
        case .number: "\(Self.key(.number, of: "e")) = \(Self.key(.number, of: "s"))"
        }
    }

    private static func place(_ scope: DuplicateRule.Scope) -> String {
        switch scope {
        case .file, .list: "e.dlma_uuid = current_setting('outpace.dlma')::uuid"
        case .all: "EXISTS (SELECT FROM dial_list_master l WHERE l.uuid = e.dlma_uuid AND l.in_use)"
        }
    }

    /// Counts what was found; where duplicates are faults their rows are refused.
    static func takeDuplicates(
        of upload: Upload, _ rule: DuplicateRule, in transaction: Database.Transaction
    ) async throws(StoreError) -> Int {
        let count = try await transaction.query(
            "SELECT count(*) FROM \(unescaped: upload.stagingTable) WHERE verdict = \(StagedVerdict.duplicate.rawValue)"
        )
        let found = try Database.decoding { () throws(PostgresError) in try count.first?.decode(Int.self, at: 0) ?? 0 }
        if rule.action == .error, found > 0 { try await Self.refuseDuplicates(of: upload, rule, in: transaction) }
        return found
    }

    private static func refuseDuplicates(
        of upload: Upload, _ rule: DuplicateRule, in transaction: Database.Transaction
    ) async throws(StoreError) {
        let field = rule.key == .ukey ? "ukey" : "number"
        try await transaction.execute(
            """
            INSERT INTO upload_reject (upload, line, field, reason, excerpt)
            SELECT \(upload.uuid), s.line, \(field)::text,
                CASE WHEN s.entry IS NULL THEN 'line ' || s.kept_line || ' has the same ' || \(field)::text
                    ELSE 'the contact ' || s.entry || ' has the same ' || \(field)::text END,
                concat_ws(',', s.name, s.ukey, s.number_1, s.number_2)
            FROM \(unescaped: upload.stagingTable) s
            WHERE s.verdict = \(StagedVerdict.duplicate.rawValue)
            ORDER BY s.line LIMIT \(max(0, Self.keptRejects - upload.counts.rejected))
            """
        )
    }
}
