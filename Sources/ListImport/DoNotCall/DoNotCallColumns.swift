/// Which column of a file is which field of a do-not-call number.
struct DoNotCallColumns: Sendable {
    /// nil for a column that is left out.
    private(set) var fields: [DoNotCallRow.Field?]

    /// Reads a header line. Columns of other names are left out.
    ///
    /// - Throws: ``FileProblem`` when none holds the number, or two mean the same.
    init(headings: [String]) throws(FileProblem) {
        self.fields = headings.map { Self.field(named: $0) }
        var seen: Set<DoNotCallRow.Field> = []
        for case let field? in self.fields where !seen.insert(field).inserted {
            throw FileProblem("two columns are \(field.rawValue); leave one out")
        }
        guard seen.contains(.number) else {
            throw FileProblem("no column holds a number; name it number or phone, or give header=0 for numbers alone")
        }
    }

    /// A file without a header line: number, reason, expire, region, as far as they go.
    init(columnCount: Int) {
        self.fields = (0..<columnCount).map { index in
            index < DoNotCallRow.Field.allCases.count ? DoNotCallRow.Field.allCases[index] : nil
        }
    }

    /// The field of a heading or an object's key; nil for any other.
    static func field(named name: String) -> DoNotCallRow.Field? {
        switch ColumnNames.key(name) {
        case "reason", "comment", "note", "remark": .reason
        case "expire", "expires", "expiry", "tmexpire", "until": .expire
        case "region", "country", "countrycode": .region
        default: ColumnNames.target(of: name) == .number(1) ? .number : nil
        }
    }
}
