import ArgumentParser
import Pacing
import Simulation

import struct Foundation.Data
import struct Foundation.URL

/// Agents busy and calls abandoned, ours and others', over the same simulated shifts.
struct PacingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pacing",
        abstract: "Compare predictive pacing with other dialers' in simulated shifts of eight hours.",
        discussion: "Ends with 1 when a cell is short of its target, or a shift abandons more than 3 %."
    )

    @Option(help: "Shifts a cell, at the least; small teams play more, of 10 agents five times as many.")
    var shifts = 8

    @Option(help: "Sizes of the team in the calm worlds, with commas.")
    var agents = "5,10,20,50,100,300"

    @Option(help: "Sizes of the team in the stressed worlds, with commas.")
    var stressed = "10,50"

    @Option(
        help:
            "Where to draw busy agents against abandoned calls, as SVG: in two usual worlds, and in those that are short."
    )
    var svg: String?

    private static let cap = 3.0

    func validate() throws {
        guard self.shifts > 0 else { throw ValidationError("--shifts must be 1 or more.") }
        for text in [self.agents, self.stressed] where Self.sizes(text) == nil {
            throw ValidationError("sizes are whole numbers from 1, such as 5,10: not \(text)")
        }
    }

    func run() async throws {
        var missed: [PacingWorld] = []
        let worlds =
            PacingWorld.calm(sizes: Self.sizes(self.agents) ?? [])
            + PacingWorld.stressed(sizes: Self.sizes(self.stressed) ?? [])
        let others: [PacingContest.Competitor] =
            [.policy(Policy(.progressive)), .policy(Policy(.jade(serviceLevel: 0), name: "jade"))]
            + VICIdialPacer.Method.allCases.map { .vicidial($0, dropLimit: 0.03) } + [.issabel]
        print("busy % at abandoned % (worst shift); shifts of 8 h, all from a cold start")
        for world in worlds {
            let shifts = PacingContest.shifts(agents: world.scenario.agents, atLeast: self.shifts)
            let scores = await PacingContest.scores(
                of: [.policy(Policy(.predictive))] + others, in: world.scenario, shifts: shifts)
            guard let ours = scores.first else { continue }
            var verdict = ""
            if let target = world.utilisation {
                verdict = ", target \(Self.text(target, 1))"
                if (ours.utilisation * 10).rounded() < (target * 10).rounded() { verdict += " MISSED" }
            }
            if world.isCapped, ours.worst > Self.cap + 0.005 { verdict += " OVER THE CAP" }
            if verdict.contains("MISSED") || verdict.contains("OVER") { missed.append(world) }
            print("\(world.name), \(shifts) shifts: predictive \(Self.text(ours))\(verdict)")
            for (other, score) in zip(others, scores.dropFirst()) { print("    \(other.name) \(Self.text(score))") }
            print("    nobody can exceed \(Self.text(PacingContest.bound(world.scenario, shifts: shifts), 1))")
        }
        if let svg = self.svg {
            let usual = PacingWorld.calm(sizes: [10, 50]).filter { $0.scenario.answer == 0.3 }
            try await self.drawFrontier(of: usual + missed, to: svg)
        }
        guard missed.isEmpty else {
            print("\(missed.count) cells are short of their target or over the cap")
            throw ExitCode(1)
        }
    }

    private func drawFrontier(of worlds: [PacingWorld], to path: String) async throws {
        var plots: [LinePlot] = []
        for world in worlds {
            func line(_ name: String, _ competitors: [PacingContest.Competitor]) async -> LinePlot.Series {
                let scores = await PacingContest.scores(
                    of: competitors, in: world.scenario,
                    shifts: PacingContest.shifts(agents: world.scenario.agents, atLeast: self.shifts))
                let points = scores.map { LinePlot.Point(x: $0.abandonment, y: $0.utilisation) }
                return LinePlot.Series(name: name, points: points.sorted { $0.x < $1.x }, isMarked: true)
            }
            let targets = [0.005, 0.01, 0.02, 0.03, 0.04, 0.05]
            let series = [
                await line("predictive", targets.map { .policy(Policy(.predictive, target: $0)) }),
                await line("ratio", [1, 1.2, 1.4, 1.6, 1.8, 2].map { .policy(Policy(.ratio($0))) }),
                await line("VICIdial hard limit", targets.map { .vicidial(.hardLimit, dropLimit: $0) }),
                await line("VICIdial tapered", targets.map { .vicidial(.tapered, dropLimit: $0) }),
            ]
            plots.append(
                LinePlot(
                    title: "\(world.name): agents busy, %, against calls abandoned",
                    xLabel: "abandoned %",
                    yLabel: "", series: series))
        }
        try Data(LinePlot.document(plots).utf8).write(to: URL(fileURLWithPath: path))
        print("drawn: \(path)")
    }

    private static func sizes(_ text: String) -> [Int]? {
        let sizes = text.split(separator: ",").map { Int($0) }
        guard sizes.allSatisfy({ $0.map { $0 > 0 && $0 <= 2000 } ?? false }) else { return nil }
        return sizes.compactMap { $0 }
    }

    private static func text(_ score: PacingContest.Score) -> String {
        "\(self.text(score.utilisation, 1)) at \(self.text(score.abandonment, 2)) (\(self.text(score.worst, 2)))"
    }

    private static func text(_ value: Double, _ digits: Int) -> String {
        let scale = digits == 1 ? 10.0 : 100.0
        let scaled = Int((value * scale).rounded())
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
