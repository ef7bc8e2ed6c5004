import DialerModel
import Foundation

/// Compares what the floor saw with the database and the results files, and names everything that does not add up.
///
/// The rules are those of docs/architecture.md, "What holds, whatever crashes". None of them gives way for a fault: whatever was
/// killed, a try is one call at most, a claim is one row and one line, and a result never tells of a call that was not.
struct Reckoning {
    var floor: FloorWitness
    var books: Books
    /// The results file of each engine as it stands on the disk, by the engine's name.
    var files: [String: String]

    /// Results that tell how a call went, from its beginning to its end.
    private static let followed: Set<Int> = [7, 13]
    /// Results that say that nothing was placed: not sent, refused, or held back by the do-not-call list.
    private static let notPlaced: Set<Int> = [11, 12, 20]

    /// A line of a file, as far as it is looked at.
    private struct Line {
        /// Whose file it is in.
        var file: String
        var dialing: String
        var number: String
        var tryNumber: Int
        var status: Int
        var isAnswered: Bool
        var toldOfCall: Bool
        var detail: String
        var text: String

        init?(_ text: Substring, in file: String) {
            guard let value = try? JSONValue.parse(Array(text.utf8)), let dialing = value.member("uuid")?.word,
                let number = value.member("dial_addr")?.word, let tryNumber = value.member("dial_trycnt")?.whole,
                let status = value.member("status")?.whole, let dialResult = value.member("res_dial")?.whole,
                let cause = value.member("res_hangup")?.whole
            else { return nil }
            self.file = file
            self.dialing = dialing.lowercased()
            self.number = number
            self.tryNumber = tryNumber
            self.status = status
            self.isAnswered = dialResult == 4
            let hasTimes = ["tm_dial_begin", "tm_answer", "tm_queue", "tm_agent", "talk_seconds"].contains {
                value.member($0).map { $0 != .null } ?? false
            }
            self.toldOfCall = dialResult != 0 || cause != 0 || hasTimes || value.member("answered") == .bool(true)
            self.detail = value.member("res_dial_detail")?.word ?? ""
            self.text = String(text)
        }
    }

    /// Everything that does not add up; empty when all is well.
    func discrepancies() -> [Discrepancy] {
        var lines: [Line] = []
        var found: [Discrepancy] = []
        for (engine, file) in self.files {
            for text in file.split(separator: "\n", omittingEmptySubsequences: true) {
                if let line = Line(text, in: engine) {
                    lines.append(line)
                } else {
                    found.append(.unreadableLine(String(text)))
                }
            }
            if !file.isEmpty, file.last != "\n" { found.append(.unreadableLine(String(file.suffix(80)))) }
        }
        found += self.calls()
        found += self.rows(lines)
        found += self.files(lines)
        found += self.results(lines)
        return found
    }

    /// What the floor was asked for, against the claims.
    private func calls() -> [Discrepancy] {
        var found: [Discrepancy] = []
        let claimed = Set(self.books.rows.map(\.dialing))
        for (dialing, calls) in Dictionary(grouping: self.floor.calls, by: \.dialing) {
            if calls.count > 1 { found.append(.originatedTwice(dialing: dialing, times: calls.count)) }
            if !claimed.contains(dialing) { found.append(.originatedUnclaimed(dialing: dialing)) }
        }
        let tries = Dictionary(self.books.contacts.map { ($0.number, $0.tries) }, uniquingKeysWith: +)
        for (number, calls) in Dictionary(grouping: self.floor.calls, by: \.number) {
            let allowed = tries[number] ?? 0
            if calls.count > allowed {
                found.append(.moreCallsThanTries(number: number, calls: calls.count, tries: allowed))
            }
            let inOrder = calls.sorted { $0.begun < $1.begun }
            for (first, second) in zip(inOrder, inOrder.dropFirst())
            where first.ended.map({ $0 > second.begun }) ?? true {
                found.append(.calledTwiceAtOnce(number: number, first: first.dialing, second: second.dialing))
            }
        }
        return found
    }

