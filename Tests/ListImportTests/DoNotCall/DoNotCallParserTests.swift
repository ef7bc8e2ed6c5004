import DialerModel
import Testing

@testable import ListImport

@Suite struct DoNotCallParserTests {
    private static let now = Timestamp(microseconds: 1_800_000_000_000_000)

    private struct Outcome: Equatable {
        var rows: [DoNotCallRow] = []
        var lines: [Int] = []
        var problems: [String] = []
        var fileProblem: String?
        var rowsRead = 0
    }

    private func parse(
        _ text: String, pieceSize: Int = .max, options change: (inout DoNotCallParser.Options) -> Void = { _ in }
    ) -> Outcome {
        var options = DoNotCallParser.Options(now: Self.now)
        change(&options)
        var parser = DoNotCallParser(options: options)
        var outcome = Outcome()
        let accept = { (row: DoNotCallRow, line: Int) in
            outcome.rows.append(row)
            outcome.lines.append(line)
        }
        let reject = { (problem: RowProblem) in
            outcome.problems.append("\(problem.line) \(problem.field ?? "-"): \(problem.reason)")
        }
        let bytes = Array(text.utf8)
        do throws(FileProblem) {
            var start = 0
            while start < bytes.count {
                let end = pieceSize < bytes.count - start ? start + pieceSize : bytes.count
                try bytes[start..<end].withContiguousStorage { (piece) throws(FileProblem) in
                    try parser.push(piece, accept: accept, reject: reject)
                }
                start = end
            }
            try parser.finish(accept: accept, reject: reject)
        } catch {
            outcome.fileProblem = error.message
        }
        outcome.rowsRead = parser.rowsRead
        return outcome
    }

    @Test func everyCutOfAFileReadsTheSame() {
        for text in [
            "Number,Reason,until,country\n+49 30 901820,\"a \"\"b\"\",\nc\",2030-05-01,\n030901821,,,DE\nx y,,,\n",
            "{\"number\":\"300\",\"reason\":\"r\"}\n\n{\"number\":7}\n[]\n",
            "[{\"number\":\"300\"},\n{\"number\":\"030901821\",\"region\":\"DE\",\"expire\":\"2030-05-01T01:00:00+01:00\"}]",
        ] {
            let whole = self.parse(text)
            #expect(!whole.rows.isEmpty)
            #expect(whole.fileProblem == nil)
            for size in 1..<40 { #expect(self.parse(text, pieceSize: size) == whole) }
        }
    }

    @Test func rowsAreReadWithTheirLines() {
        let outcome = self.parse(
            "tel;note;expire\n'300;first;\n\n301;;2027-06-01\n;no number;\n302;;2020-01-01\n",
            options: { $0.region = nil })
        #expect(outcome.rows.map(\.number) == ["300", "301"])
        #expect(outcome.rows.map(\.reason) == ["first", nil])
        #expect(outcome.rows.map(\.expiresAt) == [nil, Timestamp(wire: "2027-06-01T00:00:00Z")])
        #expect(outcome.lines == [2, 4])
        #expect(
            outcome.problems == [
                "5 number: a number is required", "6 expire: 2020-01-01T00:00:00.000000000Z is over already",
            ])
        #expect(outcome.rowsRead == 4)
    }

    @Test func aFileWithoutNamesIsReadByPosition() {
        let outcome = self.parse("300,why,2030-01-01,,\n030901820,,,DE\n", options: { $0.hasHeader = false })
        #expect(outcome.rows.map(\.number) == ["300", "+4930901820"])
        #expect(outcome.rows.first?.reason == "why")
        #expect(outcome.problems.isEmpty)
    }

    @Test func aRowsOwnRegionCountsBeforeTheFiles() {
        let outcome = self.parse("number,region\n030901820,\n2024561111,US\n", options: { $0.region = "DE" })
        #expect(outcome.rows.map(\.number) == ["+4930901820", "+12024561111"])
    }

    @Test(
        arguments: [
            ("+49 30 901820", nil, "+4930901820"), ("+4930901820", nil, "+4930901820"), ("300", nil, "300"),
            ("004930901820", nil, "004930901820"), ("0049 30 901820", "DE", "+4930901820"),
            ("030901820", "DE", "+4930901820"),
            // No number of any country: as a list that takes numbers as given would dial it.
            ("+4999", nil, "+4999"), ("alice@pbx", nil, "alice@pbx"), ("*31#300", nil, "*31#300"),
            (" 300 ", nil, "300"),
        ] as [(String, String?, String)])
    func theFormIsTheOneThatIsDialed(text: String, region: String?, number: String) throws {
        let form = try NumberRules.doNotCallNumber(text, region: region)
        #expect(form == number)
        // A list that brings its numbers into international form, or takes them as given, dials what the list holds.
        let rules = NumberRules(format: region == nil && !number.hasPrefix("+493") ? .raw : .e164, region: region)
        #expect(String(decoding: try rules.number(for: text.utf8), as: UTF8.self) == form)
        #expect(try NumberRules.doNotCallNumber(form, region: nil) == form)
    }
}
