import DialerModel
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import DialerStore

/// Contacts and results as files.
@Suite struct ExportTests {
    private func lines(
        _ site: Site, _ export: ContactExport, columns: [String]? = ["number_1"], format: ExportFormat = .csv
    ) async throws -> (lines: [Substring], largestPage: Int) {
        var lines: [Substring] = []
        var largest = 0
        var place: ExportPlace?
        repeat {
            let page = try await site.store.exports.page(export, columns: columns, format: format, after: place)
            let bytes = Self.bytes(of: page)
            largest = max(largest, bytes.count)
            lines += String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            place = page.next
        } while place != nil
        return (lines, largest)
    }

    private static func bytes(of page: ExportPage) -> [UInt8] { page.pieces.reduce(into: []) { $0 += $1 } }

    private func results(_ site: Site, _ export: ResultExport, columns: [String]? = ["uuid"]) async throws -> [String] {
        var lines: [String] = []
        var place: ExportPlace?
        repeat {
            let page = try await site.store.exports.page(export, columns: columns, format: .csv, after: place)
            lines += String(decoding: Self.bytes(of: page), as: UTF8.self).split(separator: "\n").map(String.init)
            place = page.next
        } while place != nil
        return lines
    }

    @Test func everyContactComesOnceInTheOrderOfCreation() async throws {
        try await Site.with { site in
            try await site.addContacts(25_000)
            try await site.client.execute("UPDATE dial_list_entry SET in_use = false WHERE seq % 5000 = 1")
            let (lines, _) = try await self.lines(site, ContactExport(dlma: site.dlma.uuid))
            let expected = (1...25_000).filter { $0 % 5000 != 1 }.map { "\(1_000_000 + $0)" }
            #expect(lines.map(String.init) == expected)
            #expect(try await self.lines(site, ContactExport(dlma: UUID())).lines.isEmpty)
        }
    }

    @Test func aWholeNumberOfPagesHasNoEmptyRowBehindIt() async throws {
        try await Site.with { site in
            try await site.addContacts(20_000)
            let (lines, _) = try await self.lines(site, ContactExport(dlma: site.dlma.uuid), format: .ndjson)
            #expect(lines.count == 20_000)
            #expect(lines.last == #"{"number_1":"1020000"}"#)
        }
    }

    @Test func largeRowsMakeSmallPages() async throws {
        try await Site.with { site in
            try await site.addContacts(3_000)
            try await site.client.execute("UPDATE dial_list_entry SET detail = repeat('x', 20000) WHERE seq > 1000")
            let (lines, largest) = try await self.lines(
                site, ContactExport(dlma: site.dlma.uuid), columns: ["number_1", "detail"])
            #expect(lines.count == 3_000)
            #expect(lines.map { String($0.prefix { $0 != "," }) } == (1...3_000).map { "\(1_000_000 + $0)" })
            #expect(largest <= 16 << 20)
            #expect(largest > 1 << 20)
        }
    }

