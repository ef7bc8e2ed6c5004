import DialerModel
import DialerStore
import NIOConcurrencyHelpers
import PostgresClient
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import DialerEngine

/// Two engines on one database and one PBX.
@Suite("Several engines", .timeLimit(.minutes(10)))
struct SeveralEnginesTests {
    /// Every try has one result, one order at most, and its line in exactly one of the files.
    private func expectEverythingOnce(_ bed: EngineBed, _ engines: [RunningEngine]) async throws {
        let rows = try await bed.results()
        #expect(try await bed.store.dialings.open().isEmpty)
        #expect(Set(rows.map(\.dialing)).count == rows.count, "a dialing has two rows")
        #expect(Set(bed.pbx.orders.map(\.dialing)).count == bed.pbx.orders.count, "a dialing was sent twice")
        #expect(Set(bed.pbx.orders.map(\.channel)).count == bed.pbx.orders.count, "somebody was called twice")
        let lines = engines.flatMap { $0.bed.lines() }
        let expected = rows.map { String(decoding: $0.line, as: UTF8.self) }
        #expect(lines.sorted() == expected.sorted(), "each row is one line in one file")
    }

    private static func dialsSlowly(_ pbx: ScriptedPBX) {
        pbx.react { pbx, order in pbx.answer(order.dialing) }
    }

    @Test("a killed engine's campaigns and calls go to the other, and nobody is called twice")
    func killed() async throws {
        try await EngineBed.with([ScriptedPBX(limits: LineLimits(maxCalls: 8, maxCallsPerSecond: 10_000))]) { bed in
            Self.dialsSlowly(bed.pbx)
            let first = RunningEngine(bed, name: "first")
            let campaign = try await bed.campaign(contacts: 30)
            try await eventually("the first dials") { bed.pbx.liveCalls.count == 8 }
            let second = RunningEngine(bed, name: "second")
            try await eventually("the second is there") { try await bed.store.leases.picture().engines.count == 2 }
            let before = Set(bed.pbx.liveCalls.map(\.dialing))
            try await first.kill()
            try await eventually("the second has it") { second.leases().count == 1 }
            // Those that were up when their engine died are followed to their ends.
            for dialing in before { bed.pbx.end(dialing) }
            try await eventually("the list ends") {
                for call in bed.pbx.liveCalls { bed.pbx.end(call.dialing) }
                return try await bed.status(campaign.uuid) == .stop
            }
            try await second.stop()
            try await self.expectEverythingOnce(bed, [first, second])
            #expect(try await bed.results().count == 30)
            let words = try await bed.results().map { String(decoding: $0.line, as: UTF8.self) }
            #expect(words.allSatisfy { $0.contains(#""answered":true"#) }, "every call has its own result")
        }
    }

    @Test("PostgreSQL's clock is set back as an engine dies: the other goes by its own, and takes over all the same")
    func killedWhileTheClockGoesBack() async throws {
        try await EngineBed.with([ScriptedPBX(limits: LineLimits(maxCalls: 8, maxCallsPerSecond: 10_000))]) { bed in
            Self.dialsSlowly(bed.pbx)
            let first = RunningEngine(bed, name: "first")
            _ = try await bed.campaign(contacts: 30)
            try await eventually("the first dials") { bed.pbx.liveCalls.count == 8 }
            let second = RunningEngine(bed, name: "second")
            try await eventually("the second is there") { try await bed.store.leases.picture().engines.count == 2 }
            try await first.kill()
            // What an hour less on the clock makes of its last word.
            try await bed.client.execute(
                "UPDATE engine SET tm_until = tm_until + interval '1 hour' WHERE name = 'first'")
            try await eventually("the second has it") { second.leases().count == 1 }
            try await second.stop()
        }
    }

