import DialerModel
import OrderedCollections

/// Reads the members of one JSON object, each at most once, and in the end refuses those nobody asked for.
struct ScenarioReader {
    private let value: JSONValue
    private let path: String
    private var known: Set<String> = []

    /// - Throws: ``ScenarioError`` when `value` is no object.
    init(_ value: JSONValue, path: String = "") throws(ScenarioError) {
        guard value.objectValue != nil else {
            throw ScenarioError(member: path, problem: "must be an object, not \(value.excerpt)")
        }
        self.value = value
        self.path = path
    }

    /// The member's path, for messages.
    func path(_ member: String) -> String { self.path.isEmpty ? member : "\(self.path).\(member)" }

    /// A member that may be missing or null.
    mutating func member(_ name: String) -> JSONValue? {
        self.known.insert(name)
        guard let member = self.value[name], !member.isNull else { return nil }
        return member
    }

    mutating func number(_ name: String, in range: ClosedRange<Double>) throws(ScenarioError) -> Double? {
        guard let member = self.member(name) else { return nil }
        let number: Double
        switch member {
        case .integer(let integer): number = Double(integer)
        case .number(let double): number = double
        default: throw ScenarioError(member: self.path(name), problem: "must be a number, not \(member.excerpt)")
        }
        guard range.contains(number) else {
            throw ScenarioError(
                member: self.path(name),
                problem: "must be \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
        }
        return number
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int? {
        guard let member = self.member(name) else { return nil }
        guard case .integer(let integer) = member, let number = Int(exactly: integer), range.contains(number) else {
            throw ScenarioError(
                member: self.path(name),
                problem: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func text(_ name: String) throws(ScenarioError) -> String? {
        guard let member = self.member(name) else { return nil }
        guard case .string(let text) = member, !text.isEmpty, text.utf8.count <= 100 else {
            throw ScenarioError(member: self.path(name), problem: "must be a string of 1 to 100 bytes")
        }
        return text
    }

    /// A part that is an object itself.
    mutating func part(_ name: String) throws(ScenarioError) -> ScenarioReader? {
        guard let member = self.member(name) else { return nil }
        return try ScenarioReader(member, path: self.path(name))
    }

    /// A list of at most `limit`.
    mutating func list(_ name: String, limit: Int) throws(ScenarioError) -> [JSONValue]? {
        guard let member = self.member(name) else { return nil }
        guard let elements = member.arrayValue, elements.count <= limit else {
            throw ScenarioError(member: self.path(name), problem: "must be an array of at most \(limit)")
        }
        return elements
    }

    /// Throws for members that were not asked for.
    func finish() throws(ScenarioError) {
        for name in self.value.objectValue?.keys.elements ?? [] where !self.known.contains(name) {
            let names = self.known.sorted().joined(separator: ", ")
            throw ScenarioError(member: self.path(name), problem: "is unknown; known here: \(names)")
        }
    }

    private static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}
