import Chance
import DialerModel

extension Scenario {
    private static let durations = 0.0...864_000
    private static let shares = 0.0...1

    /// Reads a scenario from JSON. What it does not name has its default.
    ///
    /// - Throws: ``ScenarioError`` naming the member; members it doesn't know are refused.
    package init(json: some Collection<UInt8>) throws(ScenarioError) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(json)
        } catch {
            throw ScenarioError(member: "", problem: error.message)
        }
        self.init()
        var reader = try ScenarioReader(value)
        try self.readShift(&reader)
        try self.readCalls(&reader)
        try self.readChanges(&reader)
        try self.readPolicies(&reader)
        try reader.finish()
    }

    private mutating func readShift(_ reader: inout ScenarioReader) throws(ScenarioError) {
        self.name = try reader.text("name") ?? self.name
        self.agents = try reader.integer("agents", in: 0...5000) ?? self.agents
        if let hours = try reader.number("hours", in: 0.01...240) { self.length = hours * 3600 }
        self.shifts = try reader.integer("shifts", in: 1...1000) ?? self.shifts
        if let seed = try reader.integer("seed", in: 0...Int.max) { self.seed = UInt64(seed) }
        self.lines = try reader.integer("lines", in: 1...100_000) ?? self.lines
        self.callsPerSecond = try reader.number("calls_per_second", in: 0.01...100_000) ?? self.callsPerSecond
        self.decideEvery = try reader.number("decide_every", in: 0.05...60) ?? self.decideEvery
        self.grace = try reader.number("grace", in: 0...60) ?? self.grace
    }

    private mutating func readCalls(_ reader: inout ScenarioReader) throws(ScenarioError) {
        self.setup = try reader.number("setup", in: 0...60) ?? self.setup
        self.answer = try reader.number("answer", in: Self.shares) ?? self.answer
        self.machine = try reader.number("machine", in: Self.shares) ?? self.machine
        self.fail = try reader.number("fail", in: Self.shares) ?? self.fail
        guard self.machine + self.fail <= 1 else {
            throw ScenarioError(
                member: "machine", problem: "and fail are shares of the calls no person answers: together at most 1")
        }
        self.ring = try Self.spread("ring", &reader, default: self.ring)
        self.ringOut = try reader.number("ring_out", in: 1...300) ?? self.ringOut
        self.talk = try Self.spread("talk", &reader, default: self.talk)
        self.wrapup = try Self.spread("wrapup", &reader, default: self.wrapup)
    }

    private mutating func readChanges(_ reader: inout ScenarioReader) throws(ScenarioError) {
        if var part = try reader.part("breaks") {
            self.breaks = Breaks(
                every: try Self.needed("every", &part, 60...864_000),
                length: try Self.needed("length", &part, 1...86_400))
            try part.finish()
        }
        if var part = try reader.part("drift") {
            self.drift = Drift(
                amplitude: try Self.needed("amplitude", &part, Self.shares),
                period: try Self.needed("period", &part, 60...864_000))
            try part.finish()
        }
        if var part = try reader.part("bursts") {
            self.bursts = Bursts(
                amplitude: try Self.needed("amplitude", &part, Self.shares),
                mean: try Self.needed("mean", &part, 1...864_000))
            try part.finish()
        }
        if var part = try reader.part("machine_detection") {
            self.detection = MachineDetection(
                missed: try part.number("missed", in: Self.shares) ?? 0,
                mistaken: try part.number("mistaken", in: Self.shares) ?? 0,
                talk: try part.number("talk", in: 0...3600) ?? 8)
            try part.finish()
        }
        for (index, element) in (try reader.list("switches", limit: 1000) ?? []).enumerated() {
            var part = try ScenarioReader(element, path: "switches[\(index)]")
            self.switches.append(
                AnswerChange(
                    at: try Self.needed("at", &part, Self.durations),
                    answer: try Self.needed("answer", &part, Self.shares)))
            try part.finish()
        }
        for (index, element) in (try reader.list("staff", limit: 1000) ?? []).enumerated() {
            var part = try ScenarioReader(element, path: "staff[\(index)]")
            self.staff.append(
                StaffChange(
                    at: try Self.needed("at", &part, Self.durations),
                    agents: Int(try Self.needed("agents", &part, 0...5000))))
            try part.finish()
        }
    }

    // MARK: Policies

    private mutating func readPolicies(_ reader: inout ScenarioReader) throws(ScenarioError) {
        let target = try reader.number("target_abandon", in: Self.shares) ?? 0.03
        guard let elements = try reader.list("policies", limit: 20) else {
            for index in self.policies.indices { self.policies[index].target = target }
            return
        }
        guard !elements.isEmpty else { throw ScenarioError(member: "policies", problem: "must name at least one") }
        self.policies = []
        for (index, element) in elements.enumerated() {
            self.policies.append(try Self.policy(element, path: "policies[\(index)]", target: target))
        }
    }

    private static func policy(_ value: JSONValue, path: String, target: Double) throws(ScenarioError) -> Policy {
        // The name alone is a policy with its defaults.
        let object: JSONValue = if case .string = value { ["policy": value] } else { value }
        var reader = try ScenarioReader(object, path: path)
        let name = try reader.text("name")
        let policy: Policy
        switch try reader.text("policy") {
        case "predictive":
            let own = try reader.number("target_abandon", in: Self.shares)
            policy = Policy(.predictive, target: own ?? target, name: name)
        case "progressive": policy = Policy(.progressive, name: name)
        case "ratio": policy = Policy(.ratio(try reader.number("ratio", in: 0.1...100) ?? 1.5), name: name)
        case "jade":
            policy = Policy(.jade(serviceLevel: try reader.integer("service_level", in: 0...10_000) ?? 0), name: name)
        default:
            throw ScenarioError(
                member: reader.path("policy"), problem: "must be predictive, progressive, ratio or jade")
        }
        try reader.finish()
        return policy
    }

    // MARK: Parts

    private static func needed(
        _ name: String, _ reader: inout ScenarioReader, _ range: ClosedRange<Double>
    ) throws(ScenarioError) -> Double {
        guard let number = try reader.number(name, in: range) else {
            throw ScenarioError(member: reader.path(name), problem: "is missing")
        }
        return number
    }

    /// A duration: a number, or an object of mean, cv and cut.
    private static func spread(
        _ name: String, _ reader: inout ScenarioReader, default spread: Spread
    ) throws(ScenarioError) -> Spread {
        guard let member = reader.member(name) else { return spread }
        switch member {
        case .integer, .number:
            guard let mean = try reader.number(name, in: Self.durations) else { return spread }
            return .constant(mean)
        default: break
        }
        var part = try ScenarioReader(member, path: reader.path(name))
        let result = Spread(
            mean: try Self.needed("mean", &part, Self.durations),
            variation: try part.number("cv", in: 0...10) ?? spread.variation,
            cut: try part.number("cut", in: 0.1...864_000))
        try part.finish()
        return result
    }
}
