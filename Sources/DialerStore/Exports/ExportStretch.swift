/// Rows of an export between two places.
struct ExportStretch: Sendable, Hashable {
    /// The row before the first; nil at the beginning.
    var start: ExportPlace?
    var end: ExportPlace
    /// Whether nothing is behind it.
    var isLast: Bool
}
