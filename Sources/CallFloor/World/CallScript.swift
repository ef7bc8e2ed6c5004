/// Rules that decide the fate of certain numbers, so that a test or a demo can order a busy line and get one.
///
/// A rule is a line `PATTERN OUTCOME [key=seconds …]`. In PATTERN `*` stands for any characters and `?` for exactly one,
/// all else for itself. OUTCOME is one of `answer`, `machine`, `busy`, `congestion`, `noanswer`, `unallocated`, `silence`,
/// `refused`, `cause:N`. The keys `setup`, `ring`, `talk`, `wrap` and `patience` replace the drawn durations; a failing call
/// rings first if it is given a `ring`. The first rule that fits decides. Empty lines and what follows `#` are ignored.
package struct CallScript: Sendable, Hashable {
    /// One rule.
    package struct Rule: Sendable, Hashable {
        package var pattern: String
        package var fate: CustomerFate
        package var setup: Double?
        package var ring: Double?
        package var talk: Double?
        package var wrap: Double?
        package var patience: Double?

        package init(pattern: String, fate: CustomerFate) {
            self.pattern = pattern
            self.fate = fate
        }
    }

    /// A line that is no rule.
    package struct ParseError: Error, Hashable, CustomStringConvertible {
        /// Counted from 1.
        package var line: Int
        package var problem: String

        package var description: String { "line \(self.line): \(self.problem)" }
    }

    package var rules: [Rule]

    package init(rules: [Rule] = []) {
        self.rules = rules
    }

    /// Reads rules, one a line.
    package init(text: String) throws(ParseError) {
        self.rules = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = line.prefix { $0 != "#" }
            let words = content.split(whereSeparator: \.isWhitespace)
            guard !words.isEmpty else { continue }
            self.rules.append(try Self.rule(words: words, line: index + 1))
        }
    }

    /// The first rule that fits `number`.
    package func rule(for number: String) -> Rule? {
        self.rules.first { Self.matches(Array(number.utf8), pattern: Array($0.pattern.utf8)) }
    }

    private static func rule(words: [Substring], line: Int) throws(ParseError) -> Rule {
        guard words.count >= 2 else {
            throw ParseError(line: line, problem: "expected PATTERN OUTCOME [key=seconds …]")
        }
        guard let fate = Self.fate(named: words[1]) else {
            throw ParseError(
                line: line,
                problem: "unknown outcome '\(words[1])'; use answer, machine, busy, congestion, noanswer, unallocated, "
                    + "silence, refused or cause:N with N from 0 to 127"
            )
        }
        var rule = Rule(pattern: String(words[0]), fate: fate)
        for word in words.dropFirst(2) {
            let pair = word.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, let seconds = Double(pair[1]), seconds >= 0, seconds.isFinite else {
                throw ParseError(line: line, problem: "'\(word)' is not key=seconds")
            }
            switch pair[0] {
            case "setup": rule.setup = seconds
            case "ring": rule.ring = seconds
            case "talk": rule.talk = seconds
            case "wrap": rule.wrap = seconds
            case "patience": rule.patience = seconds
            default:
                throw ParseError(
                    line: line, problem: "unknown key '\(pair[0])'; use setup, ring, talk, wrap or patience")
            }
        }
        return rule
    }

    private static func fate(named name: Substring) -> CustomerFate? {
        switch name {
        case "answer", "person": return .person
        case "machine": return .machine
        case "busy": return .busy
        case "congestion": return .congestion
        case "noanswer": return .ringOut
        case "unallocated": return .cause(1)
        case "silence": return .silence
        case "refused": return .refused
        default:
            guard name.hasPrefix("cause:"), let cause = Int(name.dropFirst(6)), (0...127).contains(cause) else {
                return nil
            }
            return .cause(cause)
        }
    }

    /// Wildcard matching in linear space; `*` backtracks to its last place only.
    private static func matches(_ text: [UInt8], pattern: [UInt8]) -> Bool {
        var position = 0
        var rulePosition = 0
        var star = -1
        var retry = 0
        while position < text.count {
            if rulePosition < pattern.count, pattern[rulePosition] == UInt8(ascii: "*") {
                star = rulePosition
                retry = position
                rulePosition += 1
            } else if rulePosition < pattern.count,
                pattern[rulePosition] == UInt8(ascii: "?") || pattern[rulePosition] == text[position]
            {
                position += 1
                rulePosition += 1
            } else if star >= 0 {
                retry += 1
                position = retry
                rulePosition = star + 1
            } else {
                return false
            }
        }
        return pattern[rulePosition...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
