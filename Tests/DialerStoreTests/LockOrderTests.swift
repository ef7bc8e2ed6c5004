import DialerModel
import DialerStore
import PostgresClient
import TestSupport
import Testing

import struct Foundation.UUID

/// Whoever locks several calls takes them in the order of their uuids: two that do it in different orders may wait for each other, and
/// PostgreSQL looks for such a pair only after a second.
@Suite struct LockOrderTests {
    enum Writer: CaseIterable, Sendable {
        case results
        case answers
        case anotherHolder
    }

    @Test("waiting for the first of many calls, a writer holds none of the others", arguments: Writer.allCases)
    func firstThingsFirst(_ writer: Writer) async throws {
        try await Site.with { site in
            try await site.addContacts(40)
            let engine = try await site.engine("engine")
            let fence = try #require(try await site.giveSales(to: engine))
            let calls = try await site.claim(40, fence: fence, engine: "engine").shuffled()
            #expect(calls.count == 40)
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await site.client.withTransaction { transaction in
                    try await transaction.execute("SELECT FROM dialing ORDER BY uuid LIMIT 1 FOR UPDATE")
                    group.addTask { try await self.write(writer, calls, engine, fence, on: site) }
                    let isWaiting = try await eventually(within: .seconds(25)) {
                        // Over a connection nothing else is sent over.
                        try await site.client.withTransaction { watcher in
                            try await watcher.query(
                                """
                                SELECT count(*) FROM pg_stat_activity
                                WHERE datname = current_database() AND wait_event_type = 'Lock'
                                """
                            )[0].decode(Int.self, at: 0) == 1
                        }
                    }
                    #expect(isWaiting)
                    // Fails at the first that is locked.
                    try await transaction.execute("SELECT FROM dialing FOR UPDATE NOWAIT")
                }
                try await group.waitForAll()
            }
            let done: PostgresQuery =
                switch writer {
                case .results: "SELECT count(*) FROM dialing_result"
                case .answers: "SELECT count(*) FROM dialing WHERE tm_answer IS NOT NULL"
                case .anotherHolder: "SELECT count(*) FROM dialing WHERE fence > \(fence)"
                }
            #expect(try await site.integer(done) == 40)
        }
    }

    private func write(
        _ writer: Writer, _ calls: [Dialing], _ engine: UUID, _ fence: Int64, on site: Site
    ) async throws {
        switch writer {
        case .results:
            _ = try await site.store.results.finish(
                calls.map { Site.finished($0, at: 1) }, by: LeaseHolder(engine: "engine", fences: [fence]))
        case .answers:
            try await site.store.dialings.noteAnswered(
                Dictionary(uniqueKeysWithValues: calls.map { ($0.uuid, Site.start) }))
        case .anotherHolder:
            try await site.silence(engine)
            _ = try await site.giveSales(to: try await site.engine("another"))
        }
    }
}