    @Test("an engine cut off from the database is silent before another dials, and its late results count for nothing")
    func cutOff() async throws {
        try await EngineBed.with([ScriptedPBX(limits: LineLimits(maxCalls: 8, maxCallsPerSecond: 10_000))]) { bed in
            Self.dialsSlowly(bed.pbx)
            let first = RunningEngine(bed, name: "first")
            let campaign = try await bed.campaign(contacts: 40)
            try await eventually("the first dials") { bed.pbx.liveCalls.count == 8 }
            let second = RunningEngine(bed, name: "second")
            try await eventually("the second is there") { try await bed.store.leases.picture().engines.count == 2 }
            first.store.disturb { _ in .notReached }
            try await eventually("the second has it") { second.leases().count == 1 }
            #expect(!first.engine.context.leases.isGood(CampaignKey.of(campaign)), "the first knows by itself")
            // Both see these end; one of them makes the results.
            for call in bed.pbx.liveCalls { bed.pbx.end(call.dialing) }
            try await eventually("the second dials") { bed.pbx.orders.count > 8 }
            first.store.disturb { _ in .none }
            try await eventually("the first learns of it") {
                first.leases().isEmpty && first.engine.context.ledger.open == (0, 0)
            }
            try await eventually("the list ends") {
                for call in bed.pbx.liveCalls { bed.pbx.end(call.dialing) }
                return try await bed.status(campaign.uuid) == .stop
            }
            try await first.stop()
            try await second.stop()
            try await self.expectEverythingOnce(bed, [first, second])
            #expect(try await bed.results().count == 40)
        }
    }

    @Test("an engine that joins is handed its half with the calls that are up, and one that leaves gives it back")
    func joiningAndLeaving() async throws {
        try await EngineBed.with([ScriptedPBX(limits: LineLimits(maxCalls: 12, maxCallsPerSecond: 10_000))]) { bed in
            Self.dialsSlowly(bed.pbx)
            let first = RunningEngine(bed, name: "first")
            var campaigns: [Campaign] = []
            for _ in 0..<4 { campaigns.append(try await bed.campaign(contacts: 20)) }
            try await eventually("the first dials") { bed.pbx.liveCalls.count == 12 }
            let second = RunningEngine(bed, name: "second")
            try await eventually("each has its half") { first.leases().count == 2 && second.leases().count == 2 }
            #expect(first.leases().isDisjoint(with: second.leases()))
            #expect(bed.pbx.liveCalls.count == 12)
            try await eventually("both dial") {
                for call in bed.pbx.liveCalls.prefix(4) { bed.pbx.end(call.dialing) }
                return bed.pbx.orders.count > 40
            }
            let half = first.leases()
            try await first.stop()
            let records = try await bed.store.leases.picture().engines
            #expect(records.filter(\.isLive).map(\.name) == ["second"], "one that stopped holds nothing up")
            try await eventually("the second has what the first had, or that is over") {
                let needed = try await bed.store.leases.picture().needs.filter { half.contains($0.key) && $0.isUsed }
                return needed.allSatisfy { second.leases().contains($0.key) }
            }
            try await eventually("all lists end") {
                for call in bed.pbx.liveCalls { bed.pbx.end(call.dialing) }
                for campaign in campaigns where try await bed.status(campaign.uuid) != .stop { return false }
                return true
            }
            try await second.stop()
            let rows = try await bed.results()
            #expect(rows.count == 80)
            #expect(bed.pbx.mostLive == 12, "together they keep to the PBX's limit")
            #expect(Set(bed.pbx.orders.map(\.dialing)).count == 80)
            let lines = [first, second].flatMap { $0.bed.lines() }
            #expect(lines.sorted() == rows.map { String(decoding: $0.line, as: UTF8.self) }.sorted())
        }
    }

    @Test("campaigns of one queue stay on one engine, and the other asks that one about them")
    func oneQueue() async throws {
        let queue = QueueSnapshot(name: "sales", members: [])
        try await EngineBed.with([ScriptedPBX(queues: [queue])]) { bed in
            let first = RunningEngine(bed, name: "first")
            let second = RunningEngine(bed, name: "second")
            var campaigns: [Campaign] = []
            for _ in 0..<3 {
                campaigns.append(try await bed.campaign(contacts: 1, destination: EngineBed.queue("sales")))
            }
            let alone = try await bed.campaign(contacts: 1, plan: { $0.listEndHandling = .keep })
            try await eventually("both have work") { first.leases().count == 1 && second.leases().count == 1 }
            let (sales, other) = first.leases() == ["queue:sales"] ? (first, second) : (second, first)
            #expect(sales.leases() == ["queue:sales"] && other.leases() == [CampaignKey.of(alone)])
            try await eventually("they are started") {
                for campaign in campaigns where try await bed.status(campaign.uuid) != .start { return false }
                return true
            }
            for campaign in campaigns {
                #expect(try #require(await sales.engine.liveStatistics(of: campaign.uuid)).isOwn)
                #expect(try #require(await other.engine.liveStatistics(of: campaign.uuid)).isOwn == false)
            }
            try await first.stop()
            try await second.stop()
        }
    }

