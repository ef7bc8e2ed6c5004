/// Whose results file result rows are read for.
package struct ResultReader: Sendable, Hashable {
    /// The engine's name.
    package var engine: String
    /// Whether the rows that bear no engine's name are its too.
    package var isFirst: Bool

    package init(engine: String, isFirst: Bool) {
        self.engine = engine
        self.isFirst = isFirst
    }
}
