/// How exported rows are written.
package enum ExportFormat: String, Sendable, Hashable, CaseIterable {
    /// RFC 4180 with a heading line; cells that a spreadsheet would take for formulas have an apostrophe in front.
    case csv
    /// One JSON object a line.
    case ndjson
}
