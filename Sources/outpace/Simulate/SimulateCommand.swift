import ArgumentParser
import DialerModel
import Foundation
import Simulation

/// `outpace simulate`: a planning tool. Fast-forwards shifts of a scenario with the pacing code that dials.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Fast-forward shifts of a call centre: what if?",
        discussion: """
            Reads a scenario as JSON, simulates each of its policies in each of its shifts, and writes the results as JSON \
            to standard output and as a table to standard error. What the scenario doesn't name has its default; {} is \
            a scenario. docs/pacing.md describes the members and has examples.
            """
    )

    @Option(help: "The scenario's file; - reads standard input.")
    var scenario: String

    @Option(help: "Draw the course of the shifts into this file, as SVG.")
    var svg: String?

    @Flag(help: "No table on standard error.")
    var quiet = false

    func run() async throws {
        let scenario: Scenario
        do {
            scenario = try Scenario(json: try self.read())
        } catch let error as ScenarioError {
            throw ValidationError("\(self.scenario == "-" ? "the scenario" : self.scenario): \(error)")
        }
        let comparison = await Comparison(of: scenario)
        FileHandle.standardOutput.write(Data((comparison.json.text + "\n").utf8))
        if !self.quiet { FileHandle.standardError.write(Data(comparison.table.utf8)) }
        guard let svg else { return }
        do {
            try Data(comparison.svg.utf8).write(to: URL(filePath: svg))
        } catch {
            throw ValidationError("cannot write --svg \(svg): \(error.localizedDescription)")
        }
    }

    private func read() throws -> Data {
        if self.scenario == "-" { return try FileHandle.standardInput.readToEnd() ?? Data() }
        do {
            return try Data(contentsOf: URL(filePath: self.scenario))
        } catch {
            throw ValidationError("cannot read --scenario \(self.scenario): \(error.localizedDescription)")
        }
    }
}
