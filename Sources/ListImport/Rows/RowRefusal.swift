/// Why a row is refused, before it is known where it stood.
package struct RowRefusal: Error, Sendable, Hashable {
    /// nil when it is the row as a whole.
    package var field: String?
    package var reason: String

    init(_ field: String?, _ reason: String) {
        self.field = field
        self.reason = reason
    }
}
