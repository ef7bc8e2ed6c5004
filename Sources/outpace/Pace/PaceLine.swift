import DialerModel
import Pacing

/// One line of the pacing protocol: an object with `t` in seconds and a `type`.
struct PaceLine: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        /// The shift begins: the agents logged in, all ready, and the seconds a caller waits for one of them.
        case start(agents: [Int], grace: Double?)
        case event(PacingEvent)
        /// How many calls to place now?
        case decide
    }

    /// Why a line says nothing.
    struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        var description: String
    }

    var time: Double
    var content: Content

    /// - Throws: ``Problem`` for anything but a line of the protocol; it names the member that is wrong.
    init(_ bytes: some Collection<UInt8>) throws(Problem) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes)
        } catch {
            throw Problem(description: error.message)
        }
        guard value.objectValue != nil else {
            throw Problem(description: "expected an object, found \(value.excerpt)")
        }
        self.time = try Self.number("t", of: value)
        guard self.time >= 0 else { throw Problem(description: "t must be 0 or more") }
        switch try Self.text("type", of: value) {
        case "start": self.content = try Self.start(value)
        case "agent": self.content = .event(.agent(try Self.name("id", of: value), try Self.state(value)))
        case "dial": self.content = .event(.dialed(try Self.name("id", of: value)))
        case "call": self.content = .event(.outcome(try Self.name("id", of: value), try Self.outcome(value)))
        case "connect":
            self.content = .event(
                .connected(try Self.name("id", of: value), agent: try Self.name("agent", of: value)))
        case "abandon": self.content = .event(.abandoned(try Self.name("id", of: value)))
        case "talkend": self.content = .event(.talkEnded(try Self.name("id", of: value)))
        case "decide": self.content = .decide
        case let other: throw Problem(description: "unknown type \(JSONValue.string(other).excerpt)")
        }
    }

    private static func start(_ value: JSONValue) throws(Problem) -> Content {
        var agents: [Int] = []
        if let member = value["agents"], !member.isNull {
            guard case .array(let names) = member else {
                throw Problem(description: "agents must be an array of names")
            }
            for name in names { agents.append(try Self.number(naming: name, member: "agents")) }
        }
        guard let grace = value["grace"], !grace.isNull else { return .start(agents: agents, grace: nil) }
        let seconds = try Self.number("grace", of: value)
        guard (0...3600).contains(seconds) else { throw Problem(description: "grace must be 0 to 3600 seconds") }
        return .start(agents: agents, grace: seconds)
    }

    private static func state(_ value: JSONValue) throws(Problem) -> AgentState {
        let text = try Self.text("state", of: value)
        guard let state = AgentState(rawValue: text) else {
            throw Problem(description: "unknown state \(JSONValue.string(text).excerpt)")
        }
        return state
    }

    private static func outcome(_ value: JSONValue) throws(Problem) -> CallOutcome {
        let text = try Self.text("outcome", of: value)
        guard let outcome = CallOutcome(rawValue: text) else {
            throw Problem(description: "unknown outcome \(JSONValue.string(text).excerpt)")
        }
        return outcome
    }

    // MARK: Members

    private static func number(_ member: String, of value: JSONValue) throws(Problem) -> Double {
        switch value[member] {
        case .integer(let number)?: return Double(number)
        case .number(let number)? where number.isFinite: return number
        case nil: throw Problem(description: "\(member) is missing")
        case let other?: throw Problem(description: "\(member) must be a number, not \(other.excerpt)")
        }
    }

    private static func text(_ member: String, of value: JSONValue) throws(Problem) -> String {
        switch value[member] {
        case .string(let text)?: return text
        case nil: throw Problem(description: "\(member) is missing")
        case let other?: throw Problem(description: "\(member) must be a string, not \(other.excerpt)")
        }
    }

    private static func name(_ member: String, of value: JSONValue) throws(Problem) -> Int {
        guard let name = value[member] else { throw Problem(description: "\(member) is missing") }
        return try Self.number(naming: name, member: member)
    }

    /// The number that stands for a name: a digest, so that no table of names grows with the calls. FNV-1a, 64 bits: among a
    /// million names two are the same with a chance of three in a hundred million.
    private static func number(naming name: JSONValue, member: String) throws(Problem) -> Int {
        let text: String
        switch name {
        case .string(let string): text = string
        case .integer(let number): text = String(number)
        default: throw Problem(description: "\(member) must name by a string or an integer, not \(name.excerpt)")
        }
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int(truncatingIfNeeded: digest)
    }
}
