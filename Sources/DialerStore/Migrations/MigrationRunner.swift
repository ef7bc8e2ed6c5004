import Logging
import PostgresClient

/// Brings a database's schema up to what this program knows.
struct MigrationRunner: Sendable {
    let database: Database
    let migrations: [Migration]

    /// Applies what is missing, one transaction a file. Programs that start at the same time wait for each other.
    ///
    /// - Throws: ``StoreError/newerSchema(found:known:)``, ``StoreError/incompatibleSchema(_:)``.
    func run() async throws(StoreError) {
        var checksums: [Int: String] = [:]
        while try await self.applyNext(&checksums) {}
    }

    /// Any number no other advisory lock of this database uses: "schema" in ASCII.
    private static let lock: Int64 = 0x73_6368_656D_61

    /// - Parameter checksums: This program's, by version; asked for when there are none.
    /// - Returns: false when nothing was missing.
    private func applyNext(_ checksums: inout [Int: String]) async throws(StoreError) -> Bool {
        let known = checksums
        let (found, isOver) = try await self.database.transaction { transaction throws(StoreError) in
            try await transaction.execute("SELECT pg_advisory_xact_lock(\(Self.lock))")
            try await Self.requireUnicode(transaction)
            try await transaction.script(Self.table)
            let checksums = known.isEmpty ? try await self.checksums(transaction) : known
            let applied = try await self.applied(transaction, checksums)
            try self.check(applied)
            guard let next = self.migrations.first(where: { applied[$0.version] == nil }) else {
                return (checksums, true)
            }
            try await transaction.script(next.sql)
            try await transaction.execute(
                """
                INSERT INTO schema_migration (version, name, checksum)
                VALUES (\(next.version), \(next.name), \(checksums[next.version]))
                """
            )
            self.database.logger.info(
                "schema migration applied", metadata: ["migration": "\(next.name)"]
            )
            return (checksums, false)
        }
        checksums = found
        return !isOver
    }

    private static let table = """
        SET LOCAL client_min_messages = warning;
        CREATE TABLE IF NOT EXISTS schema_migration (
            version integer PRIMARY KEY,
            name text NOT NULL,
            checksum text NOT NULL,
            tm_applied timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        """

    /// Names and numbers come in every script there is.
    private static func requireUnicode(_ transaction: Database.Transaction) async throws(StoreError) {
        let rows = try await transaction.query("SELECT current_setting('server_encoding')")
        let encoding = try Database.decoding { () throws(PostgresError) in try rows.first?.decode(String.self, at: 0) }
        guard encoding == "UTF8" else {
            throw .incompatibleSchema(
                "the database's encoding is \(encoding ?? "unknown"): create it with ENCODING 'UTF8' TEMPLATE template0"
            )
        }
    }

    /// The checksums of this program's migrations: many bytes to send for it, so it is done once.
    private func checksums(_ transaction: Database.Transaction) async throws(StoreError) -> [Int: String] {
        let rows = try await transaction.query(
            """
            SELECT k.version, md5(k.sql)
            FROM unnest(\(self.migrations.map(\.version))::integer[], \(self.migrations.map(\.sql))::text[]) AS k (version, sql)
            """
        )
        return try Database.decoding { () throws(PostgresError) in
            var checksums: [Int: String] = [:]
            for (version, checksum) in try rows.decode((Int, String).self) { checksums[version] = checksum }
            return checksums
        }
    }

    /// What was applied, by version.
    private func applied(
        _ transaction: Database.Transaction, _ checksums: [Int: String]
    ) async throws(StoreError) -> [Int: Applied] {
        let rows = try await transaction.query("SELECT version, name, checksum FROM schema_migration")
        return try Database.decoding { () throws(PostgresError) in
            var applied: [Int: Applied] = [:]
            for (version, name, checksum) in try rows.decode((Int, String, String).self) {
                applied[version] = Applied(name: name, isSame: checksums[version].map { $0 == checksum })
            }
            return applied
        }
    }

    private struct Applied {
        var name: String
        /// nil when this program has no such version.
        var isSame: Bool?
    }

    private func check(_ applied: [Int: Applied]) throws(StoreError) {
        let known = self.migrations.last?.version ?? 0
        if let found = applied.keys.max(), found > known { throw .newerSchema(found: found, known: known) }
        for (version, migration) in applied.sorted(by: { $0.key < $1.key }) {
            switch migration.isSame {
            case true: continue
            case false:
                throw .incompatibleSchema(
                    "migration \(migration.name) was applied to this database with another text: "
                        + "this program and the database do not belong together"
                )
            case nil:
                throw .incompatibleSchema(
                    "migration \(version) (\(migration.name)) was applied to this database, but this program has no such file"
                )
            }
        }
        let missing = self.migrations.first { applied[$0.version] == nil }
        if let missing, let found = applied.keys.max(), missing.version < found {
            throw .incompatibleSchema(
                "migration \(missing.name) comes before version \(found), which was applied already: "
                    + "this program and the database do not belong together"
            )
        }
    }
}
