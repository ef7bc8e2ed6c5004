import DialerModel

/// Which column of a file is which field of a contact.
package struct ColumnMap: Sendable, Hashable {
    /// What a client asked for: `map=Tel.:number_1,Customer no:ukey,#4:-`.
    package struct Choices: Sendable, Hashable {
        var byHeading: [String: ColumnTarget] = [:]
        var byPosition: [Int: ColumnTarget] = [:]

        package init() {}

        /// Reads `COLUMN:FIELD` pairs separated by commas. A column is its heading, or `#` and its position from 1. A field
        /// is a contact's, `-` for none, or another word for a channel variable of that name.
        package init(_ text: String) throws(FileProblem) {
            for pair in text.split(separator: ",", omittingEmptySubsequences: true) {
                guard let colon = pair.lastIndex(of: ":"), colon != pair.startIndex else {
                    throw FileProblem(
                        "map: expected COLUMN:FIELD pairs separated by commas, got \"\(pair.prefix(60))\"")
                }
                let (column, field) = (String(pair[..<colon]), String(pair[pair.index(after: colon)...]))
                guard let target = ColumnTarget(field: field) ?? (VariableName.isValid(field) ? .variable(field) : nil)
                else {
                    throw FileProblem(
                        "map: \"\(field.prefix(60))\" is neither a field of a contact nor a variable's name")
                }
                if column.hasPrefix("#"), let position = Int(column.dropFirst()), position >= 1 {
                    self.byPosition[position - 1] = target
                } else {
                    self.byHeading[ColumnNames.key(column)] = target
                }
            }
        }
    }

    package private(set) var targets: [ColumnTarget]

    /// Maps a file's headings. Those that are no field become channel variables.
    ///
    /// - Throws: ``FileProblem`` when two columns mean the same, no column holds a number, or there are too many variables.
    package init(headings: [String], choices: Choices = Choices()) throws(FileProblem) {
        var targets: [ColumnTarget] = []
        for (position, heading) in headings.enumerated() {
            targets.append(try Self.target(of: heading, at: position, choices))
        }
        for position in choices.byPosition.keys.sorted() where position >= headings.count {
            throw FileProblem("map: there is no column #\(position + 1); the file has \(headings.count)")
        }
        let keys = Set(headings.map(ColumnNames.key))
        if let missing = choices.byHeading.keys.filter({ !keys.contains($0) }).min() {
            throw FileProblem("map: the file has no column \"\(missing)\"")
        }
        try self.init(targets: targets)
    }

    /// Maps a file without headings, by position alone; other columns are left out.
    package init(columnCount: Int, choices: Choices) throws(FileProblem) {
        guard choices.byHeading.isEmpty else {
            throw FileProblem("map: without a header line columns are named by position, as #1:number_1")
        }
        if let beyond = choices.byPosition.keys.max(), beyond >= columnCount {
            throw FileProblem("map: there is no column #\(beyond + 1); the file has \(columnCount)")
        }
        try self.init(targets: (0..<columnCount).map { choices.byPosition[$0] ?? .ignored })
    }

    private init(targets: [ColumnTarget]) throws(FileProblem) {
        self.targets = targets
        var seen: Set<ColumnTarget> = []
        for target in targets where target != .ignored {
            guard seen.insert(target).inserted else {
                throw FileProblem("two columns are \(target.field); leave one out with map=COLUMN:-")
            }
        }
        let hasNumber = targets.contains { if case .number = $0 { true } else { false } }
        guard hasNumber else {
            throw FileProblem("no column holds a number; name it number_1 or phone, or give map=COLUMN:number_1")
        }
        let variables = targets.count { if case .variable = $0 { true } else { false } }
        guard variables <= VariableLimits.perContact else {
            throw FileProblem(
                "\(variables) columns would become variables, \(VariableLimits.perContact) are the most; leave some out "
                    + "with map=COLUMN:-"
            )
        }
    }

    private static func target(of heading: String, at position: Int, _ choices: Choices) throws(FileProblem)
        -> ColumnTarget
    {
        if let chosen = choices.byPosition[position] ?? choices.byHeading[ColumnNames.key(heading)] { return chosen }
        if heading.allSatisfy(\.isWhitespace) { return .ignored }
        if let target = ColumnNames.target(of: heading) { return target }
        guard let name = ColumnNames.variableName(heading) else {
            throw FileProblem(
                "column #\(position + 1) \"\(heading.prefix(60))\" cannot be a variable's name; "
                    + "give map=#\(position + 1):NAME, or - to leave it out"
            )
        }
        return .variable(name)
    }

    /// Which of a contact's fields the file gives, by wire name; extra columns count as `variables`.
    package var fields: Set<String> {
        Set(
            self.targets.compactMap { target in
                switch target {
                case .ignored: nil
                case .variable, .variables: "variables"
                default: target.field
                }
            }
        )
    }
}
