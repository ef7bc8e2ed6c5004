import DialerModel
import DialerStore
import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite struct ResultTests {
    @Test func finishingFreesTheContactAndKeepsTheResult() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("1")
            let dialing = try #require(try await site.claim().first)
            var finished = Site.finished(dialing, at: 30, dialResult: 4)
            finished.result.dialResultDetail = "Remote end has answered"
            finished.result.hangupCauseDetail = "Normal Clearing"
            finished.result.agentConnectedAt = Site.start + .seconds(10)
            finished.result.waitSeconds = 1.5
            finished.result.talkSeconds = 12.25
            finished.result.agent = "PJSIP/a\u{0}1"
            #expect(try await site.store.results.finish([finished]) == 1)

            let freed = try #require(try await site.store.dls.find(contact.uuid))
            #expect(freed.status == .idle)
            #expect(freed.dialing == nil)
            #expect(freed.dialingCampaign == nil)
            #expect(freed.dialingPlan == nil)
            #expect(freed.dialResult == 4)
            #expect(freed.dialResultDetail == "Remote end has answered")
            #expect(freed.hangupCause == 16)
            #expect(freed.hangupCauseDetail == "Normal Clearing")
            #expect(freed.lastHangupAt == Site.start + .seconds(30))
            #expect(freed.tries[1] == 1)
            #expect(try await site.store.dialings.find(dialing.uuid) == nil)

            let rows = try await site.store.results.pending(after: 0, limit: 10)
            #expect(rows == [ResultRow(sequence: 1, dialing: dialing.uuid, line: finished.line)])
            let kept = try await site.client.query("SELECT agent, talk_seconds, tm_end FROM dialing_result")
            let (agent, talk, end) = try kept[0].decode((String, Double, PostgresTimestamp).self)
            #expect(agent == "PJSIP/a1")
            #expect(talk == 12.25)
            #expect(end.microseconds == (Site.start + .seconds(30)).microseconds)
        }
    }

    @Test func finishingTwiceWritesOneResult() async throws {
        try await Site.with { site in
            try await site.addContacts(3)
            let dialings = try await site.claim(3)
            let finished = dialings.map { Site.finished($0, at: 5) }
            #expect(try await site.store.results.finish([finished[0], finished[1], finished[0]]) == 2)
            #expect(try await site.store.results.finish(finished) == 1)
            #expect(try await site.store.results.finish(finished) == 0)
            #expect(try await site.store.results.finish([]) == 0)
            let rows = try await site.store.results.pending(after: 0, limit: 100)
            #expect(rows.map(\.sequence) == [1, 2, 3])
            #expect(rows.map(\.dialing) == dialings.map(\.uuid))
            #expect(try await site.store.results.counters(campaign: site.campaign.uuid).dialed == 3)
        }
    }

    /// A late second word about a call must not free a contact that is in its next call already.
    @Test func aLateDuplicateLeavesTheNextCallAlone() async throws {
        try await Site.with(plan: { $0.retryDelay = 0 }) { site in
            let contact = try await site.addContact("1")
            let first = try await site.claim(at: 0)
            try await site.finish(first, at: 1)
            let second = try await site.claim(at: 10)
            #expect(try await site.finish(first, at: 11) == 0)
            let marked = try #require(try await site.store.dls.find(contact.uuid))
            #expect(marked.dialing == second.first?.uuid)
            #expect(marked.status == .dialing)
        }
    }

    @Test func aContactDeletedDuringItsCallStillGetsTheResult() async throws {
        try await Site.with { site in
            let contact = try await site.addContact("1")
            let dialings = try await site.claim()
            _ = try await site.store.dls.delete(contact.uuid, force: false)
            #expect(try await site.finish(dialings, at: 3) == 1)
            #expect(try await site.integer("SELECT count(*) FROM dial_list_entry WHERE status <> 0") == 0)
            #expect(try await site.claim(at: 500).isEmpty)
        }
    }

    @Test func countersAddUp() async throws {
        try await Site.with { site in
            #expect(try await site.store.results.counters(campaign: site.campaign.uuid) == CampaignCounters())
            try await site.addContacts(7)
            let dialings = try await site.claim(7)
            var batch = zip(dialings, [4, 4, 4, 5, 3, 8, 0]).map { Site.finished($0, at: 20, dialResult: $1) }
            batch[0].result.agentConnectedAt = Site.start + .seconds(1)
            batch[0].result.talkSeconds = 10
            batch[0].result.waitSeconds = 0.5
            batch[1].result.outcome = .abandoned
            batch[1].result.waitSeconds = 4
            #expect(try await site.store.results.finish(Array(batch.prefix(2))) == 2)
            #expect(try await site.store.results.finish(batch) == 5)
            let counters = try await site.store.results.counters(campaign: site.campaign.uuid)
            #expect(counters.dialed == 7)
            #expect(counters.answered == 3)
            #expect(counters.connected == 1)
            #expect(counters.abandoned == 1)
            #expect(counters.busy == 1)
            #expect(counters.noAnswer == 1)
            #expect(counters.congested == 1)
            #expect(counters.failed == 1)
            #expect(counters.talkSeconds == 10)
            #expect(counters.waitSeconds == 4.5)
        }
    }

    /// Whoever follows the results by number never meets a number below one that was passed.
    @Test func numbersComeInOrderWithoutAGapWhileManyFinish() async throws {
        try await Site.with(maximumConnections: 12) { site in
            try await site.addContacts(400)
            let dialings = try await site.claim(400)
            let seen = try await withThrowingTaskGroup(of: [Int64].self) { group in
                group.addTask {
                    var seen: [Int64] = []
                    while seen.count < 400 {
                        let rows = try await site.store.results.pending(after: seen.last ?? 0, limit: 50)
                        seen.append(contentsOf: rows.map(\.sequence))
                    }
                    return seen
                }
                for worker in 0..<8 {
                    group.addTask {
                        for index in stride(from: worker, to: 400, by: 8) {
                            // Every call is reported by two, as after a crash.
                            try await site.finish([dialings[index], dialings[(index + 1) % 400]], at: 1)
                        }
                        return []
                    }
                }
                return try await group.reduce(into: []) { $0.append(contentsOf: $1) }
            }
            #expect(seen == Array(1...400))
            #expect(try await site.integer("SELECT count(DISTINCT dialing) FROM dialing_result") == 400)
            #expect(try await site.store.results.counters(campaign: site.campaign.uuid).dialed == 400)
        }
    }

    @Test func exportPositionsAreKeptPerFile() async throws {
        try await Site.with { site in
            let results = site.store.results
            #expect(try await results.exportPosition(file: "/var/a.json") == nil)
            try await results.saveExportPosition(file: "/var/a.json", ExportPosition(sequence: 5, bytes: 900))
            try await results.saveExportPosition(file: "/var/b.json", ExportPosition(sequence: 1, bytes: 100))
            try await results.saveExportPosition(file: "/var/a.json", ExportPosition(sequence: 6, bytes: 1_000))
            #expect(try await results.exportPosition(file: "/var/a.json") == ExportPosition(sequence: 6, bytes: 1_000))
            #expect(try await results.exportPosition(file: "/var/b.json") == ExportPosition(sequence: 1, bytes: 100))
        }
    }
}
