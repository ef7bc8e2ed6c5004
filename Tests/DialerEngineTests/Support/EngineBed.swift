import DialerEngine
import DialerModel
import DialerStore
import Logging
import PostgresClient
import Telephony
import TestSupport
import Testing

import class Foundation.FileManager
import struct Foundation.UUID

/// A real database, a scripted PBX, and engines that come and go between them.
struct EngineBed: Sendable {
    let client: PostgresClient
    let store: DialerStore
    let pbxs: [ScriptedPBX]
    let clock: any EngineClock
    /// Short intervals, so that a test waits for no clock.
    var configuration: EngineConfiguration

    var pbx: ScriptedPBX { self.pbxs[0] }
    var file: String { self.configuration.resultsFile }

    /// Runs `body` with an empty, migrated database.
    static func with(
        _ pbxs: [ScriptedPBX] = [ScriptedPBX()],
        clock: any EngineClock = SystemClock(),
        _ body: (EngineBed) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/outpace-engine-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await TestDatabase.create().withClient { client in
            let store = DialerStore(client: client, logger: TestDatabase.logger)
            try await store.migrate()
            var configuration = EngineConfiguration(
                resultsFile: folder + "/results.json", spoolFolder: folder + "/spool")
            configuration.idleCheckInterval = .milliseconds(200)
            configuration.superviseInterval = .milliseconds(500)
            configuration.retryDelay = .milliseconds(10)
            configuration.longestRetryDelay = .milliseconds(100)
            if clock is ManualClock { configuration.resultDelay = .zero }
            try await body(
                EngineBed(client: client, store: store, pbxs: pbxs, clock: clock, configuration: configuration))
        }
    }

    /// Runs an engine while `body` runs, then stops it in an orderly way.
    func withEngine(
        store: (any EngineStore)? = nil,
        logger: Logger? = nil,
        _ body: (DialerEngine) async throws -> Void
    ) async throws {
        let engine = self.engine(store: store, logger: logger)
        let running = Task { try await engine.run() }
        do {
            try await body(engine)
        } catch {
            running.cancel()
            try await running.value
            throw error
        }
        if self.clock is ManualClock { running.cancel() } else { engine.stop() }
        try await running.value
    }

    func engine(
        store: (any EngineStore)? = nil, drivers: [ScriptedTelephony]? = nil, logger: Logger? = nil
    ) -> DialerEngine {
        var silent = Logger(label: "engine")
        silent.logLevel = .critical
        return DialerEngine(
            engineStore: store ?? self.store,
            drivers: drivers ?? self.pbxs.map { ScriptedTelephony($0) },
            configuration: self.configuration,
            clock: self.clock,
            logger: logger ?? silent
        )
    }

    // MARK: Resources

    /// A campaign with everything it needs.
    func campaign(
        contacts: Int = 10,
        numbers: [String]? = nil,
        status: CampaignStatus = .starting,
        destination: Destination? = nil,
        dlma: UUID? = nil,
        plan change: (inout Plan) -> Void = { _ in },
        campaign changeCampaign: (inout Campaign) -> Void = { _ in }
    ) async throws -> Campaign {
        var plan = Plan(uuid: UUID())
        plan.trunkName = "trunk"
        plan.techName = "PJSIP"
        plan.retryDelay = 0
        plan.maxTries = NumberSlots(repeating: 1)
        change(&plan)
        plan = try await self.store.plans.create(plan)
        let destination = try await self.store.destinations.create(destination ?? Self.park())
        let list: UUID
        if let dlma {
            list = dlma
        } else {
            list = try await self.store.dlmas.create(DialListMaster(uuid: UUID())).uuid
            try await self.addContacts(contacts, numbers: numbers, to: list)
        }
        var campaign = Campaign(uuid: UUID())
        campaign.status = status
        campaign.plan = plan.uuid
        campaign.destination = destination.uuid
        campaign.dlma = list
        changeCampaign(&campaign)
        return try await self.store.campaigns.create(campaign)
    }

    func addContacts(_ count: Int, numbers: [String]? = nil, to dlma: UUID) async throws {
        for index in 0..<count {
            var entry = DialListEntry(uuid: UUID(), dlma: dlma)
            for (slot, number) in (numbers ?? ["1\(index)"]).enumerated() { entry.numbers[slot + 1] = number }
            _ = try await self.store.dls.create(entry)
        }
    }

    static func park() -> Destination {
        var destination = Destination(uuid: UUID())
        destination.kind = .application
        destination.application = "park"
        return destination
    }

    static func queue(_ data: String, application: String = "Queue") -> Destination {
        var destination = Destination(uuid: UUID())
        destination.kind = .application
        destination.application = application
        destination.data = data
        return destination
    }

    // MARK: Looking

    func status(_ campaign: UUID) async throws -> CampaignStatus? {
        try await self.store.campaigns.find(campaign)?.status
    }

    func results() async throws -> [ResultRow] {
        try await self.store.results.pending(after: 0, limit: 10_000)
    }

    func contacts(_ dlma: UUID) async throws -> [DialListEntry] {
        try await self.store.dls.page(dlma: dlma, PageRequest(limit: 10_000, cursor: nil)).items
    }

    /// The results file's lines.
    func lines() -> [String] {
        guard let data = FileManager.default.contents(atPath: self.file) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Every claim ended in one row and one line, and nothing is open.
    func expectOneResultPerClaim(
        file lines: [String]? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let rows = try await self.results()
        let text = (lines ?? self.lines())
        let open = try await self.store.dialings.open()
        #expect(open.isEmpty, "open dialings are left", sourceLocation: sourceLocation)
        #expect(Set(rows.map(\.dialing)).count == rows.count, "a dialing has two rows", sourceLocation: sourceLocation)
        let expected = rows.map { String(decoding: $0.line, as: UTF8.self) }
        #expect(text == expected, "the file differs from the rows", sourceLocation: sourceLocation)
    }
}
