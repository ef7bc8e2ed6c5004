/// A row that was refused.
package struct RejectedRow: Sendable, Hashable {
    /// The line it begins on, from 1.
    package var line: Int
    /// The field at fault; nil when it is the row as a whole.
    package var field: String?
    package var reason: String
    /// The row's beginning.
    package var excerpt: String

    package init(line: Int, field: String?, reason: String, excerpt: String) {
        self.line = line
        self.field = field
        self.reason = reason
        self.excerpt = excerpt
    }
}

/// A place among the refused rows of an upload: many of them may begin on one line.
package struct RejectPlace: Sendable, Hashable {
    var line: Int
    var id: Int64

    /// Before the first one.
    package static let start = RejectPlace(line: -1, id: 0)
}
