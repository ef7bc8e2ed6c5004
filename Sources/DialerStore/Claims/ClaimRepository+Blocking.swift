import DialerModel
import PostgresClient

extension ClaimRepository {
    /// Holds numbers back that a claim met on the do-not-call list and writes their results, in one statement. Those another claim was
    /// quicker with, or that have left the list meanwhile, are passed over.
    ///
    /// - Returns: How many results were written.
    func block(_ picked: [PickedContact], for request: ClaimRequest) async throws(StoreError) -> Int {
        guard let first = picked.first else { return 0 }
        let now = request.now
        let dialings = picked.map(\.dialing)
        let results = dialings.map { DialingResult.blocked($0, now: now) }
        let lines = zip(dialings, results).map { ResultLine(dialing: $0, result: $1).bytes }
        let rows = try await self.database.query(
            """
            SELECT block_numbers(
                write_for(\(first.dialing.campaign), \(optional: request.lease?.engine)::text), \(first.dialing.plan),
                \(first.dialing.destination),
                \(PostgresTimestamp(now)), \(DialingStatus.blocked.rawValue)::integer,
                \(optional: results[0].dialResultDetail)::text, \(dialings.map(\.dlma)), \(picked.map(\.snapshot))::bigint[],
                \(dialings.map(\.uuid)), \(dialings.map(\.entry)),
                \(dialings.map(\.dialIndex))::smallint[], \(dialings.map(\.dialAddress))::text[],
                \(lines.map { String(decoding: $0, as: UTF8.self) })::text[]
            )
            """
        )
        return try Database.decoding { () throws(PostgresError) in try rows.first?.decode(Int.self, at: 0) ?? 0 }
    }
}
