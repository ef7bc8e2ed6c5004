import DialerModel
import DialerStore
import NIOConcurrencyHelpers
import PostgresClient

import struct Foundation.UUID

@testable import DialerEngine

/// The real store behind a line the test can disturb.
final class FaultyStore: EngineStore {
    /// What goes wrong with one call.
    enum Fault: Sendable {
        case none
        /// The call does not reach the database.
        case notReached
        /// The database does it and the answer is lost.
        case answerLost
    }

    enum Operation: Sendable, Hashable, CaseIterable {
        case claim
        case finish
        case saveExportPosition
        case setStatus
        case renewLeases
        case send
        case retire
        case other
    }

    private struct State {
        var isDead = false
        var fault: @Sendable (Operation) -> Fault = { _ in .none }
        var counts: [Operation: Int] = [:]
        var held: Set<Operation> = []
    }

    private let inner: DialerStore
    private let state = NIOLockedValueBox(State())

    init(_ inner: DialerStore) {
        self.inner = inner
    }

    /// From here on nothing reaches the database, as if the process were dead.
    func kill() {
        self.state.withLockedValue { $0.isDead = true }
    }

    func disturb(_ fault: @escaping @Sendable (Operation) -> Fault) {
        self.state.withLockedValue { $0.fault = fault }
    }

    /// Operations of a kind do not reach the database until they are let go.
    func hold(_ operation: Operation) {
        self.state.withLockedValue { _ = $0.held.insert(operation) }
    }

    func letGo(_ operation: Operation) {
        self.state.withLockedValue { _ = $0.held.remove(operation) }
    }

    /// How often an operation was tried.
    func count(_ operation: Operation) -> Int {
        self.state.withLockedValue { $0.counts[operation] ?? 0 }
    }

    private static let broken = StoreError.unavailable(PostgresError(.connectionLost, "cut by the test"))

    private func call<R>(
        _ operation: Operation, _ body: () async throws(StoreError) -> R
    ) async throws(StoreError) -> R {
        let (isDead, fault) = self.state.withLockedValue { state in
            state.counts[operation, default: 0] += 1
            return (state.isDead, state.fault)
        }
        let kind = isDead ? Fault.notReached : fault(operation)
        while self.state.withLockedValue({ $0.held.contains(operation) && !$0.isDead }) {
            try? await Task.sleep(for: .milliseconds(5))
        }
        if case .notReached = kind { throw Self.broken }
        let result = try await body()
        if case .answerLost = kind { throw Self.broken }
        // A process that died while the database worked never sees the answer.
        if self.state.withLockedValue({ $0.isDead }) { throw Self.broken }
        return result
    }

