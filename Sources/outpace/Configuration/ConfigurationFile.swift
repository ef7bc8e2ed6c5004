import Foundation
import Yams

/// A YAML file as flat keys: `http.port`, and for lists `asterisk.0.host`.
///
/// swift-configuration's own YAML provider takes no lists of mappings, which `asterisk:` is.
struct ConfigurationFile {
    /// One scalar of the file.
    struct Entry {
        var text: String
        /// Counted from 1.
        var line: Int
    }

    var path: String
    var entries: [String: Entry]
    /// How many members each list has; one without keys of its own (`- {}`) has no entry, and counts all the same.
    private(set) var listCounts: [String: Int] = [:]
    /// The lines of keys with nothing behind them: `key:`, `key: {}`, `key: []`.
    private(set) var emptyKeys: [String: Int] = [:]

    /// A configuration without a file: defaults and environment only.
    static let absent = ConfigurationFile(path: "", entries: [:])

    private init(path: String, entries: [String: Entry]) {
        self.path = path
        self.entries = entries
    }

    /// - Throws: ``ConfigurationError`` when the file cannot be read or is no YAML mapping.
    init(path: String) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(key: path, message: "cannot be read (does it exist, and is it UTF-8 text?)")
        }
        try self.init(path: path, text: text)
    }

    /// - Throws: ``ConfigurationError`` when `text` is no YAML mapping of mappings, lists and scalars.
    init(path: String, text: String) throws {
        self.init(path: path, entries: [:])
        let parser: Parser
        let root: Node?
        do {
            parser = try Parser(yaml: text)
            root = try parser.singleRoot()
        } catch {
            throw ConfigurationError(key: path, message: "is not valid YAML: \(Self.place(of: error))")
        }
        guard let root, !Self.isNull(root) else { return }
        guard case .mapping = root else {
            throw ConfigurationError(key: path, message: "must be a YAML mapping such as `http: { port: 8081 }`")
        }
        // Nodes know their anchors only as long as the parser lives.
        try withExtendedLifetime(parser) { try self.flatten(root, at: "") }
    }

    /// The parser puts the anchored value in each alias's place, so nine short lines can stand for millions of values: what bears an
    /// anchor is refused.
    private mutating func flatten(_ node: Node, at key: String) throws {
        guard node.anchor == nil else { throw Self.aliasRefusal(key) }
        switch node {
        case .scalar(let scalar):
            guard !Self.isNull(node) else {
                self.emptyKeys[key] = scalar.mark?.line ?? 0
                return
            }
            self.entries[key] = Entry(text: scalar.string, line: scalar.mark?.line ?? 0)
        case .mapping(let mapping):
            if mapping.isEmpty { self.emptyKeys[key] = mapping.mark?.line ?? 0 }
            for (name, value) in mapping {
                guard let name = name.string else {
                    throw ConfigurationError(key: key, message: "has a key that is no text (\(self.path))")
                }
                try self.flatten(value, at: key.isEmpty ? name : "\(key).\(name)")
            }
        case .sequence(let sequence):
            if sequence.isEmpty { self.emptyKeys[key] = sequence.mark?.line ?? 0 }
            self.listCounts[key] = sequence.count
            for (index, value) in sequence.enumerated() {
                try self.flatten(value, at: "\(key).\(index)")
            }
        case .alias:
            throw Self.aliasRefusal(key)
        }
    }

    private static func aliasRefusal(_ key: String) -> ConfigurationError {
        ConfigurationError(key: key, message: "YAML anchors and aliases are not supported; write the value out")
    }

    /// Where and what, without the line itself: it may hold a secret.
    private static func place(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        default:
            "check its indentation, colons and quotes"
        }
    }

    /// `key:` with nothing behind it means the default.
    private static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
