import DialerModel
import Foundation
import OrderedCollections
import Testing

/// The reckoning is worth what it finds: each way to cheat is tried on books that are otherwise in order.
@Suite("Reckoning")
struct ReckoningTests {
    /// A line as the engine writes it, as far as the reckoning reads it.
    private static func line(
        _ dialing: String, number: String, tryNumber: Int = 1, status: Int, dialResult: Int, cause: Int = 0,
        detail: String? = nil
    ) -> String {
        """
        {"uuid": "\(dialing)","status": \(status),"res_dial": \(dialResult),\
        "res_dial_detail": \(detail.map { "\"\($0)\"" } ?? "null"),"res_hangup": \(cause),"dial_addr": "\(number)",\
        "dial_trycnt": \(tryNumber),"tm_dial_begin": null,"tm_answer": null,"answered": \(dialResult == 4)}
        """
    }

    /// Three contacts: one answered at its second try, one claimed and never placed, one never called.
    private static var inOrder: Reckoning {
        let lines = [
            Self.line("a1", number: "1", status: 13, dialResult: 5, cause: 17, detail: "busy"),
            Self.line("b1", number: "2", status: 10, dialResult: 0, detail: "not known"),
            Self.line("a2", number: "1", tryNumber: 2, status: 7, dialResult: 4, cause: 16),
        ]
        return Reckoning(
            floor: FloorWitness(calls: [
                .init(dialing: "a1", number: "1", begun: 1, ended: 2),
                .init(dialing: "a2", number: "1", begun: 4, ended: 9, isAnswered: true),
            ]),
            books: Books(
                contacts: [
                    .init(entry: "a", number: "1", tries: 2), .init(entry: "b", number: "2", tries: 1),
                    .init(entry: "c", number: "3", tries: 0),
                ],
                rows: [
                    .init(
                        sequence: 1, dialing: "a1", entry: "a", status: 13, dialResult: 5, engine: "e", line: lines[0]),
                    .init(
                        sequence: 2, dialing: "b1", entry: "b", status: 10, dialResult: 0, engine: "e", line: lines[1]),
                    .init(
                        sequence: 3, dialing: "a2", entry: "a", status: 7, dialResult: 4, engine: "e", line: lines[2]),
                ],
                counted: 3
            ),
            files: ["e": lines.map { $0 + "\n" }.joined()]
        )
    }

    /// Puts another line in a row's place, in the database and in the file.
    private static func replace(_ index: Int, by line: String, in reckoning: inout Reckoning) {
        reckoning.file = reckoning.file.replacing(reckoning.books.rows[index].line, with: line)
        reckoning.books.rows[index].line = line
    }

