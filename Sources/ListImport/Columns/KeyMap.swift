/// What the members of JSON objects are, remembered from object to object.
package struct KeyMap: Sendable {
    private let choices: ColumnMap.Choices
    private var known: [String: ColumnTarget?] = [:]

    /// Keys beyond these are worked out anew each time: a hostile file may have another key in every object.
    private static let remembered = 1_000

    package init(choices: ColumnMap.Choices = ColumnMap.Choices()) throws(FileProblem) {
        guard choices.byPosition.isEmpty else {
            throw FileProblem("map: the members of JSON objects have no positions; name them")
        }
        self.choices = choices
    }

    /// - Returns: nil for a key that is no field and cannot be a variable's name.
    mutating func target(of key: String) -> ColumnTarget? {
        if let target = self.known[key] { return target }
        let target =
            self.choices.byHeading[ColumnNames.key(key)] ?? ColumnTarget(field: key) ?? ColumnNames.target(of: key)
            ?? ColumnNames.variableName(key).map { .variable($0) }
        if self.known.count < Self.remembered { self.known[key] = target }
        return target
    }
}
