import DialerModel
import DialerStore

import struct Foundation.UUID

/// What the engine needs of the store, and nothing else: so that a test can put faults between the two.
package protocol EngineStore: Sendable {
    /// Campaigns that are not at rest, or whose schedule is on.
    func campaignsNeedingEngine() async throws(StoreError) -> [CampaignState]
    /// Changes of campaigns, plans, destinations and lists, by this process or another.
    func campaignChanges() -> AsyncStream<ResourceChange>
    /// Compare and set: nil when the campaign was in none of `from`.
    func setStatus(
        of campaign: UUID, from: Set<CampaignStatus>, to status: CampaignStatus, note: CampaignEndNote?
    ) async throws(StoreError) -> Campaign?

    func plan(_ uuid: UUID) async throws(StoreError) -> Plan?
    func destination(_ uuid: UUID) async throws(StoreError) -> Destination?
    func dlma(_ uuid: UUID) async throws(StoreError) -> DialListMaster?

    /// Notes the start of an engine; see ``LeaseRepository``, for all that follows.
    func registerEngine(_ name: String, _ engine: UUID, lease: Duration) async throws(StoreError) -> Bool
    func formerFences(of name: String) async throws(StoreError) -> [Int64]
    func renewLeases(_ engine: UUID, lease: Duration) async throws(StoreError) -> [HeldLease]
    func leasePicture() async throws(StoreError) -> LeasePicture
    func endEngine(_ engine: UUID, heldUntil: Timestamp) async throws(StoreError) -> Bool
    func assignLeases(_ moves: [LeaseMove]) async throws(StoreError) -> Int
    func nameSuccessors(_ moves: [LeaseMove]) async throws(StoreError) -> Int
    func handOver(_ leases: [HeldLease]) async throws(StoreError) -> Set<String>
    func dropLeases(_ keys: [String], of engine: UUID) async throws(StoreError)
    func retireEngine(_ engine: UUID) async throws(StoreError)
    /// The engine that works for a campaign; nil when none does.
    func engine(ofCampaign campaign: UUID) async throws(StoreError) -> EngineIdentity?
    /// The engine that follows a call; nil when none does.
    func engine(ofDialing dialing: UUID) async throws(StoreError) -> EngineIdentity?
    /// See ``EngineMailbox``.
    func send(_ text: String, to engine: UUID) async throws(StoreError)
    func deliveries(to engine: UUID) -> AsyncStream<EngineMailbox.Delivery>

    func entry(_ uuid: UUID) async throws(StoreError) -> DialListEntry?
    /// A dialing without a result.
    func openDialing(_ uuid: UUID) async throws(StoreError) -> Dialing?
    /// Dialings without a result under some leases.
    func openDialings(fences: [Int64]) async throws(StoreError) -> [Dialing]
    /// Those of one campaign, under any lease.
    func openDialings(of campaign: UUID) async throws(StoreError) -> [Dialing]

    func claim(_ request: ClaimRequest) async throws(StoreError) -> Claim
    func outlook(campaign: UUID, plan: UUID, lists: [UUID]) async throws(StoreError) -> ListOutlook
    func reserve(_ request: ClaimRequest, target: String?, until: Timestamp) async throws(StoreError) -> Reservation
    func dialReserved(_ request: ClaimRequest, entry: UUID) async throws(StoreError) -> Claim
    func release(entry: UUID, campaign: UUID) async throws(StoreError) -> Bool
    func releaseExpired(now: Timestamp) async throws(StoreError) -> Int
    func releaseOrphans() async throws(StoreError) -> Int
    /// Takes numbers off the do-not-call list whose time there is over.
    func purgeDoNotCall(now: Timestamp) async throws(StoreError) -> Int
    /// Brings some contacts of lists whose order changed into it; false when there is nothing to do now.
    func rearrangeLists() async throws(StoreError) -> Bool

    /// Writes results in one transaction; a dialing that has its result already is left as it is.
    func noteAnswered(_ answers: [UUID: Timestamp]) async throws(StoreError)
    /// What these campaigns' finished calls came to, hour by hour.
    func answeredHours(of campaigns: [UUID]) async throws(StoreError) -> [UUID: [AnsweredHour]]
    func finish(_ batch: [FinishedDialing], by holder: LeaseHolder?) async throws(StoreError) -> Int
    /// Result rows in the order they were committed.
    func pendingResults(after sequence: Int64, limit: Int, for reader: ResultReader?) async throws(StoreError)
        -> [ResultRow]
    func exportPosition(file: String, for reader: ResultReader?) async throws(StoreError) -> ExportPosition?
    func saveExportPosition(
        file: String, _ position: ExportPosition, for reader: ResultReader?
    ) async throws(StoreError)

    func ping() async throws(StoreError)
}
