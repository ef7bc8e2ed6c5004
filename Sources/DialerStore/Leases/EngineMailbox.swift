import PostgresClient

import struct Foundation.UUID

/// Short texts from engine to engine, as PostgreSQL's notifications: whoever does not listen does not get them, then or later.
package struct EngineMailbox: Sendable {
    /// The longest text, in bytes of UTF-8: a notification has to be shorter than 8,000 bytes.
    package static let longestText = 7_900

    let database: Database

    /// Sends a text to a start of an engine; costs nobody else anything.
    ///
    /// - Throws: ``StoreError/unavailable(_:)``; ``StoreError/database(_:)`` for a text longer than ``longestText``.
    package func send(_ text: String, to engine: UUID) async throws(StoreError) {
        try await self.database.execute("SELECT pg_notify(\(Self.channel(of: engine)), \(text))")
    }

    /// What an engine hears.
    package enum Delivery: Sendable, Hashable {
        /// What is sent from now on is delivered; texts before may be missing.
        case open
        case text(String)
    }

    /// What is sent to an engine from now on; what comes while the connection is lost is missing. Lasts until it is dropped or the client
    /// is closed, and has one reader.
    package func deliveries(to engine: UUID) -> AsyncStream<Delivery> {
        let notifications = self.database.client.listen(Self.channel(of: engine))
        return AsyncStream {
            for await notification in notifications {
                switch notification {
                case .listening, .reconnected: return .open
                case .message(_, let text, _): return .text(text)
                }
            }
            return nil
        }
    }

    private static func channel(of engine: UUID) -> String { "outpace_engine_\(engine.uuidString.lowercased())" }
}
