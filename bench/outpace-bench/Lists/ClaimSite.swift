import DialerModel
import DialerStore
import Foundation
import PostgresClient

/// A campaign with a list of which nine tenths are finished: answered, out of tries, deleted, or waiting for their next try.
struct ClaimSite {
    private let store: DialerStore
    private let campaign: Campaign
    /// Moves on with each claim, so that those who were called fall due again.
    private var now = Timestamp(microseconds: 1_800_000_000_000_000)

    /// Makes it all.
    init(_ store: DialerStore, _ client: PostgresClient, rows: Int) async throws {
        self.store = store
        var plan = Plan(blank: UUID())
        plan.techName = "Local"
        plan.retryDelay = 60
        plan.maxTries[1] = 60
        plan = try await store.plans.create(plan)
        var destination = Destination(uuid: UUID())
        destination.kind = .application
        destination.application = "Queue"
        destination.data = "sales"
        destination = try await store.destinations.create(destination)
        let dlma = try await store.dlmas.create(DialListMaster(uuid: UUID()))
        var campaign = Campaign(uuid: UUID())
        campaign.plan = plan.uuid
        campaign.destination = destination.uuid
        campaign.dlma = dlma.uuid
        campaign.status = .start
        self.campaign = try await store.campaigns.create(campaign)
        // In pieces: a single transaction of ten million rows would need their space twice.
        for first in stride(from: 1, through: rows, by: 500_000) {
            try await client.withConnection { connection in
                try await connection.script(
                    """
                    SET statement_timeout = 0;
                    INSERT INTO dial_list_entry (
                        uuid, dlma_uuid, number_1, name, res_dial, trycnt_1, in_use, tm_last_hangup
                    )
                    SELECT gen_random_uuid(), '\(dlma.uuid.wire)', (10000000 + i)::text, 'Contact ' || i,
                        CASE WHEN i % 10 < 5 THEN 4 WHEN i % 10 = 9 THEN 0 ELSE 3 END,
                        CASE WHEN i % 10 < 7 THEN 60 WHEN i % 10 = 9 THEN 0 ELSE 1 END,
                        i % 10 <> 7,
                        CASE WHEN i % 10 = 8 THEN timestamptz '2027-01-16' WHEN i % 10 = 9 THEN NULL ELSE '2027-01-01' END
                    FROM generate_series(\(first), \(min(rows, first + 499_999))) i;
                    RESET statement_timeout
                    """
                )
            }
        }
    }

    /// Claims, and ends the calls as unanswered.
    ///
    /// - Returns: Milliseconds the claim took.
    mutating func claim(_ count: Int) async throws -> Double {
        guard let request = ClaimRequest(campaign: self.campaign, count: count, pbx: "pbx1", now: self.now) else {
            throw Shortage(found: 0)
        }
        let clock = ContinuousClock()
        let begin = clock.now
        let dialings = try await self.store.claims.claim(request).dialings
        let time = (clock.now - begin) / .milliseconds(1)
        guard dialings.count == count else { throw Shortage(found: dialings.count) }
        self.now = self.now + .seconds(4)
        let now = self.now
        _ = try await self.store.results.finish(
            dialings.map { dialing in
                var result = DialingResult(dialing: dialing.uuid, status: .responseFailed, endedAt: now)
                result.dialResult = 3
                result.hangupCause = 19
                return FinishedDialing(
                    dialing: dialing, result: result, line: ResultLine(dialing: dialing, result: result).bytes)
            })
        return time
    }

    /// There was not enough to claim.
    struct Shortage: Error, CustomStringConvertible {
        var found: Int

        var description: String { "a claim found only \(self.found) contacts" }
    }
}
