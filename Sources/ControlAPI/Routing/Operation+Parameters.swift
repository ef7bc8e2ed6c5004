extension Operation.Parameter {
    /// `limit` and `cursor` of every list.
    static func paging(_ configuration: ControlAPIConfiguration) -> [Self] {
        [
            Self(
                name: "limit",
                kind: .integer(1...configuration.maximumListItems, default: configuration.maximumListItems),
                explanation: "Items in this answer at most."
            ),
            Self(
                name: "cursor",
                kind: .text,
                explanation: "The next_cursor of the answer before; the list goes on from there."
            ),
        ]
    }

    static let force = Self(
        name: "force",
        kind: .flag,
        explanation: "1 deletes although campaigns refer to it; their references become null."
    )
}
