import DialerModel
import PostgresClient

import struct Foundation.UUID

/// The statements every kind of resource needs, made once from its columns.
struct ResourceTable<R: StoredResource>: Sendable {
    let database: Database
    private let columnList = R.columnList()

    init(database: Database) {
        self.database = database
    }

    // MARK: Reading

    func find(_ uuid: UUID) async throws(StoreError) -> R? {
        let rows = try await self.database.query(
            "SELECT \(unescaped: self.columnList) FROM \(unescaped: R.table) WHERE uuid = \(uuid) AND \(unescaped: R.isThere)"
        )
        return try self.first(rows)
    }

    func page(_ request: PageRequest) async throws(StoreError) -> Page<R> {
        let after = request.cursor?.sequence ?? 0
        let rows = try await self.database.query(
            """
            SELECT seq, \(unescaped: self.columnList) FROM \(unescaped: R.table)
            WHERE in_use AND seq > \(after)
            ORDER BY seq LIMIT \(request.boundedLimit + 1)
            """
        )
        return try self.page(rows, limit: request.boundedLimit)
    }

    /// Makes a page of rows that begin with `seq`.
    func page(_ rows: PostgresRows, limit: Int) throws(StoreError) -> Page<R> {
        try Database.decoding { () throws(PostgresError) in
            var items: [(item: R, sequence: Int64)] = []
            items.reserveCapacity(rows.count)
            for row in rows {
                items.append((try R(row: row, from: 1), try row.decode(Int64.self, at: 0)))
            }
            return Page(items, limit: limit)
        }
    }

    func first(_ rows: PostgresRows) throws(StoreError) -> R? {
        guard let row = rows.first else { return nil }
        return try Database.decoding { () throws(PostgresError) in try R(row: row) }
    }

    /// The resource, its row locked until the transaction ends.
    ///
    /// - Parameter strength: `NO KEY UPDATE` for a change; `UPDATE` for a deletion, which must wait for everybody who is about to
    ///   refer to the row, and make them wait.
    func lock(_ uuid: UUID, for strength: String, in transaction: Database.Transaction) async throws(StoreError) -> R {
        let rows = try await transaction.query(
            """
            SELECT \(unescaped: self.columnList) FROM \(unescaped: R.table)
            WHERE uuid = \(uuid) AND \(unescaped: R.isThere) FOR \(unescaped: strength)
            """
        )
        guard let resource = try self.first(rows) else { throw .notFound(R.kind, uuid) }
        return resource
    }

    // MARK: Writing

    /// `INSERT … RETURNING`. A resource that does not say when it was created is created now.
    func insertion(_ resource: R) throws(StoreError) -> PostgresQuery {
        var query = PostgresQuery.StringInterpolation(literalCapacity: 1500, interpolationCount: R.columns.count)
        query.appendLiteral("INSERT INTO \(R.table) (\(self.columnList)) VALUES (")
        try self.appendValues(of: resource, to: &query)
        query.appendLiteral(") RETURNING \(self.columnList)")
        return PostgresQuery(stringInterpolation: query)
    }

    private func appendValues(of resource: R, to query: inout PostgresQuery.StringInterpolation) throws(StoreError) {
        for (index, column) in R.columns.enumerated() {
            if index > 0 { query.appendLiteral(", ") }
            if column.name == "tm_create" {
                query.appendLiteral("coalesce(")
                try column.bind(resource, &query)
                query.appendLiteral(", clock_timestamp())")
            } else {
                try column.bind(resource, &query)
            }
        }
    }

    /// Writes every column of a changed resource; `tm_update` becomes now unless the change has set it.
    ///
    /// - Parameter extra: More assignments, each with a comma before it.
    func rewriting(_ resource: R, before: R, extra: String = "") throws(StoreError) -> PostgresQuery {
        var query = PostgresQuery.StringInterpolation(literalCapacity: 2000, interpolationCount: R.columns.count + 1)
        query.appendLiteral("UPDATE \(R.table) SET ")
        var isFirst = true
        for column in R.columns where column.name != "uuid" && column.name != "tm_create" {
            if !isFirst { query.appendLiteral(", ") }
            isFirst = false
            query.appendLiteral("\(column.name) = ")
            if column.name == "tm_update", resource.updatedAt == before.updatedAt {
                query.appendLiteral("clock_timestamp()")
            } else {
                try column.bind(resource, &query)
            }
        }
        query.appendLiteral("\(extra) WHERE uuid = ")
        query.appendInterpolation(before.uuid)
        query.appendLiteral(" RETURNING \(self.columnList)")
        return PostgresQuery(stringInterpolation: query)
    }

    /// Takes the resource out of use.
    func deletion(_ uuid: UUID, extra: String = "") -> PostgresQuery {
        """
        UPDATE \(unescaped: R.table) SET in_use = false, tm_delete = clock_timestamp()\(unescaped: extra)
        WHERE uuid = \(uuid) AND \(unescaped: R.isThere) RETURNING \(unescaped: self.columnList)
        """
    }

    /// What a change may not touch stays as it was: who it is, whether it is in use, when it was made and deleted.
    func changed(
        _ before: R,
        by change: (inout R) throws(ValidationError) -> Void
    ) throws(StoreError) -> R {
        var after = before
        do throws(ValidationError) {
            try change(&after)
        } catch {
            throw .invalid(error)
        }
        after.uuid = before.uuid
        after.inUse = before.inUse
        after.createdAt = before.createdAt
        after.deletedAt = before.deletedAt
        return after
    }

    /// Runs a statement that answers with the one row it wrote.
    func written(_ query: PostgresQuery, in transaction: Database.Transaction) async throws(StoreError) -> R {
        guard let resource = try self.first(try await transaction.query(query)) else {
            throw .database(PostgresError(.unexpectedResult, "a statement that writes a row answered with none"))
        }
        return resource
    }

    func create(_ resource: R) async throws(StoreError) -> R {
        guard let created = try self.first(try await self.database.query(try self.insertion(resource))) else {
            throw .database(PostgresError(.unexpectedResult, "a statement that writes a row answered with none"))
        }
        return created
    }

    /// Reads the row under a lock, changes it and writes it back, so that of two changes at once neither undoes the other.
    func update(
        _ uuid: UUID,
        _ change: @Sendable (inout R) throws(ValidationError) -> Void
    ) async throws(StoreError) -> R {
        try await self.database.transaction { transaction throws(StoreError) in
            let before = try await self.lock(uuid, for: "NO KEY UPDATE", in: transaction)
            let after = try self.changed(before, by: change)
            return try await self.written(try self.rewriting(after, before: before), in: transaction)
        }
    }
}
