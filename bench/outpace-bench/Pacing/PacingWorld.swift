import Chance
import Simulation

/// A cell of the tables: a scenario, and what the best policy known before reaches in it.
struct PacingWorld: Sendable {
    var name: String
    var scenario: Scenario
    /// Agents busy, in per cent, that are to be reached; nil where the reference broke the cap itself.
    var utilisation: Double?
    /// Whether the policy's own choice decides the share of abandoned calls.
    var isCapped = true

    /// The calm worlds: six sizes, three shares of answers.
    static func calm(sizes: [Int]) -> [PacingWorld] {
        let reached: [Int: [Double]] = [
            5: [74.9, 80.6, 87.4], 10: [81.6, 84.4, 89.0], 20: [87.7, 89.1, 91.2], 50: [93.0, 93.7, 94.7],
            100: [95.8, 96.1, 96.7], 300: [98.4, 98.5, 98.8],
        ]
        return sizes.flatMap { agents in
            [0.15, 0.3, 0.6].enumerated().map { index, answer in
                var scenario = Scenario()
                scenario.agents = agents
                scenario.answer = answer
                return PacingWorld(
                    name: "\(agents) agents, \(Int(answer * 100)) % answers", scenario: scenario,
                    utilisation: reached[agents]?[index])
            }
        }
    }

    /// Worlds in which something changes, or is far from the usual; 30 % answers.
    static func stressed(sizes: [Int]) -> [PacingWorld] {
        sizes.flatMap { agents -> [PacingWorld] in
            func world(
                _ name: String, _ reached: [Int: Double], isCapped: Bool = true, _ change: (inout Scenario) -> Void
            ) -> PacingWorld {
                var scenario = Scenario()
                scenario.agents = agents
                change(&scenario)
                return PacingWorld(
                    name: "\(agents) agents, \(name)", scenario: scenario, utilisation: reached[agents],
                    isCapped: isCapped)
            }
            return [
                world("drift ±50 %", [10: 84.6, 50: 93.7]) { $0.drift = .init(amplitude: 0.5, period: 7200) },
                world("bursts ±60 %", [:]) { $0.bursts = .init(amplitude: 0.6, mean: 600) },
                world("short calls", [10: 75.2, 50: 91.9]) {
                    $0.talk = Spread(mean: 35, variation: 1)
                    $0.wrapup = Spread(mean: 5, variation: 0.6)
                },
                world("long calls", [10: 91.0, 50: 95.2]) {
                    $0.talk = Spread(mean: 300, variation: 1)
                    $0.wrapup = Spread(mean: 45, variation: 0.6)
                },
                world("slow ring", [10: 81.8, 50: 92.7]) {
                    $0.ring = Spread(mean: 14, variation: 0.6, cut: 40)
                    $0.ringOut = 40
                },
                world("breaks", [10: 83.7, 50: 93.0]) { $0.breaks = .init(every: 3600, length: 600) },
                world("machine detection errs", [:], isCapped: false) {
                    $0.detection = .init(missed: 0.1, mistaken: 0.01)
                },
            ]
        }
    }
}