    func campaignsNeedingEngine() async throws(StoreError) -> [CampaignState] {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.campaignsNeedingEngine() }
    }
    func campaignChanges() -> AsyncStream<ResourceChange> { self.inner.campaignChanges() }
    func setStatus(
        of campaign: UUID, from: Set<CampaignStatus>, to status: CampaignStatus, note: CampaignEndNote?
    ) async throws(StoreError) -> Campaign? {
        try await self.call(.setStatus) { () throws(StoreError) in
            try await self.inner.setStatus(of: campaign, from: from, to: status, note: note)
        }
    }
    func plan(_ uuid: UUID) async throws(StoreError) -> Plan? {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.plan(uuid) }
    }
    func destination(_ uuid: UUID) async throws(StoreError) -> Destination? {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.destination(uuid) }
    }
    func dlma(_ uuid: UUID) async throws(StoreError) -> DialListMaster? {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.dlma(uuid) }
    }
    func registerEngine(_ name: String, _ engine: UUID, lease: Duration) async throws(StoreError) -> Bool {
        try await self.call(.other) { () throws(StoreError) in
            try await self.inner.registerEngine(name, engine, lease: lease)
        }
    }
    func formerFences(of name: String) async throws(StoreError) -> [Int64] {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.formerFences(of: name) }
    }
    func renewLeases(_ engine: UUID, lease: Duration) async throws(StoreError) -> [HeldLease] {
        try await self.call(.renewLeases) { () throws(StoreError) in
            try await self.inner.renewLeases(engine, lease: lease)
        }
    }
    func leasePicture() async throws(StoreError) -> LeasePicture {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.leasePicture() }
    }
    func endEngine(_ engine: UUID, heldUntil: Timestamp) async throws(StoreError) -> Bool {
        try await self.call(.other) { () throws(StoreError) in
            try await self.inner.endEngine(engine, heldUntil: heldUntil)
        }
    }
    func assignLeases(_ moves: [LeaseMove]) async throws(StoreError) -> Int {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.assignLeases(moves) }
    }
    func nameSuccessors(_ moves: [LeaseMove]) async throws(StoreError) -> Int {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.nameSuccessors(moves) }
    }
    func handOver(_ leases: [HeldLease]) async throws(StoreError) -> Set<String> {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.handOver(leases) }
    }
    func dropLeases(_ keys: [String], of engine: UUID) async throws(StoreError) {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.dropLeases(keys, of: engine) }
    }
    func retireEngine(_ engine: UUID) async throws(StoreError) {
        try await self.call(.retire) { () throws(StoreError) in
            // As when the caller's cancellation comes after the statement was sent.
            let result = await Task { () async -> Result<Void, StoreError> in
                do throws(StoreError) {
                    return .success(try await self.inner.retireEngine(engine))
                } catch {
                    return .failure(error)
                }
            }.value
            try result.get()
        }
    }
    func engine(ofCampaign campaign: UUID) async throws(StoreError) -> EngineIdentity? {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.engine(ofCampaign: campaign) }
    }
    func engine(ofDialing dialing: UUID) async throws(StoreError) -> EngineIdentity? {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.engine(ofDialing: dialing) }
    }
    func send(_ text: String, to engine: UUID) async throws(StoreError) {
        try await self.call(.send) { () throws(StoreError) in try await self.inner.send(text, to: engine) }
    }
    func deliveries(to engine: UUID) -> AsyncStream<EngineMailbox.Delivery> { self.inner.deliveries(to: engine) }
    func entry(_ uuid: UUID) async throws(StoreError) -> DialListEntry? {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.entry(uuid) }
    }
    func openDialing(_ uuid: UUID) async throws(StoreError) -> Dialing? {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.openDialing(uuid) }
    }
    func openDialings(fences: [Int64]) async throws(StoreError) -> [Dialing] {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.openDialings(fences: fences) }
    }
    func openDialings(of campaign: UUID) async throws(StoreError) -> [Dialing] {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.openDialings(of: campaign) }
    }
    func claim(_ request: ClaimRequest) async throws(StoreError) -> Claim {
        try await self.call(.claim) { () throws(StoreError) in try await self.inner.claim(request) }
    }
    func outlook(campaign: UUID, plan: UUID, lists: [UUID]) async throws(StoreError) -> ListOutlook {
        try await self.call(.other) { () throws(StoreError) in
            try await self.inner.outlook(campaign: campaign, plan: plan, lists: lists)
        }
    }
    func reserve(
        _ request: ClaimRequest, target: String?, until: Timestamp
    ) async throws(StoreError) -> Reservation {
        try await self.call(.other) { () throws(StoreError) in
            try await self.inner.reserve(request, target: target, until: until)
        }
    }
    func dialReserved(_ request: ClaimRequest, entry: UUID) async throws(StoreError) -> Claim {
        try await self.call(.claim) { () throws(StoreError) in try await self.inner.dialReserved(request, entry: entry)
        }
    }
    func noteAnswered(_ answers: [UUID: Timestamp]) async throws(StoreError) {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.noteAnswered(answers) }
    }
    func release(entry: UUID, campaign: UUID) async throws(StoreError) -> Bool {
        try await self.call(.other) { () throws(StoreError) in
            try await self.inner.release(entry: entry, campaign: campaign)
        }
    }
    func releaseExpired(now: Timestamp) async throws(StoreError) -> Int {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.releaseExpired(now: now) }
    }
    func releaseOrphans() async throws(StoreError) -> Int {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.releaseOrphans() }
    }
    func rearrangeLists() async throws(StoreError) -> Bool {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.rearrangeLists() }
    }

    func purgeDoNotCall(now: Timestamp) async throws(StoreError) -> Int {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.purgeDoNotCall(now: now) }
    }
    func answeredHours(of campaigns: [UUID]) async throws(StoreError) -> [UUID: [AnsweredHour]] {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.answeredHours(of: campaigns) }
    }
    func finish(_ batch: [FinishedDialing], by holder: LeaseHolder?) async throws(StoreError) -> Int {
        try await self.call(.finish) { () throws(StoreError) in try await self.inner.finish(batch, by: holder) }
    }
    func pendingResults(
        after sequence: Int64, limit: Int, for reader: ResultReader?
    ) async throws(StoreError) -> [ResultRow] {
        try await self.call(.other) { () throws(StoreError) in
            try await self.inner.pendingResults(after: sequence, limit: limit, for: reader)
        }
    }
    func exportPosition(file: String, for reader: ResultReader?) async throws(StoreError) -> ExportPosition? {
        try await self.call(.other) { () throws(StoreError) in
            try await self.inner.exportPosition(file: file, for: reader)
        }
    }
    func saveExportPosition(
        file: String, _ position: ExportPosition, for reader: ResultReader?
    ) async throws(StoreError) {
        try await self.call(.saveExportPosition) { () throws(StoreError) in
            try await self.inner.saveExportPosition(file: file, position, for: reader)
        }
    }
    func ping() async throws(StoreError) {
        try await self.call(.other) { () throws(StoreError) in try await self.inner.ping() }
    }
}
