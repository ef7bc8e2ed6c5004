import PostgresClient

extension DialerStore {
    /// Runs `body` as the only engine of this name on this database, by an advisory lock that a connection of its own holds meanwhile.
    ///
    /// A lock of a service that was killed a moment ago goes with its connections, so a busy lock is tried again for a while.
    ///
    /// - Parameters:
    ///   - name: The engine's.
    ///   - patience: How long to try.
    /// - Throws: ``OtherEngineError`` when another service has the name, and whatever `body` throws.
    @discardableResult
    package func asOnlyEngine<Result: Sendable>(
        named name: String = "outpace",
        patience: Duration = .seconds(10),
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await self.database.client.withConnection { connection in
            let end = ContinuousClock.now + patience
            while true {
                let rows = try await connection.query(
                    "SELECT pg_try_advisory_lock(hashtextextended(\(name), \(Self.engineLock)))")
                if try rows.first?.decode(Bool.self, at: 0) == true { break }
                guard ContinuousClock.now < end else { throw OtherEngineError(name: name) }
                try await Task.sleep(for: .milliseconds(250))
            }
            return try await body()
        }
    }

    /// Any number: keeps the names' locks apart from others.
    private static let engineLock: Int64 = 0x6f75_7470_6163_6501
}
