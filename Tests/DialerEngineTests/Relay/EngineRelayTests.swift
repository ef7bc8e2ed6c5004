import DialerModel
import DialerStore
import Pacing
import PostgresClient
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("Asking another engine", .timeLimit(.minutes(5)))
struct EngineRelayTests {
    /// Two engines, each with a campaign of its own and started; `body` gets the campaign of `worker`.
    private static func withTwo(
        patience: Duration = .seconds(60),
        plan: @escaping (inout Plan) -> Void = { _ in },
        _ body: (_ bed: EngineBed, _ worker: RunningEngine, _ other: RunningEngine, _ campaign: UUID) async throws ->
            Void
    ) async throws {
        try await EngineBed.with([ScriptedPBX(reaction: { pbx, order in pbx.answer(order.dialing) })]) { bed in
            var bed = bed
            (bed.configuration.orderPatience, bed.configuration.questionPatience) = (patience, patience)
            let engines = [RunningEngine(bed, name: "first"), RunningEngine(bed, name: "second")]
            let campaign = try await bed.campaign(contacts: 1, plan: plan)
            _ = try await bed.campaign(contacts: 1, plan: plan)
            try await eventually("each works for one") { engines.allSatisfy { $0.leases().count == 1 } }
            let key = "campaign:\(campaign.uuid.uuidString.lowercased())"
            let worker = try #require(engines.first { $0.leases() == [key] })
            let other = try #require(engines.first { $0 !== worker })
            // Its status is stored a moment before its engine claims for it.
            try await eventually("it is started") { await worker.engine.supervisor.runner(of: campaign.uuid) != nil }
            try await body(bed, worker, other, campaign.uuid)
            for engine in engines where !engine.isDead { try await engine.stop() }
        }
    }

    @Test("a call is shown and hung up, and its campaign counted, by an engine that does not follow it")
    func hangUp() async throws {
        try await Self.withTwo { bed, worker, other, campaign in
            let dialing = try await self.dialing(of: campaign, at: bed)
            try await eventually("its answer is told") {
                let own = await worker.engine.liveState(of: dialing)
                let told = await other.engine.liveState(of: dialing)
                return own != nil && own == told
            }
            var told = try #require(await other.engine.liveStatistics(of: campaign))
            let own = try #require(await worker.engine.liveStatistics(of: campaign))
            #expect(own.isOwn && !told.isOwn && own.inProgress == 1)
            told.isOwn = true
            #expect(told == own)
            try await other.engine.hangUp(dialing: dialing)
            #expect(bed.pbx.hangUps == [dialing])
        }
    }

