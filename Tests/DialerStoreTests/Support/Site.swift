import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport

/// A migrated database with a store on it, and a started campaign with all its parts.
struct Site: Sendable {
    let client: PostgresClient
    let store: DialerStore
    let plan: Plan
    let destination: Destination
    let dlma: DialListMaster
    let campaign: Campaign

    /// An instant well after anything a test's contacts have seen.
    static let start = Timestamp(microseconds: 1_800_000_000_000_000)

    /// Runs `body` on a fresh site.
    ///
    /// - Parameter plan: Changes the plan before it is stored.
    static func with(
        maximumConnections: Int = 8,
        plan change: (inout Plan) -> Void = { _ in },
        _ body: (Site) async throws -> Void
    ) async throws {
        let database = try await TestDatabase.create()
        try await database.withClient(maximumConnections: maximumConnections) { client in
            try await body(try await Site(client: client, plan: change))
        }
    }

    init(client: PostgresClient, plan change: (inout Plan) -> Void = { _ in }) async throws {
        self.client = client
        self.store = DialerStore(client: client, logger: TestDatabase.logger)
        try await self.store.migrate()
        var plan = Plan(blank: UUID())
        plan.techName = "Local"
        change(&plan)
        self.plan = try await self.store.plans.create(plan)
        var destination = Destination(uuid: UUID())
        destination.kind = .application
        destination.application = "Queue"
        destination.data = "sales"
        self.destination = try await self.store.destinations.create(destination)
        self.dlma = try await self.store.dlmas.create(DialListMaster(uuid: UUID()))
        var campaign = Campaign(uuid: UUID())
        campaign.plan = self.plan.uuid
        campaign.destination = self.destination.uuid
        campaign.dlma = self.dlma.uuid
        campaign.status = .start
        self.campaign = try await self.store.campaigns.create(campaign)
    }

    func request(count: Int = 1, at seconds: Int = 0, campaign: Campaign? = nil) -> ClaimRequest {
        let campaign = campaign ?? self.campaign
        return ClaimRequest(
            campaign: campaign.uuid, plan: campaign.plan ?? UUID(), destination: campaign.destination ?? UUID(),
            lists: campaign.dialedLists, count: count, pbx: "pbx1", now: Self.start + .seconds(seconds)
        )
    }

    /// Claims at `seconds` after ``start``.
    func claim(_ count: Int = 1, at seconds: Int = 0, campaign: Campaign? = nil) async throws -> [Dialing] {
        try await self.store.claims.claim(self.request(count: count, at: seconds, campaign: campaign)).dialings
    }

    @discardableResult
    func addContact(_ numbers: String?...) async throws -> DialListEntry {
        var entry = DialListEntry(uuid: UUID(), dlma: self.dlma.uuid)
        for (index, number) in numbers.enumerated() { entry.numbers[index + 1] = number }
        return try await self.store.dls.create(entry)
    }

    /// Many contacts with one number each, in one statement.
    func addContacts(_ count: Int, to dlma: UUID? = nil) async throws {
        try await self.client.execute(
            """
            INSERT INTO dial_list_entry (uuid, dlma_uuid, number_1)
            SELECT gen_random_uuid(), \(dlma ?? self.dlma.uuid), (1000000 + i)::text FROM generate_series(1, \(count)) i
            """
        )
    }

    static func finished(
        _ dialing: Dialing,
        at seconds: Int,
        dialResult: Int = 3,
        line: String? = nil
    ) -> FinishedDialing {
        var result = DialingResult(
            dialing: dialing.uuid, status: dialResult == 4 ? .hangup : .responseFailed,
            endedAt: start + .seconds(seconds)
        )
        result.dialResult = dialResult
        result.hangupCause = 16
        return FinishedDialing(
            dialing: dialing, result: result, line: Array((line ?? "{\"uuid\":\"\(dialing.uuid.wire)\"}").utf8)
        )
    }

    @discardableResult
    func finish(_ dialings: [Dialing], at seconds: Int, dialResult: Int = 3) async throws -> Int {
        try await self.store.results.finish(
            dialings.map { Self.finished($0, at: seconds, dialResult: dialResult) }
        )
    }

    func integer(_ query: PostgresQuery) async throws -> Int {
        try await self.client.query(query)[0].decode(Int.self, at: 0)
    }
}
