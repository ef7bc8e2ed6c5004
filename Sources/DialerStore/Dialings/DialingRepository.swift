import DialerModel
import PostgresClient

import struct Foundation.UUID

/// The calls in progress. Every call may throw ``StoreError/unavailable(_:)``.
package struct DialingRepository: Sendable {
    private let database: Database
    private let maker: DialingMaker

    init(database: Database, maker: DialingMaker) {
        self.database = database
        self.maker = maker
    }

    /// The dialing, while it is open.
    package func find(_ uuid: UUID) async throws(StoreError) -> Dialing? {
        try await self.read("WHERE d.uuid = \(uuid)").first?.item
    }

    /// Open dialings, in the order they were claimed.
    package func page(_ request: PageRequest) async throws(StoreError) -> Page<Dialing> {
        let limit = request.boundedLimit
        let rows = try await self.read(
            "WHERE d.seq > \(request.cursor?.sequence ?? 0) ORDER BY d.seq LIMIT \(limit + 1)"
        )
        return Page(rows, limit: limit)
    }

    /// Every open dialing with its snapshot: what an engine has to take care of after a restart.
    package func open() async throws(StoreError) -> [Dialing] {
        try await self.read("ORDER BY d.seq").map(\.item)
    }

    /// The open dialings under some leases.
    package func open(fences: [Int64]) async throws(StoreError) -> [Dialing] {
        try await self.read("WHERE d.fence = ANY (\(fences)) ORDER BY d.seq").map(\.item)
    }

    /// The open dialings of one campaign.
    package func open(campaign: UUID) async throws(StoreError) -> [Dialing] {
        try await self.read("WHERE d.campaign = \(campaign) ORDER BY d.seq").map(\.item)
    }

    /// How many dialings of a campaign are open.
    package func openCount(campaign: UUID) async throws(StoreError) -> Int {
        let rows = try await self.database.query("SELECT count(*) FROM dialing WHERE campaign = \(campaign)")
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
    }

    /// Notes when customers answered, for whoever takes the calls over after a crash; those that have ended by now are passed over.
    package func noteAnswered(_ answers: [UUID: Timestamp]) async throws(StoreError) {
        guard !answers.isEmpty else { return }
        let pairs = Array(answers)
        // Locked in the order in which results lock them: in another one the two might wait for each other.
        try await self.database.execute(
            """
            WITH held AS MATERIALIZED (
                SELECT d.uuid, a.answered
                FROM unnest(\(pairs.map(\.key)), \(pairs.map(\.value.microseconds))::bigint[]) AS a (dialing, answered)
                JOIN dialing d ON d.uuid = a.dialing
                ORDER BY d.uuid FOR UPDATE OF d
            )
            UPDATE dialing d SET tm_answer = timestamptz 'epoch' + h.answered * interval '1 microsecond'
            FROM held h WHERE d.uuid = h.uuid
            """
        )
    }

    private func read(_ condition: Condition) async throws(StoreError) -> [(item: Dialing, sequence: Int64)] {
        let rows = try await self.database.query(condition.query)
        return try Database.decoding { () throws(PostgresError) in
            var dialings: [(item: Dialing, sequence: Int64)] = []
            for row in rows { dialings.append((try self.dialing(row), try row.decode(Int64.self, at: 0))) }
            return dialings
        }
    }

    private func dialing(_ row: PostgresRow) throws(PostgresError) -> Dialing {
        let id = try row.decode(Int64.self, at: 1)
        let resources =
            if let known = self.maker.snapshots.resources(id) { known } else {
                try SnapshotCache.Resources(row: row, from: 6)
            }
        var dialing = try self.maker.dialing(
            uuid: try row.decode(UUID.self, at: 2),
            number: try row.decode(Int.self, at: 3),
            pbx: try row.decode(String?.self, at: 4),
            now: Timestamp(try row.decode(PostgresTimestamp.self, at: 5)),
            resources: resources,
            entry: try row.decodeResource(at: 10)
        )
        dialing.answeredAt = try row.decode(PostgresTimestamp?.self, at: 11).map { Timestamp($0) }
        dialing.fence = try row.decode(Int64.self, at: 12)
        return dialing
    }

    /// What follows the columns in a query: written as a literal, its interpolations become parameters.
    private struct Condition: ExpressibleByStringInterpolation {
        let query: PostgresQuery

        private static let columns = """
            SELECT d.seq, d.snapshot, d.uuid, d.dial_index, d.pbx, d.tm_create, s.campaign, s.plan, s.destination, s.dlma,
                d.entry_snapshot, d.tm_answer, d.fence
            FROM dialing d JOIN call_snapshot s ON s.id = d.snapshot
            """

        init(stringLiteral value: String) {
            self.query = PostgresQuery(unescaped: "\(Self.columns)\n\(value)")
        }

        init(stringInterpolation: Interpolation) {
            self.query = PostgresQuery(stringInterpolation: stringInterpolation.query)
        }

        struct Interpolation: StringInterpolationProtocol {
            var query: PostgresQuery.StringInterpolation

            init(literalCapacity: Int, interpolationCount: Int) {
                self.query = .init(literalCapacity: literalCapacity + 300, interpolationCount: interpolationCount)
                self.query.appendLiteral("\(Condition.columns)\n")
            }

            mutating func appendLiteral(_ literal: String) { self.query.appendLiteral(literal) }
            mutating func appendInterpolation(_ value: some PostgresEncodable) { self.query.appendInterpolation(value) }
        }

        typealias StringInterpolation = Interpolation
    }
}
