import Logging
import PostgresClient

/// The client, with its errors told in the store's words and lost races run again.
struct Database: Sendable {
    let client: PostgresClient
    let logger: Logger

    /// How often a transaction is begun before its losing a race counts as the database being unavailable.
    private static let attempts = 8

    /// Runs one statement. A statement on its own that lost a race changed nothing and is run again.
    @discardableResult
    func query(_ query: PostgresQuery) async throws(StoreError) -> PostgresRows {
        try await self.again { () throws(StoreError) in
            do throws(PostgresError) {
                return try await self.client.query(query)
            } catch {
                throw StoreError(error)
            }
        }
    }

    /// Runs one statement and returns how many rows it affected.
    @discardableResult
    func execute(_ query: PostgresQuery) async throws(StoreError) -> Int {
        try await self.query(query).affectedRows
    }

    /// Runs `body` in a transaction, from its start again when it lost a race with another.
    func transaction<Value: Sendable>(
        _ body: (Transaction) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await self.again { () throws(StoreError) in
            do {
                return try await self.client.withTransaction { transaction in
                    try await body(Transaction(transaction))
                }
            } catch let error as StoreError {
                throw error
            } catch let error as PostgresError {
                throw StoreError(error)
            } catch {
                throw StoreError(PostgresError(.cancelled, "\(error)"))
            }
        }
    }

    private func again<Value: Sendable>(
        _ work: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try await work()
            } catch {
                guard error.isLostRace, attempt < Self.attempts else { throw error }
                attempt += 1
                self.logger.debug("transaction lost a race, trying again", metadata: ["attempt": "\(attempt)"])
            }
        }
    }

    /// Reads values out of rows; what does not fit is a mistake of the program.
    static func decoding<Value>(_ read: () throws(PostgresError) -> Value) throws(StoreError) -> Value {
        do throws(PostgresError) {
            return try read()
        } catch {
            throw .database(error)
        }
    }

    /// A transaction in progress.
    struct Transaction {
        private let transaction: PostgresTransaction

        init(_ transaction: PostgresTransaction) {
            self.transaction = transaction
        }

        @discardableResult
        func query(_ query: PostgresQuery) async throws(StoreError) -> PostgresRows {
            do throws(PostgresError) {
                return try await self.transaction.query(query)
            } catch {
                throw StoreError(error)
            }
        }

        @discardableResult
        func execute(_ query: PostgresQuery) async throws(StoreError) -> Int {
            try await self.query(query).affectedRows
        }

        /// Copies rows in the text format of COPY.
        func copyIn(_ sql: String, _ rows: [UInt8]) async throws(StoreError) {
            do {
                try await self.transaction.copyIn(sql) { writer in
                    // In pieces, so that the driver's buffer does not take all of it once more.
                    for start in stride(from: 0, to: rows.count, by: 131_072) {
                        try await writer.write(rows[start..<min(start + 131_072, rows.count)])
                    }
                }
            } catch let error as PostgresError {
                throw StoreError(error)
            } catch {
                throw StoreError(PostgresError(.cancelled, "\(error)"))
            }
        }

        /// What a COPY to the client gives; nil when it is more than `maximumBytes`, and then the transaction can only be ended.
        func copyOut(_ sql: String, upTo maximumBytes: Int) async throws(StoreError) -> [[UInt8]]? {
            var pieces: [[UInt8]] = []
            var room = maximumBytes
            do throws(PostgresError) {
                for try await piece in self.transaction.copyOut(sql) {
                    guard piece.count <= room else { return nil }
                    room -= piece.count
                    pieces.append(piece)
                }
            } catch {
                throw StoreError(error)
            }
            return pieces
        }

        /// Runs a text of many statements, which must not end the transaction.
        func script(_ sql: String) async throws(StoreError) {
            do throws(PostgresError) {
                try await self.transaction.script(sql)
            } catch {
                throw StoreError(error)
            }
        }
    }
}
