import ArgumentParser
import Pacing
import SystemPackage

/// `outpace pace`: the pacing core on standard input and output, for whoever has a floor of their own.
struct PaceCommand: ParsableCommand {
    /// A pacing rule by name.
    enum Mode: String, CaseIterable, ExpressibleByArgument {
        case predictive, progressive, ratio, jade
    }

    static let configuration = CommandConfiguration(
        commandName: "pace",
        abstract: "The pacing core on standard input and output.",
        discussion: """
            Reads one JSON object a line, in the order of time; t is in seconds from any start:
              {"t":0,"type":"start","agents":["a1","a2"],"grace":2.0}
              {"t":1.5,"type":"agent","id":"a1","state":"idle|talking|wrapup|break|offline"}
              {"t":1.5,"type":"dial","id":"c1"}                    a call was placed
              {"t":9.1,"type":"call","id":"c1","outcome":"human|machine|busy|failed|noanswer"}
              {"t":9.1,"type":"connect","id":"c1","agent":"a1"}    an agent has it
              {"t":11.1,"type":"abandon","id":"c1"}                answered, no agent in time
              {"t":99.0,"type":"talkend","id":"c1"}
              {"t":99.5,"type":"decide"}
            and answers each decide with one line, at once:
              {"t":99.5,"dial":2}

            Agents of the start line are ready until a line says otherwise. A line that is not of this protocol is told \
            on standard error with its number, and passed over.
            """
    )

    @Option(help: "The share of answered calls that may find no agent, 0 to 1.")
    var targetAbandon = 0.03

    @Option(help: "The rule: predictive, progressive, ratio or jade.")
    var mode = Mode.predictive

    @Option(help: "Seconds a caller waits for an agent. (default: what the start line says, else 2)")
    var grace: Double?

    @Option(help: "Calls for each free agent, in mode ratio.")
    var ratio = 1.5

    @Option(help: "Calls above the free agents, in mode jade.")
    var serviceLevel = 0

    @Option(help: "Calls in progress at once, at the most. (default: no limit)")
    var maxCalls: Int?

    @Option(help: "Calls placed in a second, at the most. (default: no limit)")
    var maxCallsPerSecond: Double?

    func validate() throws {
        guard (0...1).contains(self.targetAbandon) else { throw ValidationError("--target-abandon must be 0 to 1") }
        if let grace, !(0...3600).contains(grace) { throw ValidationError("--grace must be 0 to 3600") }
        guard self.ratio > 0, self.ratio <= 100 else { throw ValidationError("--ratio must be above 0, at most 100") }
        guard (0...10_000).contains(self.serviceLevel) else {
            throw ValidationError("--service-level must be 0 to 10000")
        }
        if let maxCalls, maxCalls < 0 { throw ValidationError("--max-calls must be 0 or more") }
        if let maxCallsPerSecond, !(maxCallsPerSecond > 0 && maxCallsPerSecond <= 1e6) {
            throw ValidationError("--max-calls-per-second must be above 0, at most 1000000")
        }
    }

    func run() throws {
        var session = PaceSession(
            grace: self.grace, maxCalls: self.maxCalls, maxCallsPerSecond: self.maxCallsPerSecond,
            makePacer: self.pacer)
        var reader = LineReader(.standardInput)
        var number = 0
        while let line = try reader.next() {
            number += 1
            switch line {
            case .tooLong:
                try self.report("it is longer than \(LineReader.longest) bytes", line: number)
            case .text(let bytes):
                if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
                do {
                    guard let answer = session.take(try PaceLine(bytes)) else { continue }
                    try FileDescriptor.standardOutput.writeAll("\(answer)\n".utf8)
                } catch let problem as PaceLine.Problem {
                    try self.report(problem.description, line: number)
                }
            }
        }
    }

    private func pacer(grace: Double) -> any Pacer {
        switch self.mode {
        case .predictive: PredictivePacer(target: self.targetAbandon, grace: grace)
        case .progressive: AvailabilityPacer(.progressive)
        case .ratio: AvailabilityPacer(.ratio(self.ratio))
        case .jade: AvailabilityPacer(.jade(serviceLevel: self.serviceLevel))
        }
    }

    private func report(_ problem: String, line: Int) throws {
        try FileDescriptor.standardError.writeAll("line \(line): \(problem)\n".utf8)
    }
}
