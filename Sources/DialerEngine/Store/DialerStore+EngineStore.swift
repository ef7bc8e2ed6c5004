import DialerModel
import DialerStore

import struct Foundation.UUID

extension DialerStore: EngineStore {
    package func campaignsNeedingEngine() async throws(StoreError) -> [CampaignState] {
        try await self.campaigns.needingEngine()
    }

    package func campaignChanges() -> AsyncStream<ResourceChange> {
        self.campaigns.changes()
    }

    package func setStatus(
        of campaign: UUID, from: Set<CampaignStatus>, to status: CampaignStatus, note: CampaignEndNote?
    ) async throws(StoreError) -> Campaign? {
        try await self.campaigns.setStatus(campaign, from: from, to: status, note: note)
    }

    package func plan(_ uuid: UUID) async throws(StoreError) -> Plan? {
        try await self.plans.find(uuid)
    }

    package func destination(_ uuid: UUID) async throws(StoreError) -> Destination? {
        try await self.destinations.find(uuid)
    }

    package func dlma(_ uuid: UUID) async throws(StoreError) -> DialListMaster? {
        try await self.dlmas.find(uuid)
    }

    package func registerEngine(_ name: String, _ engine: UUID, lease: Duration) async throws(StoreError) -> Bool {
        try await self.leases.register(name, engine, lease: lease)
    }

    package func formerFences(of name: String) async throws(StoreError) -> [Int64] {
        try await self.leases.formerFences(of: name)
    }

    package func renewLeases(_ engine: UUID, lease: Duration) async throws(StoreError) -> [HeldLease] {
        try await self.leases.renew(engine, lease: lease)
    }

    package func leasePicture() async throws(StoreError) -> LeasePicture {
        try await self.leases.picture()
    }

    package func endEngine(_ engine: UUID, heldUntil: Timestamp) async throws(StoreError) -> Bool {
        try await self.leases.end(engine, heldUntil: heldUntil)
    }

    package func assignLeases(_ moves: [LeaseMove]) async throws(StoreError) -> Int {
        try await self.leases.assign(moves)
    }

    package func nameSuccessors(_ moves: [LeaseMove]) async throws(StoreError) -> Int {
        try await self.leases.nameSuccessors(moves)
    }

    package func handOver(_ leases: [HeldLease]) async throws(StoreError) -> Set<String> {
        try await self.leases.handOver(leases)
    }

    package func dropLeases(_ keys: [String], of engine: UUID) async throws(StoreError) {
        try await self.leases.drop(keys, of: engine)
    }

    package func retireEngine(_ engine: UUID) async throws(StoreError) {
        try await self.leases.retire(engine)
    }

    package func engine(ofCampaign campaign: UUID) async throws(StoreError) -> EngineIdentity? {
        try await self.leases.engine(ofCampaign: campaign)
    }

    package func engine(ofDialing dialing: UUID) async throws(StoreError) -> EngineIdentity? {
        try await self.leases.engine(ofDialing: dialing)
    }

    package func send(_ text: String, to engine: UUID) async throws(StoreError) {
        try await self.mailbox.send(text, to: engine)
    }

    package func deliveries(to engine: UUID) -> AsyncStream<EngineMailbox.Delivery> {
        self.mailbox.deliveries(to: engine)
    }

    package func entry(_ uuid: UUID) async throws(StoreError) -> DialListEntry? {
        try await self.dls.find(uuid)
    }

    package func openDialing(_ uuid: UUID) async throws(StoreError) -> Dialing? {
        try await self.dialings.find(uuid)
    }

    package func openDialings(fences: [Int64]) async throws(StoreError) -> [Dialing] {
        try await self.dialings.open(fences: fences)
    }

    package func openDialings(of campaign: UUID) async throws(StoreError) -> [Dialing] {
        try await self.dialings.open(campaign: campaign)
    }

    package func claim(_ request: ClaimRequest) async throws(StoreError) -> Claim {
        try await self.claims.claim(request)
    }

    package func outlook(campaign: UUID, plan: UUID, lists: [UUID]) async throws(StoreError) -> ListOutlook {
        try await self.claims.outlook(campaign: campaign, plan: plan, lists: lists)
    }

    package func reserve(
        _ request: ClaimRequest, target: String?, until: Timestamp
    ) async throws(StoreError) -> Reservation {
        try await self.claims.reserve(request, target: target, until: until)
    }

    package func dialReserved(_ request: ClaimRequest, entry: UUID) async throws(StoreError) -> Claim {
        try await self.claims.dialReserved(request, entry: entry)
    }

    package func noteAnswered(_ answers: [UUID: Timestamp]) async throws(StoreError) {
        try await self.dialings.noteAnswered(answers)
    }

    package func release(entry: UUID, campaign: UUID) async throws(StoreError) -> Bool {
        try await self.claims.release(entry: entry, campaign: campaign)
    }

    package func releaseExpired(now: Timestamp) async throws(StoreError) -> Int {
        try await self.claims.releaseExpired(now: now)
    }

    package func releaseOrphans() async throws(StoreError) -> Int {
        try await self.claims.releaseOrphans()
    }

    package func purgeDoNotCall(now: Timestamp) async throws(StoreError) -> Int {
        try await self.doNotCall.purge(now: now)
    }

    package func rearrangeLists() async throws(StoreError) -> Bool {
        try await self.dlmas.rearrange()
    }

    package func answeredHours(of campaigns: [UUID]) async throws(StoreError) -> [UUID: [AnsweredHour]] {
        try await self.results.answeredHours(campaigns: campaigns)
    }

    package func finish(_ batch: [FinishedDialing], by holder: LeaseHolder?) async throws(StoreError) -> Int {
        try await self.results.finish(batch, by: holder)
    }

    package func pendingResults(
        after sequence: Int64, limit: Int, for reader: ResultReader?
    ) async throws(StoreError) -> [ResultRow] {
        try await self.results.pending(after: sequence, limit: limit, for: reader)
    }

    package func exportPosition(file: String, for reader: ResultReader?) async throws(StoreError) -> ExportPosition? {
        try await self.results.exportPosition(file: file, for: reader)
    }

    package func saveExportPosition(
        file: String, _ position: ExportPosition, for reader: ResultReader?
    ) async throws(StoreError) {
        try await self.results.saveExportPosition(file: file, position, for: reader)
    }
}