    @Test("books in order give nothing")
    func nothing() {
        #expect(Self.inOrder.discrepancies().isEmpty)
        #expect(
            Reckoning(floor: .init(calls: []), books: .init(contacts: [], rows: [], counted: 0), files: [:])
                .discrepancies().isEmpty)
    }

    @Test("a try originated twice is found, and that its number has more calls than tries")
    func twice() {
        var doctored = Self.inOrder
        doctored.floor.calls.append(.init(dialing: "a2", number: "1", begun: 20, ended: 21))
        let found = doctored.discrepancies()
        #expect(found.contains(.originatedTwice(dialing: "a2", times: 2)))
        #expect(found.contains(.moreCallsThanTries(number: "1", calls: 3, tries: 2)))
    }

    @Test("a second call under an id of its own is found")
    func secondIdentity() {
        var doctored = Self.inOrder
        doctored.floor.calls.append(.init(dialing: "x9", number: "3", begun: 20, ended: 21))
        let found = doctored.discrepancies()
        #expect(found.contains(.originatedUnclaimed(dialing: "x9")))
        #expect(found.contains(.moreCallsThanTries(number: "3", calls: 1, tries: 0)))
    }

    @Test(
        "two calls to one person at once are found, the first of them ended or not", arguments: [5, nil] as [Double?])
    func atOnce(ended: Double?) {
        var doctored = Self.inOrder
        doctored.floor.calls[0].ended = ended
        #expect(doctored.discrepancies().contains(.calledTwiceAtOnce(number: "1", first: "a1", second: "a2")))
    }

    @Test("a row that is gone with its line is found by the contact's tries and the counter")
    func lostRow() {
        var doctored = Self.inOrder
        doctored.file = doctored.file.replacing(doctored.books.rows[2].line + "\n", with: "")
        doctored.books.rows.removeLast()
        let found = doctored.discrepancies()
        #expect(found.contains(.totalsDiffer(tries: 3, claims: 3, rows: 2, lines: 2)))
        #expect(found.contains(.triesWithoutRows(entry: "a", tries: [1, 2], rows: [1])))
        #expect(found.contains(.originatedUnclaimed(dialing: "a2")))
    }

    @Test("a row that is gone with its line, its try and its count is still found by the floor")
    func hiddenCall() {
        var doctored = Self.inOrder
        doctored.file = doctored.file.replacing(doctored.books.rows[2].line + "\n", with: "")
        doctored.books.rows.removeLast()
        doctored.books.contacts[0].tries = 1
        doctored.books.counted = 2
        #expect(
            Set(doctored.discrepancies()) == [
                .originatedUnclaimed(dialing: "a2"), .moreCallsThanTries(number: "1", calls: 2, tries: 1),
            ])
    }

    @Test("a try that is not counted, or counted on somebody else, is found")
    func tries() {
        var doctored = Self.inOrder
        doctored.books.contacts[1].tries = 0
        doctored.books.contacts[2].tries = 1
        let found = doctored.discrepancies()
        #expect(found.contains(.triesWithoutRows(entry: "b", tries: [], rows: [1])))
        #expect(found.contains(.triesWithoutRows(entry: "c", tries: [1], rows: [])))
    }

    @Test("the same try number given twice is found")
    func tryNumbers() {
        var doctored = Self.inOrder
        Self.replace(2, by: Self.line("a2", number: "1", status: 7, dialResult: 4, cause: 16), in: &doctored)
        #expect(doctored.discrepancies() == [.triesWithoutRows(entry: "a", tries: [1, 2], rows: [1, 1])])
    }

    @Test("a hole in the rows' numbers is found")
    func sequence() {
        var doctored = Self.inOrder
        doctored.books.rows[2].sequence = 4
        #expect(doctored.discrepancies() == [.sequenceBroken(expected: 3, found: 4)])
    }

    @Test("what was left open or held is found")
    func leftOpen() {
        var doctored = Self.inOrder
        doctored.books.open = 2
        doctored.books.contacts[2].isHeld = true
        #expect(Set(doctored.discrepancies()) == [.openDialings(2), .heldContact(entry: "c")])
    }

    @Test("a line missing, doubled, foreign, altered or torn is found")
    func lines() {
        let rows = Self.inOrder.books.rows
        var missing = Self.inOrder
        missing.file = missing.file.replacing(rows[1].line + "\n", with: "")
        #expect(missing.discrepancies().contains(.missingLine(dialing: "b1")))

        var doubled = Self.inOrder
        doubled.file += rows[0].line + "\n"
        #expect(doubled.discrepancies().contains(.duplicateLine(dialing: "a1", times: 2)))

        var foreign = Self.inOrder
        foreign.file += Self.line("z1", number: "9", status: 11, dialResult: 0, detail: "?") + "\n"
        #expect(foreign.discrepancies().contains(.strayLine(dialing: "z1")))

        var altered = Self.inOrder
        altered.file = altered.file.replacing("\"busy\"", with: "\"Busy\"")
        #expect(altered.discrepancies() == [.alteredLine(dialing: "a1")])

        var misplaced = Self.inOrder
        misplaced.file = misplaced.file.replacing(rows[0].line + "\n", with: "")
        misplaced.files["f"] = rows[0].line + "\n"
        #expect(misplaced.discrepancies() == [.misplacedLine(dialing: "a1", file: "f", engine: "e")])

        var torn = Self.inOrder
        torn.file.removeLast(5)
        let found = torn.discrepancies()
        #expect(found.contains { if case .unreadableLine = $0 { true } else { false } })
        #expect(found.contains(.missingLine(dialing: "a2")))

        var uncounted = Self.inOrder
        uncounted.file.removeLast()
        #expect(uncounted.discrepancies().contains { if case .unreadableLine = $0 { true } else { false } })
    }

    @Test("a result of a call the floor never saw is found, by its status or by what it tells", arguments: 0...3)
    func phantom(kind: Int) {
        var doctored = Self.inOrder
        let line =
            switch kind {
            case 0: Self.line("b1", number: "2", status: 13, dialResult: 0, detail: "?")
            case 1: Self.line("b1", number: "2", status: 10, dialResult: 3, detail: "?")
            case 2: Self.line("b1", number: "2", status: 11, dialResult: 0, cause: 16, detail: "?")
            default: Self.line("b1", number: "2", status: 7, dialResult: 4)
            }
        Self.replace(1, by: line, in: &doctored)
        let found = doctored.discrepancies()
        #expect(
            found.contains { if case .phantomCall(let dialing, _) = $0 { dialing == "b1" } else { false } },
            "\(found)")
    }

    @Test("a result that denies a call, or does not say why there was none, is found", arguments: [11, 12, 20])
    func denied(status: Int) {
        var doctored = Self.inOrder
        Self.replace(
            0, by: Self.line("a1", number: "1", status: status, dialResult: 0, detail: "not sent"), in: &doctored)
        #expect(doctored.discrepancies() == [.deniedCall(dialing: "a1", status: status)])

        var silent = Self.inOrder
        Self.replace(1, by: Self.line("b1", number: "2", status: status, dialResult: 0), in: &silent)
        #expect(silent.discrepancies() == [.unexplained(dialing: "b1", status: status)])
    }

    @Test("a result that takes a claim never placed for a call that ended is found")
    func neverPlaced() {
        var doctored = Self.inOrder
        Self.replace(
            1, by: Self.line("b1", number: "2", status: 10, dialResult: 0, detail: "its end was not seen"),
            in: &doctored)
        #expect(doctored.discrepancies() == [.unexplained(dialing: "b1", status: 10)])
    }

    @Test("an answer that is made up or kept quiet is found")
    func answers() {
        var invented = Self.inOrder
        invented.floor.calls[1].isAnswered = false
        #expect(invented.discrepancies() == [.answerInvented(dialing: "a2")])

        var lost = Self.inOrder
        lost.floor.calls[0].isAnswered = true
        #expect(lost.discrepancies() == [.answerLost(dialing: "a1", status: 13)])
    }

    @Test("the floor's own log is read, but for a line that is being written")
    func floorLog() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "floor-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try """
        {"event":"originate","ordinal":0,"id":"A1","number":"1","channel":"PJSIP/1","time":1.0,"floor":0.5}
        {"event":"originate","ordinal":1,"id":"A1","number":"1","channel":"PJSIP/1","time":1.0,"floor":0.6}
        {"event":"end","ordinal":0,"id":"A1","number":"1","outcome":"caller","cause":16,"time":9.0,"floor":8.5,"answered":3.0}
        {"event":"end","ordin
        """.write(to: file, atomically: true, encoding: .utf8)
        #expect(
            try FloorWitness(log: file).calls == [
                .init(dialing: "a1", number: "1", begun: 0.5, ended: 8.5, isAnswered: true),
                .init(dialing: "a1", number: "1", begun: 0.6),
            ])
    }
}

extension Reckoning {
    /// The file of the engine all these books are of.
    fileprivate var file: String {
        get { self.files["e"] ?? "" }
        set { self.files["e"] = newValue }
    }
}
