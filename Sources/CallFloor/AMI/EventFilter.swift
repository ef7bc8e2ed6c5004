/// A session's event filters, in both of Asterisk's notations.
struct EventFilters {
    /// What a filter matches.
    struct Rule {
        /// The event names it can match at all.
        var kinds: EventKinds
        var test: Test
    }

    /// What must hold of a matching event beside its name.
    enum Test {
        case none
        case text(Regex<AnyRegexOutput>)
        case header(name: String, method: Method, value: String)
    }

    enum Method: String {
        case none, exact, contains, regex
        case startsWith = "starts_with"
        case endsWith = "ends_with"
    }

    private var includes: [Rule] = []
    private var excludes: [Rule] = []

    /// Adds a legacy filter: a regular expression over the whole text of the event, with `!` in front to exclude. It isn't
    /// anchored, so `Event: Hangup` also lets HangupRequest through.
    /// - Returns: false when the expression isn't one.
    mutating func add(expression: String) -> Bool {
        let isExcluding = expression.hasPrefix("!")
        let pattern = isExcluding ? expression.dropFirst() : Substring(expression)
        var rule = Rule(kinds: .all, test: .none)
        if let names = Self.names(in: pattern) {
            rule.kinds = EventKinds { name in names.contains { name.hasPrefix($0) } }
        } else {
            guard let regex = try? Regex(String(pattern)) else { return false }
            rule.test = .text(regex)
            if Self.isAboutVariables(pattern) { rule.kinds = EventKinds(.varSet) }
        }
        self.add(rule, isExcluding: isExcluding)
        return true
    }

    /// Whether an expression is of the form `Variable: Name` or `Variable: Name(Name|Name)`: only VarSet has that header, so the
    /// text of other events need not be looked at.
    private static func isAboutVariables(_ pattern: Substring) -> Bool {
        guard pattern.hasPrefix("Variable: ") else { return false }
        let isLetter = { (character: Character) in character.isASCII && character.isLetter }
        let rest = pattern.dropFirst(10).drop(while: isLetter)
        guard !rest.isEmpty else { return true }
        return rest.hasPrefix("(") && rest.hasSuffix(")")
            && rest.dropFirst().dropLast().allSatisfy { isLetter($0) || $0 == "|" }
    }

    /// The names an expression of the form `Event: Name` or `Event: (Name|Name)` begins with; such a one needs no look at
    /// the text, since only an event's first line has that header.
    private static func names(in pattern: Substring) -> [Substring]? {
        let unanchored = pattern.hasPrefix("^") ? pattern.dropFirst() : pattern
        guard unanchored.hasPrefix("Event: ") else { return nil }
        var list = unanchored.dropFirst(7)
        if list.hasPrefix("("), list.hasSuffix(")") { list = list.dropFirst().dropLast() }
        let names = list.split(separator: "|", omittingEmptySubsequences: false)
        // An alternation without its parentheses splits the whole expression, not the names.
        guard names.count == 1 || unanchored.hasSuffix(")") else { return nil }
        return names.allSatisfy { $0.allSatisfy { $0.isLetter && $0.isASCII } } ? names : nil
    }

    /// Adds a filter in the newer notation, `action(include),name(Hangup),header(Queue),method(exact)` with `value` to compare.
    /// - Returns: false when the criteria can't be read.
    mutating func add(criteria: String, value: String) -> Bool {
        var rule = Rule(kinds: .all, test: .none)
        var isExcluding = false
        var header: String?
        var method = Method.regex
        for part in criteria.split(separator: ",") {
            guard let open = part.firstIndex(of: "("), part.last == ")" else { return false }
            let argument = part[part.index(after: open)...].dropLast()
            switch part[..<open].drop(while: { $0 == " " }).lowercased() {
            case "action":
                switch argument.lowercased() {
                case "include": isExcluding = false
                case "exclude": isExcluding = true
                default: return false
                }
            case "name": rule.kinds = EventKinds { $0 == argument }
            case "header": header = String(argument)
            case "method":
                guard let known = Method(rawValue: argument.lowercased()) else { return false }
                method = known
            default: return false
            }
        }
        switch (header, method) {
        case (_, .none): break
        case (let header?, _): rule.test = .header(name: header, method: method, value: value)
        case (nil, .regex):
            guard let regex = try? Regex(value) else { return false }
            rule.test = .text(regex)
        case (nil, _): return false
        }
        self.add(rule, isExcluding: isExcluding)
        return true
    }

    private mutating func add(_ rule: Rule, isExcluding: Bool) {
        if isExcluding { self.excludes.append(rule) } else { self.includes.append(rule) }
    }

    /// The kinds that may pass, whatever their text.
    var possibleKinds: EventKinds {
        var kinds: EventKinds = self.includes.isEmpty ? .all : []
        for rule in self.includes { kinds.formUnion(rule.kinds) }
        for rule in self.excludes {
            if case .none = rule.test { kinds.subtract(rule.kinds) }
        }
        return kinds
    }

    /// The kinds that pass without a look at their text.
    var certainKinds: EventKinds {
        var kinds: EventKinds = self.includes.isEmpty ? .all : []
        for rule in self.includes {
            if case .none = rule.test { kinds.formUnion(rule.kinds) }
        }
        for rule in self.excludes { kinds.subtract(rule.kinds) }
        return kinds
    }

    /// Whether an event passes, given its text.
    func passes(_ kind: EventKind, text: String) -> Bool {
        let kind = EventKinds(kind)
        let matches = { (rule: Rule) in
            rule.kinds.contains(kind) && Self.holds(rule.test, text: text)
        }
        return (self.includes.isEmpty || self.includes.contains(where: matches))
            && !self.excludes.contains(where: matches)
    }

    private static func holds(_ test: Test, text: String) -> Bool {
        switch test {
        case .none: return true
        case .text(let regex): return text.firstMatch(of: regex) != nil
        case .header(let name, let method, let value):
            for line in text.split(separator: "\r\n") where line.hasPrefix("\(name): ") {
                let found = line.dropFirst(name.count + 2)
                switch method {
                case .none: return true
                case .exact: return found == value
                case .startsWith: return found.hasPrefix(value)
                case .endsWith: return found.hasSuffix(value)
                case .contains: return found.contains(value)
                case .regex:
                    guard let regex = try? Regex(value) else { return false }
                    return found.firstMatch(of: regex) != nil
                }
            }
            return false
        }
    }
}
