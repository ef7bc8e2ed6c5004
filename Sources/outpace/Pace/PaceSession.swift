import DialerModel
import Pacing

/// The pacing protocol, line by line: events go to the pacer, and each `decide` gets an answer.
struct PaceSession: Sendable {
    private var pacer: any Pacer
    private let maxCalls: Int?
    private var rate: TokenBucket?
    private let graceOption: Double?
    /// Changes the pacer's grace time to that of a `start` line.
    private let makePacer: @Sendable (_ grace: Double) -> any Pacer
    private var clock = 0.0

    /// - Parameters:
    ///   - grace: seconds a caller waits for an agent, whatever the `start` line says; nil to go by that line, 2 by default.
    ///   - maxCalls: calls placed and not over, at the most; nil for no limit.
    ///   - maxCallsPerSecond: calls placed in a second, at the most; nil for no limit.
    ///   - makePacer: makes the pacer of a shift.
    init(
        grace: Double?, maxCalls: Int?, maxCallsPerSecond: Double?,
        makePacer: @escaping @Sendable (_ grace: Double) -> any Pacer
    ) {
        self.graceOption = grace
        self.maxCalls = maxCalls
        self.makePacer = makePacer
        self.pacer = makePacer(grace ?? 2)
        if let maxCallsPerSecond {
            self.rate = TokenBucket(
                rate: maxCallsPerSecond, burst: maxCallsPerSecond, at: Timestamp(microseconds: 0))
        }
    }

    /// Takes a line in.
    ///
    /// - Returns: the answer to a `decide`, without a line break; nil for anything else.
    mutating func take(_ line: PaceLine) -> String? {
        self.clock = max(self.clock, line.time)
        switch line.content {
        case .start(let agents, let grace):
            self.pacer = self.makePacer(self.graceOption ?? grace ?? 2)
            for agent in agents { self.pacer.observe(.agent(agent, .idle), at: self.clock) }
            return nil
        case .event(let event):
            self.pacer.observe(event, at: self.clock)
            return nil
        case .decide:
            let answer: JSONValue = ["t": Self.number(line.time), "dial": .integer(Int64(self.decide()))]
            return answer.text
        }
    }

    private mutating func decide() -> Int {
        // Far beyond 292,000 years there is no instant any more.
        let now = Timestamp(microseconds: Int64(min(self.clock, 1e12) * 1e6))
        var limit = self.rate?.available(at: now) ?? .max
        if let maxCalls = self.maxCalls { limit = min(limit, maxCalls - self.pacer.floor.callsInProgress) }
        let count = self.pacer.callsToPlace(at: self.clock, atMost: max(0, limit))
        _ = self.rate?.take(count, at: now)
        return count
    }

    /// Whole seconds are written as an integer, as they mostly came.
    private static func number(_ time: Double) -> JSONValue {
        Int64(exactly: time).map { .integer($0) } ?? .number(time)
    }
}
