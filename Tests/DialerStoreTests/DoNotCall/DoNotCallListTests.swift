import DialerModel
import DialerStore
import Foundation
import ListImport
import PostgresClient
import TestSupport
import Testing

/// The list itself: adding, looking, taking off.
@Suite struct DoNotCallListTests {
    private func rows(_ numbers: [String], reason: String? = nil) throws -> DoNotCallRows {
        var rows = DoNotCallRows()
        for (index, number) in numbers.enumerated() {
            var texts: [DoNotCallRow.Field: String] = [.number: number]
            texts[.reason] = reason
            rows.append(try DoNotCallRow(texts, region: nil, now: Site.start), line: index + 1)
        }
        return rows
    }

    @Test func addingAgainReplacesWhatTheListSays() async throws {
        try await Site.with { site in
            let list = site.store.doNotCall
            let first = try await list.add(
                "+4930123456", reason: "asked by letter", expiresAt: Site.start + .seconds(60), now: Site.start)
            let expected = DoNotCallEntry(
                number: "+4930123456", reason: "asked by letter", expiresAt: Site.start + .seconds(60),
                createdAt: Site.start)
            #expect(first == expected)
            #expect(try await list.find("+4930123456") == expected)
            let second = try await list.add(
                "+4930123456", reason: nil, expiresAt: nil, now: Site.start + .seconds(5))
            #expect(
                second
                    == DoNotCallEntry(
                        number: "+4930123456", createdAt: Site.start, updatedAt: Site.start + .seconds(5)))
            #expect(try await list.find("+4930123456") == second)
            #expect(try await list.find("+493012345") == nil)
            #expect(try await list.find("") == nil)
            #expect(try await list.find("\0") == nil)
        }
    }

    @Test func walkingFromPageToPageShowsEveryNumberOnceInOrder() async throws {
        try await Site.with { site in
            let list = site.store.doNotCall
            let numbers = (0..<25).map { "+49\(30_000 + $0 * 7)" } + ["300", "abc", "+1", "+", "ü#1"]
            for number in numbers.shuffled() {
                _ = try await list.add(number, reason: nil, expiresAt: nil, now: Site.start)
            }
            var seen: [String] = []
            var cursor: DoNotCallCursor?
            repeat {
                let page = try await list.page(limit: 4, after: cursor)
                #expect(page.entries.count <= 4)
                seen += page.entries.map(\.number)
                cursor = page.next
                if let next = cursor { #expect(DoNotCallCursor(text: next.text) == next) }
            } while cursor != nil
            #expect(seen == numbers.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        }
    }

    @Test func searchingIsByTheBeginning() async throws {
        try await Site.with { site in
            let list = site.store.doNotCall
            for number in ["+491", "+4915", "+49151", "+4916", "49151", "%", "_x", "+4\u{10FFFF}"] {
                _ = try await list.add(number, reason: nil, expiresAt: nil, now: Site.start)
            }
            func search(_ prefix: String) async throws -> [String] {
                try await list.page(prefix: prefix, limit: 100).entries.map(\.number)
            }
            #expect(try await search("+4915") == ["+4915", "+49151"])
            #expect(try await search("4") == ["49151"])
            #expect(try await search("%") == ["%"])
            #expect(try await search("_") == ["_x"])
            #expect(try await search("x'; DROP TABLE do_not_call; --") == [])
            #expect(try await search("\0") == [])
            let first = try await list.page(prefix: "+491", limit: 2)
            #expect(first.entries.map(\.number) == ["+491", "+4915"])
            let second = try await list.page(prefix: "+491", limit: 2, after: first.next)
            #expect(second.entries.map(\.number) == ["+49151", "+4916"])
            #expect(second.next == nil)
        }
    }

    @Test(arguments: [
        "", "n", "n0", "n00", "nzz", "n3G", "n3g", "n3A", "N30", "c30", "n80", "n3030 ", "nAB", "n+1", "n303", "é30",
        "n" + String(repeating: "30", count: 300),
    ])
    func aCursorThatWasNotGivenOutIsNone(text: String) {
        #expect(DoNotCallCursor(text: text) == nil)
    }

    @Test func manyNumbersAreAddedTogether() async throws {
        try await Site.with { site in
            let list = site.store.doNotCall
            _ = try await list.add("2", reason: "old", expiresAt: Site.start + .seconds(1), now: Site.start)
            let now = Site.start + .seconds(9)
            let counts = try await list.merge(
                try self.rows(["1", "2", "3", "1"], reason: "tab\tand \\ line\nbreak"), now: now)
            #expect(counts == DoNotCallCounts(added: 2, updated: 1, repeated: 1))
            let reason = "tab\tand \\ line\nbreak"
            #expect(try await list.find("1") == DoNotCallEntry(number: "1", reason: reason, createdAt: now))
            #expect(
                try await list.find("2")
                    == DoNotCallEntry(number: "2", reason: reason, createdAt: Site.start, updatedAt: now))
            #expect(try await list.merge(DoNotCallRows(), now: now) == DoNotCallCounts())
            // Two pieces on one connection, and of a number that comes twice the last row.
            var twice = DoNotCallRows()
            twice.append(try DoNotCallRow([.number: "7", .reason: "first"], region: nil, now: now), line: 9)
            twice.append(try DoNotCallRow([.number: "7", .reason: "last"], region: nil, now: now), line: 10)
            #expect(try await list.merge(twice, now: now) == DoNotCallCounts(added: 1, repeated: 1))
            #expect(try await list.find("7")?.reason == "last")
        }
    }

    @Test func filesThatOverlapMayBeMergedAtTheSameTime() async throws {
        try await Site.with { site in
            let numbers = (0..<3_000).map { String(5_000_000 + $0) }
            let rows = try (0..<4).map { _ in try self.rows(numbers.shuffled()) }
            let counts = try await withThrowingTaskGroup(of: DoNotCallCounts.self) { group in
                for piece in rows {
                    group.addTask { try await site.store.doNotCall.merge(piece, now: Site.start) }
                }
                return try await group.reduce(into: DoNotCallCounts()) { $0 += $1 }
            }
            #expect(counts == DoNotCallCounts(added: 3_000, updated: 9_000))
        }
    }

    @Test func purgingTakesOffWhatHasExpiredAndNothingElse() async throws {
        try await Site.with { site in
            let list = site.store.doNotCall
            try await site.client.execute(
                """
                INSERT INTO do_not_call (number, tm_expire)
                SELECT i::text, \(PostgresTimestamp(microseconds: Site.start.microseconds)) + i * interval '1 second'
                FROM generate_series(1, 2500) i
                """
            )
            _ = try await list.add("for ever", reason: nil, expiresAt: nil, now: Site.start)
            #expect(try await list.purge(now: Site.start) == 0)
            #expect(try await list.purge(now: Site.start + .seconds(2_200)) == 2_200)
            #expect(try await list.find("2200") == nil)
            #expect(try await list.find("2201") != nil)
            #expect(try await list.purge(now: Site.start + .seconds(9_000)) == 300)
            #expect(try await list.page(limit: 10).entries.map(\.number) == ["for ever"])
        }
    }
}
