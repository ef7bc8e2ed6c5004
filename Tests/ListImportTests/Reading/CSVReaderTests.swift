import ListImport
import Testing

@Suite struct CSVReaderTests {
    /// The fields of every record, with the line each begins on.
    private func read(_ text: String, pieceSize: Int = .max, limits: ReadingLimits = ReadingLimits()) throws -> (
        records: [(line: Int, fields: [String])], problems: [RowProblem]
    ) {
        var reader = CSVReader(limits: limits)
        var records: [(Int, [String])] = []
        var problems: [RowProblem] = []
        func collect(_ batch: inout RecordBatch) {
            for record in batch.records {
                records.append((record.line, (0..<record.fieldCount).map { batch.text($0, of: record) }))
            }
            problems += batch.problems
            batch.removeAll()
        }
        var batch = RecordBatch()
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(pieceSize, max(bytes.count, 1))) {
            try reader.push(Array(bytes[start..<min(start + min(pieceSize, bytes.count), bytes.count)]), into: &batch)
            collect(&batch)
        }
        try reader.finish(into: &batch)
        collect(&batch)
        return (records, problems)
    }

    @Test(
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            ("a;b\r1;2\r", [["a", "b"], ["1", "2"]]),
            ("a\tb\n\n1\t2\n\n", [["a", "b"], ["1", "2"]]),
            ("\u{FEFF}a,b\n1,\n", [["a", "b"], ["1", ""]]),
            ("\"a,x\",\"b\"\"q\"\"\"\n\"line\r\nbreak\",\"\"\n", [["a,x", "b\"q\""], ["line\r\nbreak", ""]]),
            ("a;b,c;d\n1;2;3\n", [["a", "b,c", "d"], ["1", "2", "3"]]),
            ("\"x,y,z\";b\n", [["x,y,z", "b"]]),
            ("one\ntwo\n", [["one"], ["two"]]),
        ] as [(String, [[String]])])
    func rowsAreReadWhateverPiecesTheyComeIn(text: String, expected: [[String]]) throws {
        for size in [1, 2, 3, 5, 7, Int.max] {
            let outcome = try self.read(text, pieceSize: size)
            #expect(outcome.records.map(\.fields) == expected, "pieces of \(size)")
            #expect(outcome.problems.isEmpty)
        }
    }

    @Test func linesAreCountedThroughQuotedBreaks() throws {
        let outcome = try self.read("h,i\n\"a\nb\nc\",1\n\nd,2\r\ne,3\n")
        #expect(outcome.records.map(\.line) == [1, 2, 6, 7])
    }

    @Test func aBrokenRowIsRejectedAndTheNextOneRead() throws {
        let text = "h,i\n1,\"ok\"x\n2,b\u{0}c\n3,fine\n4,\"open\n"
        let outcome = try self.read(text)
        #expect(outcome.records.map(\.fields) == [["h", "i"], ["3", "fine"]])
        #expect(outcome.problems.map(\.line) == [2, 3, 5])
        #expect(outcome.problems[0].reason.contains("closing quote"))
        #expect(outcome.problems[1].reason.contains("NUL"))
        #expect(outcome.problems[2].reason.contains("line 5 is never closed"))
    }

    @Test func anEndlessLineCostsNoMemoryAndNoMoreThanItself() throws {
        var reader = CSVReader()
        var batch = RecordBatch()
        try reader.push(Array("number_1\n".utf8), into: &batch)
        batch.removeAll()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1_048_576)
        var problems: [RowProblem] = []
        for _ in 0..<100 {
            try reader.push(piece, into: &batch)
            problems += batch.problems
            #expect(batch.records.isEmpty)
            batch.removeAll()
        }
        try reader.push(Array("\n300\n".utf8), into: &batch)
        #expect(problems.map(\.line) == [2])
        #expect(problems.first?.reason.contains("longer than") == true)
        #expect((problems.first?.excerpt.utf8.count ?? 0) <= RowProblem.excerptBytes)
        #expect(batch.records.map(\.line) == [3])
    }

    @Test func aQuoteThatIsNeverClosedEndsAtTheLimit() throws {
        var limits = ReadingLimits()
        limits.fieldBytes = 50
        let outcome = try self.read("h\n\"" + String(repeating: "x\n", count: 40) + "300\n301\n", limits: limits)
        #expect(outcome.problems.count == 1)
        #expect(outcome.problems[0].reason.contains("opened on line 2"))
        #expect(outcome.records.last?.fields == ["301"])
    }

    @Test func whatIsShownOfARowBeyondALimitIsTheSameInAnyPieces() throws {
        var limits = ReadingLimits()
        limits.fieldBytes = 50
        let text = "h\nshort,\"" + String(repeating: "x", count: 80) + "\"\n"
        let whole = try self.read(text, limits: limits)
        #expect(whole.problems.first?.excerpt == "short" + String(repeating: "x", count: 50))
        for size in 1...60 { #expect(try self.read(text, pieceSize: size, limits: limits).problems == whole.problems) }
    }

    @Test func theDelimiterOfAnEndlessFirstLineIsTheSameInAnyPieces() throws {
        var limits = ReadingLimits()
        limits.recordBytes = 64
        // Commas lead within what a record may hold, semicolons in all.
        let text = "a,b,c" + String(repeating: "x", count: 60) + String(repeating: ";y", count: 20) + "\n1,2;3\n"
        let whole = try self.read(text, limits: limits)
        #expect(whole.records.last?.fields == ["1", "2;3"])
        for size in [1, 7, 64] {
            #expect(try self.read(text, pieceSize: size, limits: limits).records.last?.fields == ["1", "2;3"])
        }
    }

    @Test func aRowOfTwoThousandColumnsIsRejected() throws {
        let outcome = try self.read("a,b\n" + String(repeating: "x,", count: 2_000) + "\n1,2\n")
        #expect(outcome.problems.map(\.line) == [2])
        #expect(outcome.problems[0].reason.contains("columns"))
        #expect(outcome.records.last?.fields == ["1", "2"])
    }

    @Test func aFileInUTF16IsRefusedWithTheWayOut() throws {
        var reader = CSVReader()
        var batch = RecordBatch()
        #expect(throws: FileProblem("the file is UTF-16; save it as UTF-8")) {
            try reader.push([0xFF, 0xFE, 0x61, 0, 0x0A, 0], into: &batch)
        }
    }

    /// Bytes of every kind in every order: whatever comes out, it comes out the same in pieces of any size.
    @Test func nonsenseIsReadTheSameInAnyPieces() throws {
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let alphabet = Array("a1,;\t\"\"\n\r\u{0}x".utf8)
        for round in 0..<300 {
            let text = String(decoding: (0..<80).map { _ in alphabet[next(alphabet.count)] }, as: UTF8.self)
            let whole = try self.read(text)
            let pieces = try self.read(text, pieceSize: 1 + next(9))
            #expect(whole.records.map(\.fields) == pieces.records.map(\.fields), "round \(round)")
            #expect(whole.records.map(\.line) == pieces.records.map(\.line), "round \(round)")
            #expect(whole.problems == pieces.problems, "round \(round)")
        }
    }
}