    /// Tries, claims, rows and lines are the same, contact by contact and in all.
    private func rows(_ lines: [Line]) -> [Discrepancy] {
        var found: [Discrepancy] = []
        let tries = self.books.contacts.reduce(0) { $0 + $1.tries }
        let counts = (tries, self.books.counted, self.books.rows.count, lines.count)
        if Set([counts.0, counts.1, counts.2, counts.3]).count > 1 {
            found.append(.totalsDiffer(tries: counts.0, claims: counts.1, rows: counts.2, lines: counts.3))
        }
        if self.books.open > 0 { found.append(.openDialings(self.books.open)) }
        let numbers = Dictionary(lines.map { ($0.dialing, $0.tryNumber) }, uniquingKeysWith: { first, _ in first })
        let rows = Dictionary(grouping: self.books.rows, by: \.entry)
        for contact in self.books.contacts {
            if contact.isHeld { found.append(.heldContact(entry: contact.entry)) }
            let expected = Array(stride(from: 1, through: contact.tries, by: 1))
            let seen = (rows[contact.entry] ?? []).compactMap { numbers[$0.dialing] }.sorted()
            if seen != expected {
                found.append(.triesWithoutRows(entry: contact.entry, tries: expected, rows: seen))
            }
        }
        for (index, row) in self.books.rows.enumerated() where row.sequence != index + 1 {
            found.append(.sequenceBroken(expected: index + 1, found: row.sequence))
            break
        }
        return found
    }

    /// The files hold each row's line once, byte for byte, in that of its engine, and nothing else.
    private func files(_ lines: [Line]) -> [Discrepancy] {
        var found: [Discrepancy] = []
        let written = Dictionary(grouping: lines, by: \.dialing)
        let rows = Dictionary(self.books.rows.map { ($0.dialing, $0) }, uniquingKeysWith: { first, _ in first })
        for row in self.books.rows {
            guard let copies = written[row.dialing] else {
                found.append(.missingLine(dialing: row.dialing))
                continue
            }
            if copies.contains(where: { $0.text != row.line }) { found.append(.alteredLine(dialing: row.dialing)) }
            for copy in copies where copy.file != row.engine {
                found.append(.misplacedLine(dialing: row.dialing, file: copy.file, engine: row.engine))
            }
        }
        for (dialing, copies) in written {
            if copies.count > 1 { found.append(.duplicateLine(dialing: dialing, times: copies.count)) }
            if rows[dialing] == nil { found.append(.strayLine(dialing: dialing)) }
        }
        return found
    }

    /// No result tells of a call that was not, or denies one that was.
    private func results(_ lines: [Line]) -> [Discrepancy] {
        var found: [Discrepancy] = []
        let calls = Dictionary(self.floor.calls.map { ($0.dialing, $0) }, uniquingKeysWith: { first, _ in first })
        for line in lines {
            let call = calls[line.dialing]
            if call == nil, Self.followed.contains(line.status) || line.toldOfCall {
                found.append(.phantomCall(dialing: line.dialing, status: line.status))
            }
            if call != nil, Self.notPlaced.contains(line.status) {
                found.append(.deniedCall(dialing: line.dialing, status: line.status))
            }
            if !Self.followed.contains(line.status), !line.isAnswered, line.detail.isEmpty {
                found.append(.unexplained(dialing: line.dialing, status: line.status))
            }
            // What may never have been a call must say that nobody knows.
            if call == nil, line.status == 10, !line.detail.isEmpty, !line.detail.contains("not known") {
                found.append(.unexplained(dialing: line.dialing, status: line.status))
            }
            guard let call else { continue }
            if line.isAnswered, !call.isAnswered, call.ended != nil {
                found.append(.answerInvented(dialing: line.dialing))
            }
            if !line.isAnswered, call.isAnswered, Self.followed.contains(line.status) {
                found.append(.answerLost(dialing: line.dialing, status: line.status))
            }
        }
        return found
    }
}
