import Configuration
import Foundation

/// Reads typed values by key, environment before file before default, and remembers which keys exist, so that a misspelt one can
/// be refused.
struct ConfigurationSource {
    private let reader: ConfigReader
    private let file: ConfigurationFile
    private let environment: [String: String]
    private var known: Set<String> = []
    /// The lists and mappings that are asked for as such.
    private var knownContainers: Set<String> = []

    /// The prefix of every environment variable: `http.port` is `OUTPACE_HTTP_PORT`.
    static let environmentPrefix = "OUTPACE_"

    /// - Parameters:
    ///   - file: The parsed file; ``ConfigurationFile/absent`` when there is none.
    ///   - environment: The process's environment.
    init(file: ConfigurationFile, environment: [String: String]) {
        self.file = file
        self.environment = environment.filter { $0.key.hasPrefix(Self.environmentPrefix) }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, entry) in file.entries {
            let components = ["outpace"] + key.split(separator: ".").map(String.init)
            values[AbsoluteConfigKey(components)] = ConfigValue(.string(entry.text), isSecret: true)
        }
        self.reader = ConfigReader(providers: [
            EnvironmentVariablesProvider(environmentVariables: self.environment, secretsSpecifier: .all),
            InMemoryProvider(name: "file", values: values),
        ])
    }

    /// The name of the environment variable that sets `key`.
    static func variable(for key: String) -> String {
        self.environmentPrefix
            + key.uppercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    }

    /// The value as text, or `fallback` when nobody sets it.
    mutating func text(_ key: String, default fallback: String) -> String {
        self.raw(key) ?? fallback
    }

    /// An integer within `range`.
    mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = self.raw(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw self.error(key, text, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A number within `range`.
    mutating func number(_ key: String, default fallback: Double, in range: ClosedRange<Double>) throws -> Double {
        guard let text = self.raw(key) else { return fallback }
        guard let value = Double(text), value.isFinite, range.contains(value) else {
            throw self.error(key, text, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// An integer within `range`; nil when nobody sets it.
    mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard self.raw(key) != nil else { return nil }
        return try self.integer(key, default: range.lowerBound, in: range)
    }

    /// A number within `range`; nil when nobody sets it.
    mutating func optionalNumber(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
        guard self.raw(key) != nil else { return nil }
        return try self.number(key, default: range.lowerBound, in: range)
    }

    /// A duration given as a number of seconds within `range`.
    mutating func seconds(_ key: String, default fallback: Double, in range: ClosedRange<Double>) throws -> Duration {
        .seconds(try self.number(key, default: fallback, in: range))
    }

    /// `true`/`false`, also `yes`/`no` and `on`/`off`.
    mutating func flag(_ key: String, default fallback: Bool) throws -> Bool {
        guard let text = self.raw(key) else { return fallback }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw self.error(key, text, "true or false")
        }
    }

    /// One of `choices`.
    mutating func choice(_ key: String, default fallback: String, of choices: [String]) throws -> String {
        guard let text = self.raw(key) else { return fallback }
        guard choices.contains(text) else {
            throw self.error(key, text, "one of \(choices.joined(separator: ", "))")
        }
        return text
    }

    /// How many members the list at `key` has, in the file and the environment together. One that says nothing counts too.
    mutating func count(_ key: String) -> Int {
        self.knownContainers.insert(key)
        let fromFile = self.file.entries.keys.compactMap { entry -> Int? in
            guard entry.hasPrefix("\(key).") else { return nil }
            return Int(entry.dropFirst(key.count + 1).prefix { $0 != "." })
        }
        let prefix = Self.variable(for: key) + "_"
        let fromEnvironment = self.environment.keys.compactMap { variable -> Int? in
            guard variable.hasPrefix(prefix) else { return nil }
            return Int(variable.dropFirst(prefix.count).prefix { $0 != "_" })
        }
        let count = ((fromFile + fromEnvironment).max() ?? -1) + 1
        let listed = self.file.listCounts[key] ?? 0
        for index in 0..<max(count, listed) { self.knownContainers.insert("\(key).\(index)") }
        return max(count, listed)
    }

    /// A mapping of names to integers within `range`.
    ///
    /// Its names come from the mapping in the file and from `name=value` pairs, separated by commas, in the variable of `key`. A
    /// variable for a single name wins over a pair, and a pair over the file.
    mutating func integers(_ key: String, in range: ClosedRange<Int>) throws -> [String: Int] {
        self.knownContainers.insert(key)
        let expected =
            "integers from \(range.lowerBound) to \(range.upperBound) as name=value pairs with commas between"
        var values: [String: Int] = [:]
        if let text = self.raw(key) {
            for pair in text.split(separator: ",", omittingEmptySubsequences: true) {
                let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
                    .map { $0.trimmingCharacters(in: .whitespaces) }
                guard parts.count == 2, !parts[0].isEmpty, let value = Int(parts[1]), range.contains(value),
                    values.updateValue(value, forKey: parts[0]) == nil
                else { throw self.error(key, text, expected) }
            }
        }
        let inFile = self.file.entries.keys.filter { $0.hasPrefix("\(key).") }.map {
            String($0.dropFirst(key.count + 1))
        }
        for name in Set(inFile).union(values.keys).sorted() {
            let own = "\(key).\(name)"
            let isOverridden = self.environment[Self.variable(for: own)] != nil
            if let paired = values[name], !isOverridden {
                // The file's value, if there is one, is asked for all the same: it is no unknown key.
                self.known.insert(own)
                values[name] = paired
            } else {
                values[name] = try self.integer(own, default: 0, in: range)
            }
        }
        return values
    }

    /// - Throws: ``ConfigurationError`` naming the first key, of the file or the environment, that nothing has asked for.
    func refuseUnknownKeys() throws {
        for (key, entry) in self.file.entries.sorted(by: { $0.value.line < $1.value.line })
        where !self.known.contains(key) {
            throw ConfigurationError(
                key: key,
                message:
                    "unknown key (\(self.file.path), line \(entry.line)); see the configuration table in the README"
            )
        }
        for (key, line) in self.file.emptyKeys.sorted(by: { $0.value < $1.value })
        where !self.known.contains(key) && !self.knownContainers.contains(key)
            && !self.known.contains(where: { $0.hasPrefix("\(key).") })
        {
            throw ConfigurationError(
                key: key,
                message: "unknown key (\(self.file.path), line \(line)); see the configuration table in the README")
        }
        for key in self.file.listCounts.keys.sorted() where !self.knownContainers.contains(key) {
            throw ConfigurationError(key: key, message: "must not be a list (\(self.file.path))")
        }
        let variables = Set(self.known.map(Self.variable(for:)))
        for variable in self.environment.keys.sorted()
        where variable != ClientOptions.addressVariable && !variables.contains(variable) {
            throw ConfigurationError(
                key: variable, message: "unknown environment variable; no configuration key has this name")
        }
    }

    private mutating func raw(_ key: String) -> String? {
        self.known.insert(key)
        return self.reader.string(
            forKey: ConfigKey(["outpace"] + key.split(separator: ".").map(String.init)), isSecret: true)
    }

    /// The refused text is shown, except for keys that may hold secrets.
    private func error(_ key: String, _ text: String, _ expected: String) -> ConfigurationError {
        let place =
            self.environment[Self.variable(for: key)] != nil
            ? Self.variable(for: key) : "\(self.file.path), line \(self.file.entries[key]?.line ?? 0)"
        return ConfigurationError(key: key, message: "expected \(expected), got \"\(text)\" (\(place))")
    }
}