    @Test("a preview is shown, dialed and given back by an engine that does not work for its campaign")
    func preview() async throws {
        try await Self.withTwo(plan: { $0.dialMode = .preview }) { bed, worker, other, campaign in
            var shown: DialListEntry?
            try await eventually("somebody is shown") {
                shown = try? await other.engine.reserve(campaign: campaign, for: "agent-7")
                return shown != nil
            }
            let entry = try #require(shown)
            #expect(entry.reservedTarget == "agent-7")
            #expect(try await other.engine.reserve(campaign: campaign, for: nil) == nil, "nobody else is due")
            try await other.engine.releaseReserved(campaign: campaign, entry: entry.uuid)
            let again = try #require(try await other.engine.reserve(campaign: campaign, for: "agent-8"))
            #expect(again.uuid == entry.uuid)
            let dialing = try await other.engine.dialReserved(campaign: campaign, entry: entry.uuid)
            #expect(dialing.entry == entry.uuid && dialing.campaign == campaign)
            #expect(bed.pbx.orders.map(\.dialing) == [dialing.uuid])
            #expect(worker.driver.name == dialing.pbx)
            await #expect { try await other.engine.dialReserved(campaign: campaign, entry: entry.uuid) } throws: {
                if case EngineError.notFound = $0 { true } else { false }
            }
            #expect(bed.pbx.orders.count == 1, "it was dialed once")
        }
    }

    @Test("what the other refuses is refused with its words")
    func refusal() async throws {
        try await Self.withTwo { _, worker, other, campaign in
            var words: [String] = []
            for engine in [worker, other] {
                await #expect { _ = try await engine.engine.reserve(campaign: campaign, for: nil) } throws: {
                    guard case EngineError.wrongState(let explanation) = $0 else { return false }
                    words.append(explanation)
                    return explanation.contains("preview")
                }
            }
            #expect(Set(words).count == 1)
        }
    }

    @Test("an engine that does not answer is named, soon, and its call is not denied")
    func silence() async throws {
        try await Self.withTwo(patience: .milliseconds(500)) { bed, worker, other, campaign in
            let dialing = try await self.dialing(of: campaign, at: bed)
            worker.store.disturb { $0 == .send ? .notReached : .none }
            await #expect { try await other.engine.hangUp(dialing: dialing) } throws: {
                if case EngineError.engineSilent(let name) = $0 { name == worker.bed.configuration.name } else { false }
            }
            #expect(await other.engine.liveStatistics(of: campaign) == nil)
            #expect(await other.engine.liveState(of: dialing) == nil)
            worker.store.disturb { _ in .none }
            // It was carried out, although nobody could say so.
            #expect(bed.pbx.hangUps == [dialing])
        }
    }

    @Test("a killed engine's campaign is asked of its successor")
    func successor() async throws {
        try await Self.withTwo(patience: .seconds(1)) { bed, worker, other, campaign in
            let dialing = try await self.dialing(of: campaign, at: bed)
            try await worker.kill()
            try await eventually("the other follows the call") {
                guard await other.engine.liveStatistics(of: campaign)?.isOwn == true else { return false }
                return await other.engine.liveState(of: dialing) != nil
            }
            try await other.engine.hangUp(dialing: dialing)
            #expect(bed.pbx.hangUps == [dialing])
        }
    }

    @Test("texts that are no letters, and replies nobody waits for, change nothing")
    func strangeTexts() async throws {
        try await Self.withTwo { bed, worker, other, campaign in
            let engine = worker.engine.context.leases.engine
            let deep = String(repeating: "[", count: 3_000)
            let reply = try EngineLetter(sender: UUID(), .reply(.done)).text
            for text in ["", "null", "{}", deep, "\u{0001}", "💥", reply, #"{"id":"7","sender":"x","content":{}}"#] {
                try await bed.store.mailbox.send(text, to: engine)
            }
            #expect(await other.engine.liveStatistics(of: campaign)?.isOwn == false)
        }
    }

    @Test("more questions than are answered at a time are all answered")
    func many() async throws {
        try await Self.withTwo { _, _, other, campaign in
            let answers = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<200 { group.addTask { await other.engine.liveStatistics(of: campaign) != nil } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(answers == 200)
        }
    }

    @Test("a letter reads as it was written, and fits into a notification")
    func letters() throws {
        var statistics = CampaignLiveStatistics()
        statistics.inProgress = .max
        statistics.agents = 3
        statistics.day = .init(live: 1_000, abandoned: 3)
        statistics.pacingState = .spent
        let state = LiveDialingState(
            status: .dialBegin, channel: String(repeating: "c", count: 200), dialResult: 2, hangupCause: 16,
            updatedAt: Timestamp(microseconds: 1_796_000_000_123_456))
        let orders: [EngineOrder] = [
            .hangUp(dialing: UUID()), .stateOfDialing(UUID()), .statisticsOfCampaign(UUID()),
            .reserve(campaign: UUID(), target: nil), .reserve(campaign: UUID(), target: "agent \"7\"\n"),
            .dialReserved(campaign: UUID(), entry: UUID()),
        ]
        let replies: [EngineReply] = [
            .done, .state(nil), .state(state), .statistics(nil), .statistics(statistics), .contact(nil),
            .contact(UUID()), .dialing(UUID()), .refused(.notFound), .refused(.wrongState("why")),
            .refused(.pbxUnavailable(name: "pbx1")), .refused(.atCapacity), .refused(.databaseUnavailable),
        ]
        for content in orders.map(EngineLetter.Content.order) + replies.map(EngineLetter.Content.reply) {
            let letter = EngineLetter(sender: UUID(), content)
            let text = try letter.text
            #expect(EngineLetter(text: text) == letter)
            #expect(text.utf8.count <= EngineMailbox.longestText)
        }
    }

    private func dialing(of campaign: UUID, at bed: EngineBed) async throws -> UUID {
        var dialing: UUID?
        try await eventually("it is dialed") {
            dialing = try await bed.store.dialings.open(campaign: campaign).first?.uuid
            return bed.pbx.liveCalls.contains { $0.dialing == dialing }
        }
        return try #require(dialing)
    }
}
