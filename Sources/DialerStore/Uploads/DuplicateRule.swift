/// When a row is a contact that is there already, and what becomes of it then.
package struct DuplicateRule: Sendable, Hashable {
    /// Where the other one is looked for. Each scope includes the ones before it.
    package enum Scope: String, Sendable, Hashable, CaseIterable {
        /// Earlier rows of the same file.
        case file
        /// The contacts of the list.
        case list
        /// The contacts of every list in use.
        case all
    }

    package enum Key: String, Sendable, Hashable, CaseIterable {
        /// The client's own key. Rows without one are never duplicates.
        case ukey
        /// The number that is dialed first: the one in the lowest slot.
        case number
    }

    package enum Action: String, Sendable, Hashable, CaseIterable {
        /// The row is passed over and counted.
        case skip
        /// The row's fields replace those of the contact. Within a file the last row wins.
        case update
        /// The row is refused.
        case error
    }

    package var scope: Scope
    package var key: Key
    package var action: Action

    package init(scope: Scope, key: Key, action: Action) {
        self.scope = scope
        self.key = key
        self.action = action
    }
}