    @Test("one that joins dials nothing before what the other was about to place is counted")
    func joinsWhileAClaimIsUnderWay() async throws {
        try await EngineBed.with([ScriptedPBX(limits: LineLimits(maxCalls: 8, maxCallsPerSecond: 10_000))]) { bed in
            Self.dialsSlowly(bed.pbx)
            var bed = bed
            (bed.configuration.questionPatience, bed.configuration.handOverTime) = (.seconds(60), .seconds(60))
            let first = RunningEngine(bed, name: "first")
            first.store.hold(.claim)
            let campaign = try await bed.campaign(contacts: 20)
            try await eventually("all lines are granted, and the claim hangs") {
                first.engine.context.ledger.open.inProgress == 8 && first.store.count(.claim) == 1
            }
            let second = RunningEngine(bed, name: "second")
            try await eventually("the second is there") { try await bed.store.leases.picture().engines.count == 2 }
            let other = try await bed.campaign(contacts: 20)
            try await Self.expectRoom(bed, held: first, other: second, campaigns: [campaign, other])
        }
    }

    @Test(
        "one that comes back after its leases were over dials nothing before what the other was about to place is counted"
    )
    func comesBackWhileAClaimIsUnderWay() async throws {
        try await EngineBed.with([ScriptedPBX(limits: LineLimits(maxCalls: 8, maxCallsPerSecond: 10_000))]) { bed in
            Self.dialsSlowly(bed.pbx)
            var bed = bed
            (bed.configuration.questionPatience, bed.configuration.handOverTime) = (.seconds(60), .seconds(60))
            let first = RunningEngine(bed, name: "first")
            // The first two renewals belong to joining.
            try await eventually("the first has joined") { first.store.count(.renewLeases) > 2 }
            let second = RunningEngine(bed, name: "second")
            try await eventually("the second has joined") { second.store.count(.renewLeases) > 2 }
            second.store.disturb { _ in .notReached }
            try await eventually("the second counts no more") { try await Self.living(bed) == 1 }
            first.store.hold(.claim)
            let campaign = try await bed.campaign(contacts: 20)
            try await eventually("all lines are granted to the first, and the claim hangs") {
                first.engine.context.ledger.open.inProgress == 8 && first.store.count(.claim) == 1
            }
            second.store.disturb { _ in .none }
            try await eventually("the second is back") { try await Self.living(bed) == 2 }
            let other = try await bed.campaign(contacts: 20)
            try await Self.expectRoom(bed, held: first, other: second, campaigns: [campaign, other])
        }
    }

    private static func living(_ bed: EngineBed) async throws -> Int {
        try await bed.store.leases.picture().engines.count(where: \.isLive)
    }

    /// One engine has all eight lines for a claim that hangs: the other dials nothing until that is let go, and then both call everybody,
    /// never more than eight at a time.
    private static func expectRoom(
        _ bed: EngineBed, held: RunningEngine, other: RunningEngine, campaigns: [Campaign]
    ) async throws {
        // Five rounds of everything the engines do: the other would be dialing by now.
        let renewals = held.store.count(.renewLeases)
        try await eventually("time passes") { held.store.count(.renewLeases) >= renewals + 5 }
        #expect(bed.pbx.orders.isEmpty)
        held.store.letGo(.claim)
        try await eventually("the calls are placed") { bed.pbx.liveCalls.count == 8 }
        try await eventually("everybody was called") {
            for call in bed.pbx.liveCalls { bed.pbx.end(call.dialing) }
            for campaign in campaigns where try await bed.status(campaign.uuid) != .stop { return false }
            return true
        }
        #expect(bed.pbx.mostLive == 8)
        #expect(Set(bed.pbx.orders.map(\.dialing)).count == 40)
        try await held.stop()
        try await other.stop()
        #expect(try await Set(bed.results().map(\.dialing)).count == 40)
    }

    /// The key of a campaign that is alone under its lease.
    private enum CampaignKey {
        static func of(_ campaign: Campaign) -> String { "campaign:\(campaign.uuid.uuidString.lowercased())" }
    }
}
