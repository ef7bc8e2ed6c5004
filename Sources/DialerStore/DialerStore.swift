import DialerModel
import Logging
import PostgresClient

/// Everything the dialer keeps, in PostgreSQL: resources, calls in progress, results.
///
/// The client's `run()` has to run for ``CampaignRepository/changes()``; everything else works without.
package struct DialerStore: Sendable {
    package let plans: PlanRepository
    package let destinations: DestinationRepository
    package let dlmas: DialListMasterRepository
    package let dls: DialListEntryRepository
    package let campaigns: CampaignRepository
    package let dialings: DialingRepository
    package let claims: ClaimRepository
    package let results: ResultRepository
    package let uploads: UploadRepository
    package let exports: ExportRepository
    package let doNotCall: DoNotCallRepository
    package let listCounts: ListCountRepository
    package let listJobs: ListJobRepository
    package let leases: LeaseRepository
    package let mailbox: EngineMailbox

    let database: Database

    /// - Parameters:
    ///   - engine: The name of the engine whose store it is.
    ///   - defaultTechName: The channel technology of plans that name none.
    package init(
        client: PostgresClient, logger: Logger, engine: String = "outpace",
        defaultTechName: String = Plan.defaultTechName
    ) {
        let database = Database(client: client, logger: logger)
        let maker = DialingMaker(snapshots: SnapshotCache(), defaultTechName: defaultTechName)
        self.database = database
        self.plans = PlanRepository(database: database)
        self.destinations = DestinationRepository(database: database)
        self.dlmas = DialListMasterRepository(database: database)
        self.dls = DialListEntryRepository(database: database)
        self.campaigns = CampaignRepository(database: database)
        self.dialings = DialingRepository(database: database, maker: maker)
        self.claims = ClaimRepository(database: database, maker: maker)
        self.results = ResultRepository(database: database)
        self.uploads = UploadRepository(database: database, engine: engine)
        self.exports = ExportRepository(database: database)
        self.doNotCall = DoNotCallRepository(database: database)
        self.listCounts = ListCountRepository(database: database)
        self.listJobs = ListJobRepository(database: database)
        self.leases = LeaseRepository(database: database)
        self.mailbox = EngineMailbox(database: database)
    }

    /// Brings the schema up to date; does nothing when it is. Safe to call from several programs at once.
    ///
    /// - Throws: ``StoreError/newerSchema(found:known:)`` for a database of a newer program,
    ///   ``StoreError/incompatibleSchema(_:)`` for one that does not belong to this program.
    package func migrate() async throws(StoreError) {
        try await self.migrate(Migration.embedded)
    }

    func migrate(_ migrations: [Migration]) async throws(StoreError) {
        try await MigrationRunner(database: self.database, migrations: migrations).run()
    }

    /// Whether the database answers.
    package func ping() async throws(StoreError) {
        try await self.database.query("SELECT 1")
    }
}
