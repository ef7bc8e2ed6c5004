import ListImport

/// What a file became.
struct Outcome: Equatable {
    var rows: [[String?]] = []
    var problems: [RowProblem] = []
    var fileProblem: String?
    /// The most bytes a batch held.
    var records = 0
}

/// Contacts and problems of a file that comes in pieces of `pieceSize` bytes.
func parse(
    _ bytes: [UInt8], pieceSize: Int = .max, rules: NumberRules = NumberRules(format: .raw, region: nil),
    options change: (inout ListParser.Options) -> Void = { _ in }
) -> Outcome {
    var options = ListParser.Options(rules: rules)
    change(&options)
    var parser = ListParser(options: options)
    var outcome = Outcome()
    func clean(_ block: ListBlock?) {
        block?.clean(
            accept: { row in outcome.rows.append(ContactRow.Field.allCases.map { row[$0] }) },
            reject: { outcome.problems.append($0) }
        )
    }
    do throws(FileProblem) {
        var start = 0
        while start < bytes.count {
            let end = pieceSize < bytes.count - start ? start + pieceSize : bytes.count
            try bytes[start..<end].withContiguousStorage { (piece) throws(FileProblem) in
                try parser.push(piece)
            }
            clean(parser.takeBlock())
            start = end
        }
        try parser.finish()
        clean(parser.takeBlock())
    } catch {
        outcome.fileProblem = error.message
    }
    return outcome
}

func parse(
    _ text: String, pieceSize: Int = .max, rules: NumberRules = NumberRules(format: .raw, region: nil),
    options change: (inout ListParser.Options) -> Void = { _ in }
) -> Outcome {
    parse(Array(text.utf8), pieceSize: pieceSize, rules: rules, options: change)
}

extension Outcome {
    /// One field of every row.
    func column(_ field: ContactRow.Field) -> [String?] { self.rows.map { $0[field.rawValue] } }

    var numbers: [String?] { self.column(.number1) }
    /// `line: reason`, cut short.
    var reasons: [String] { self.problems.map { "\($0.line): \($0.field.map { $0 + ": " } ?? "")\($0.reason)" } }
}

extension ArraySlice<UInt8> {
    func withContiguousStorage(_ body: (UnsafeBufferPointer<UInt8>) throws(FileProblem) -> Void) throws(FileProblem) {
        let outcome = self.withUnsafeBufferPointer { buffer -> Result<Void, FileProblem> in
            do throws(FileProblem) {
                return .success(try body(buffer))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
