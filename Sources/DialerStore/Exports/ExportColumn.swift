/// A column of an export: its name on the wire, and where its value comes from.
struct ExportColumn: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Numbers, flags, uuids and JSON: nothing a spreadsheet calculates with.
        case plain
        /// `true` or `false`.
        case boolean
        case text
        /// A number to call: a plus and digits stay as they are, for no formula can be made of them.
        case number
        case time
    }

    let name: String
    let kind: Kind
    /// SQL, written here in the program.
    let source: String

    init(_ name: String, _ kind: Kind, _ source: String? = nil) {
        self.name = name
        self.kind = kind
        self.source = source ?? name
    }

    /// The value as SQL for a select list.
    func expression(_ format: ExportFormat) -> String {
        switch self.kind {
        case .boolean where format == .csv: "\(self.source)::text AS \(self.name)"
        case .plain, .boolean: "\(self.source) AS \(self.name)"
        case .time:
            "to_char(\(self.source) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"000Z\"') AS \(self.name)"
        case .text where format == .csv: "\(self.guarded("true")) AS \(self.name)"
        case .number where format == .csv: "\(self.guarded("\(self.source) !~ '^[+][0-9]+$'")) AS \(self.name)"
        case .text, .number: "\(self.source) AS \(self.name)"
        }
    }

    /// With an apostrophe where the text begins as a formula does, with `=`, `+`, `-`, `@`, a tab or a carriage return.
    private func guarded(_ condition: String) -> String {
        """
        CASE WHEN ascii(\(self.source)) IN (61, 43, 45, 64, 9, 13) AND \(condition) THEN '''' || \(self.source) \
        ELSE \(self.source) END
        """
    }
}
