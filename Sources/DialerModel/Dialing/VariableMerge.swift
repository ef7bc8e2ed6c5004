import OrderedCollections

/// The channel variables of one call: campaign < plan < destination < list < contact, the later overriding the earlier.
package enum VariableMerge {
    /// The merged variables as posted, an object always. A name keeps the place where it came first.
    package static func merged(_ snapshot: Dialing.Snapshot) -> JSONValue {
        Self.merged([
            snapshot.campaign.variables, snapshot.plan.variables, snapshot.destination.variables,
            snapshot.dlma.variables, snapshot.entry.variables,
        ])
    }

    /// Merges objects; what is no object counts as empty.
    package static func merged(_ layers: [JSONValue]) -> JSONValue {
        var result = OrderedDictionary<String, JSONValue>()
        for case .object(let members) in layers {
            for (name, value) in members { result[name] = value }
        }
        return .object(result)
    }

    /// Names and texts as they are sent, in order: numbers and booleans as text, null as the empty text.
    ///
    /// Only what may go on the wire: anything else (a name that is no variable's, a nested value) is left out. The field rules
    /// refuse those where they enter, so this matters for values of other origin alone.
    package static func wireTexts(_ variables: JSONValue) -> [(name: String, value: String)] {
        guard case .object(let members) = variables else { return [] }
        var texts: [(name: String, value: String)] = []
        for (name, value) in members where VariableName.isValid(name) {
            guard let text = Self.text(of: value), !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                continue
            }
            texts.append((name, text))
        }
        return texts
    }

    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .null: ""
        case .bool, .integer, .number: value.text
        case .array, .object: nil
        }
    }
}