    @Test func exportsAtTheSameTimeAreWholeAndInOrderWhicheverIsHelped() async throws {
        try await Site.with { site in
            try await site.addContacts(9_000)
            // In the second of two stretches that are fetched at once, and in the one behind.
            try await site.client.execute("UPDATE dial_list_entry SET detail = repeat('x', 20000) WHERE seq > 6500")
            let expected = (1...9_000).map { "\(1_000_000 + $0)" }
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let export = ContactExport(dlma: site.dlma.uuid)
                        let (lines, largest) = try await self.lines(site, export, columns: ["number_1", "detail"])
                        #expect(largest <= 32 << 20)
                        return lines.map { String($0.prefix { $0 != "," }) }
                    }
                }
                for try await numbers in group { #expect(numbers == expected) }
            }
            let helper = ExportHelper()
            #expect(helper.take())
            #expect(!helper.take(), "it is one for all")
            helper.giveBack()
            #expect(helper.take())
        }
    }

    @Test func filtersLetThroughWhatIsAskedFor() async throws {
        try await Site.with { site in
            for number in ["100", "101", "102", "103"] { try await site.addContact(number) }
            try await site.finish(try await site.claim(1), at: 10, dialResult: 4)
            try await site.finish(try await site.claim(1), at: 20, dialResult: 3)
            _ = try await site.claim(1)
            func numbers(_ filter: ExportFilter, isTried: Bool? = nil) async throws -> [String] {
                let export = ContactExport(dlma: site.dlma.uuid, filter: filter, isTried: isTried)
                return try await self.lines(site, export).lines.map(String.init)
            }
            var filter = ExportFilter()
            #expect(try await numbers(filter) == ["100", "101", "102", "103"])
            #expect(try await numbers(filter, isTried: false) == ["103"])
            #expect(try await numbers(filter, isTried: true) == ["100", "101", "102"])
            filter.statuses = [1, 2]
            #expect(try await numbers(filter) == ["102"])
            filter.statuses = []
            filter.dialResults = [3, 5]
            #expect(try await numbers(filter) == ["101"])
            filter.dialResults = []
            filter.hangupCauses = [16]
            #expect(try await numbers(filter) == ["100", "101"])
            filter.since = Site.start + .seconds(20)
            #expect(try await numbers(filter) == ["101"])
            filter.until = filter.since
            #expect(try await numbers(filter).isEmpty)
            filter.since = nil
            #expect(try await numbers(filter) == ["100"])
        }
    }

    @Test func aColumnThatIsNoneIsNamed() async throws {
        try await Site.with { site in
            let error = await storeError { () throws(StoreError) in
                _ = try await site.store.exports.page(
                    ContactExport(dlma: site.dlma.uuid), columns: ["number_1", "uuid; DROP TABLE plan"], format: .csv,
                    after: nil)
            }
            guard case .invalid(let reason) = error else {
                Issue.record("got \(String(describing: error))")
                return
            }
            #expect(reason.field == "columns")
            #expect(reason.message.contains("DROP TABLE"))
        }
    }

    @Test func resultsComeInTheOrderInWhichCallsEnded() async throws {
        try await Site.with { site in
            try await site.addContacts(40)
            let calls = try await site.claim(40)
            // The first to end is the last to be written.
            for (place, call) in calls.enumerated() {
                try await site.finish([call], at: 100 - place, dialResult: 3 + place % 2)
            }
            let ended = calls.reversed().map(\.uuid.wire)
            #expect(try await self.results(site, ResultExport()) == Array(ended))
            #expect(try await self.results(site, ResultExport(campaign: site.campaign.uuid)) == Array(ended))
            #expect(try await self.results(site, ResultExport(campaign: UUID())).isEmpty)
            #expect(try await self.results(site, ResultExport(dlma: site.dlma.uuid)) == Array(ended))
            #expect(try await self.results(site, ResultExport(dlma: UUID())).isEmpty)
            #expect(try await self.results(site, ResultExport(isAbandoned: true)).isEmpty)
            var filter = ExportFilter()
            filter.since = Site.start + .seconds(71)
            filter.until = Site.start + .seconds(91)
            #expect(try await self.results(site, ResultExport(filter: filter)) == Array(ended[10..<30]))
            filter.dialResults = [4]
            #expect(
                try await self.results(site, ResultExport(filter: filter))
                    == (10..<30).filter { (39 - $0) % 2 == 1 }.map { ended[$0] })
        }
    }

    @Test func resultsWithoutColumnsAreTheLinesOfTheFile() async throws {
        try await Site.with { site in
            try await site.addContacts(1)
            let line = #"{"uuid":"x","name":"a\\b \"c\", d\u0001'","n":1.50}"#
            _ = try await site.store.results.finish([Site.finished(try await site.claim(1)[0], at: 1, line: line)])
            let page = try await site.store.exports.page(ResultExport(), columns: nil, format: .ndjson, after: nil)
            #expect(String(decoding: Array(page.pieces.joined()), as: UTF8.self) == line + "\n")
            #expect(page.next == nil)
        }
    }

    @Test func resultsOfOneMomentAreWalkedByTheirNumbers() async throws {
        try await Site.with { site in
            try await site.addContacts(12_000)
            for _ in 0..<2 { try await site.finish(try await site.claim(6_000), at: 5) }
            let all = try await self.results(site, ResultExport())
            #expect(all.count == 12_000)
            #expect(Set(all).count == 12_000)
        }
    }

    /// A page is read along an index, from its place on, without sorting.
    @Test func noPageScansOrSorts() async throws {
        try await Site.with { site in
            try await site.addContacts(30_000)
            for _ in 0..<2 { try await site.finish(try await site.claim(10_000), at: 5) }
            // Where one campaign has every result, the index without the campaign is as good. Autovacuum would look at them sooner or later.
            _ = try await site.client.execute(
                "UPDATE dialing_result SET campaign = gen_random_uuid() WHERE sequence % 2 = 0")
            _ = try await site.client.execute("ANALYZE dialing_result, dial_list_entry")
            var filter = ExportFilter()
            (filter.statuses, filter.since) = ([0], Site.start)
            let contact = ContactExport(dlma: site.dlma.uuid, filter: filter)
            let result = ResultExport(campaign: site.campaign.uuid, filter: filter)
            let (from, to) = (ExportPlace(sequence: 100), ExportPlace(sequence: 10_100))
            let (since, until) = (
                ExportPlace(time: Site.start, sequence: 100), ExportPlace(time: Site.start + .seconds(9), sequence: 9)
            )
            let plans = [
                try await self.plan(site, contact.statement(nil, .csv, after: from, upTo: to)),
                try await self.plan(site, contact.statement(nil, .ndjson, after: nil, upTo: to)),
                try await self.plan(site, result.statement(nil, .csv, after: since, upTo: until)),
                try await self.plan(site, ResultExport().statement(nil, .ndjson, after: nil, upTo: until)),
            ]
            for (plan, index) in zip(plans, ["entry_page", "entry_page", "result_campaign", "result_time"]) {
                #expect(!plan.contains("Seq Scan"), "\(plan)")
                #expect(!plan.contains("Sort"), "\(plan)")
                #expect(plan.contains(index), "\(plan)")
            }
        }
    }

    private func plan(_ site: Site, _ export: (statement: ExportStatement, copy: String)) async throws -> String {
        let query = try #require(export.copy.range(of: ") TO STDOUT"))
        let select = export.copy[..<query.lowerBound].dropFirst("COPY (".count)
        return try await site.client.withTransaction { transaction in
            _ = try await transaction.query(export.statement.preparation)
            return try await transaction.query(PostgresQuery(unescaped: "EXPLAIN \(select)"))
                .map { row in try row.decode(String.self, at: 0) }.joined(separator: "\n")
        }
    }
}
