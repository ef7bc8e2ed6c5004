import Pacing
import Simulation

/// Runs pacers through the same shifts.
enum PacingContest {
    /// Who competes.
    enum Competitor: Sendable, Hashable {
        case policy(Policy)
        case vicidial(VICIdialPacer.Method, dropLimit: Double)
        case issabel

        var name: String {
            switch self {
            case .policy(let policy): policy.name
            case .vicidial(let method, _): method.rawValue
            case .issabel: "Issabel"
            }
        }

        func pacer(grace: Double) -> any Pacer {
            switch self {
            case .policy(let policy): policy.pacer(grace: grace)
            case .vicidial(let method, let dropLimit): VICIdialPacer(method, dropLimit: dropLimit)
            case .issabel: IssabelPacer()
            }
        }
    }

    /// What a competitor came to.
    struct Score: Sendable {
        /// Means over the shifts, and the worst shift; per cent.
        var utilisation: Double
        var abandonment: Double
        var worst: Double
    }

    /// Agents' shifts that a cell's mean is taken over at the least: a small team's shift has so few calls that chance alone moves the
    /// mean of eight by half a point.
    private static let agentShifts = 400

    /// How many shifts a cell of so many agents is played for.
    ///
    /// - Parameter atLeast: what a large team is played for.
    static func shifts(agents: Int, atLeast: Int) -> Int {
        max(atLeast, Self.agentShifts / max(1, agents))
    }

    /// One score a competitor, in their order.
    static func scores(of competitors: [Competitor], in scenario: Scenario, shifts: Int) async -> [Score] {
        var results = [ShiftResult?](repeating: nil, count: competitors.count * shifts)
        await withTaskGroup(of: (Int, ShiftResult).self) { group in
            for index in results.indices {
                group.addTask {
                    var pacer = competitors[index / shifts].pacer(grace: scenario.grace)
                    var shift = Shift(scenario, seed: UInt64(index % shifts))
                    return (index, shift.run(with: &pacer))
                }
            }
            for await (index, result) in group { results[index] = result }
        }
        return competitors.indices.map { index in
            let own = results[(index * shifts)..<((index + 1) * shifts)].compactMap { $0 }
            func mean(_ figure: (ShiftResult) -> Double) -> Double {
                own.reduce(0) { $0 + figure($1) } / Double(max(1, own.count)) * 100
            }
            return Score(
                utilisation: mean(\.utilisation), abandonment: mean(\.abandonment),
                worst: (own.map(\.abandonment).max() ?? 0) * 100)
        }
    }

    /// What nobody can exceed, in per cent: agents are idle until the first people who could answer do, and never again.
    static func bound(_ scenario: Scenario, shifts: Int) -> Double {
        let lost = (0..<shifts).reduce(0.0) { $0 + Shift.earliestAnswers(scenario, seed: UInt64($1)) }
        return (1 - lost / Double(shifts) / scenario.length) * 100
    }
}
