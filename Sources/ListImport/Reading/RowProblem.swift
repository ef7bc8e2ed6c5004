/// Why one row is refused.
package struct RowProblem: Sendable, Hashable {
    /// The line the row begins on, from 1.
    package var line: Int
    /// The column or field at fault; nil when it is the row as a whole.
    package var field: String?
    package var reason: String
    /// The row's beginning as it stood in the file, for the person who mends it.
    package var excerpt: String

    /// The longest excerpt in bytes.
    package static let excerptBytes = 1_000

    package init(line: Int, field: String? = nil, reason: String, excerpt: String = "") {
        self.line = line
        self.field = field
        self.reason = reason
        self.excerpt = excerpt
    }
}
