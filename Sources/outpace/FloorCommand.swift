import ArgumentParser
import CallFloor
import Chance
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `outpace floor`: a simulated call floor that an AMI client can't tell from a small Asterisk.
struct FloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor",
        abstract: "Run a simulated call floor: an AMI server with agents and customers.",
        discussion: """
            Customers, agents and queues are simulated; what they do is a matter of the seed and of the order of the calls. \
            All durations are seconds of the floor's clock, which --speed makes run faster than the wall clock. \
            Timeouts that a client sends are floor seconds too.

            --script FILE and --rule decide what becomes of certain numbers, one rule a line, the first that fits:
              PATTERN OUTCOME [setup=S] [ring=S] [talk=S] [wrap=S] [patience=S]
            PATTERN has * for any characters and ? for one. OUTCOME is answer, machine, busy, congestion, noanswer, \
            unallocated, silence (nothing heard of the far end), refused (no such endpoint) or cause:N. Example:
              *0001  busy
              555*   answer ring=2 talk=30

            The action FloorStats answers with the floor's totals. SIGINT or SIGTERM hangs up all calls, prints a summary \
            and ends the floor.
            """
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for any free one, which the first line of output tells.")
    var port = 5038

    @Option(help: "The manager user's name.")
    var username = "outpace"

    @Option(help: "The manager user's secret.")
    var secret = "change-me"

    @Option(help: "The event classes the user may read.")
    var read = "all"

    @Option(help: "The classes the user may write.")
    var write = "all"

    @Option(help: "Agents in each queue that says no number of its own.")
    var agents = 20

    @Option(help: "A queue, NAME or NAME:AGENTS; may be given several times. (default: sales_1)")
    var queue: [String] = []

    @Option(help: "Whom a waiting caller rings: leastrecent or ringall.")
    var strategy = FloorWorld.Configuration.Strategy.longestIdle

    @Option(help: "How long an agent is rung before the next is tried.")
    var ringTime = 15.0

    @Option(help: "What agents' channels are: pjsip or local.")
    var agentChannel = FloorWorld.Configuration.AgentChannel.pjsip

    @Option(help: "Seconds from ringing to the agent's answer.")
    var agentAnswer = 0.2

    @Option(help: "The share of ringing calls an agent answers at all, 0 to 1.")
    var agentAnswerRate = 1.0

    @Option(help: "The seed of everything left to chance.")
    var seed: UInt64 = 1

    @Option(help: "Floor seconds in one second of the wall clock.")
    var speed = 1.0

    @Option(help: "Seconds from the originate to ringing.")
    var setup = 2.0

    @Option(help: "The share of numbers a person answers, 0 to 1.")
    var answerRate = 0.3

    @Option(help: "Of the other numbers, the share where a machine answers, 0 to 1.")
    var machineShare = 0.0

    @Option(help: "Of the other numbers, the share that fails fast: busy, congestion, unallocated. The rest ring out.")
    var failShare = 0.2

    @Option(help: "Mean seconds of ringing before a person answers (lognormal).")
    var ringMean = 9.0

    @Option(help: "Coefficient of variation of the ringing.")
    var ringCv = 0.6

    @Option(help: "No person answers after this many seconds of ringing.")
    var ringCut = 25.0

    @Option(help: "Mean seconds of a conversation (lognormal).")
    var talkMean = 120.0

    @Option(help: "Coefficient of variation of the conversation.")
    var talkCv = 1.0

    @Option(help: "Mean seconds of after-call work (lognormal); 0 for none.")
    var wrapupMean = 15.0

    @Option(help: "Coefficient of variation of the after-call work.")
    var wrapupCv = 0.6

    @Option(help: "How after-call work shows: pause (the agent pauses, reason wrapup) or hidden (as wrapuptime does).")
    var wrapupShown = FloorWorld.Configuration.WrapupShown.pause

    @Option(help: "Mean seconds a customer waits in a queue before hanging up (lognormal).")
    var patience = 10.0

    @Option(help: "Coefficient of variation of the patience.")
    var patienceCv = 0.5

    @Option(help: "An answered call without an agent after this many seconds counts as abandoned.")
    var grace = 2.0

    @Option(help: "How often a call's last events overtake each other, 0 to 1.")
    var raceRate = 0.25

    @Option(help: "A file of rules for certain numbers.")
    var script: String?

    @Option(help: "A rule for certain numbers, before those of the script; may be given several times.")
    var rule: [String] = []

    @Option(help: "Append one JSON line per originate and per call end to this file.")
    var log: String?

    func validate() throws {
        guard (0...65_535).contains(self.port) else { throw ValidationError("--port must be 0 to 65535") }
        guard self.speed > 0, self.speed <= 100_000 else {
            throw ValidationError("--speed must be above 0, at most 100000")
        }
        guard (0...10_000).contains(self.agents) else { throw ValidationError("--agents must be 0 to 10000") }
        for (name, share) in [
            ("agent-answer-rate", self.agentAnswerRate), ("answer-rate", self.answerRate),
            ("machine-share", self.machineShare), ("fail-share", self.failShare), ("race-rate", self.raceRate),
        ] where !(0...1).contains(share) {
            throw ValidationError("--\(name) must be 0 to 1")
        }
        for (name, seconds) in [
            ("ring-time", self.ringTime), ("agent-answer", self.agentAnswer), ("setup", self.setup),
            ("ring-mean", self.ringMean), ("ring-cv", self.ringCv), ("ring-cut", self.ringCut),
            ("talk-mean", self.talkMean), ("talk-cv", self.talkCv), ("wrapup-mean", self.wrapupMean),
            ("wrapup-cv", self.wrapupCv), ("patience", self.patience), ("patience-cv", self.patienceCv),
            ("grace", self.grace),
        ] where !(seconds >= 0 && seconds <= 86_400) {
            throw ValidationError("--\(name) must be 0 to 86400")
        }
        _ = try self.queues()
    }

    func run() async throws {
        var configuration = CallFloorServer.Configuration(
            world: try self.world(), host: self.host, port: self.port, username: self.username, secret: self.secret
        )
        configuration.read = AMIClasses(list: self.read)
        configuration.write = AMIClasses(list: self.write)
        configuration.speed = self.speed
        configuration.log = self.log
        let logger = Logger(label: "outpace.floor") { StreamLogHandler.standardError(label: $0) }
        let floor = CallFloorServer(configuration: configuration, logger: logger)
        do {
            try await self.serve(floor, logger: logger)
        } catch let error as CallFloorError {
            throw OpeningFailure(error)
        }
        self.printSummary(try await floor.statistics())
    }

    private func serve(_ floor: CallFloorServer, logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: floor, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { [host] in
                // When the floor can't open, its own error is the one to show.
                guard let port = try? await floor.port else { return }
                Self.say("floor listening on \(host):\(port)")
            }
            try await tasks.waitForAll()
        }
    }

    /// An error shown as its own text alone, with exit code 1.
    private struct OpeningFailure: Error, CustomStringConvertible {
        var description: String

        init(_ error: CallFloorError) {
            self.description = error.description
        }
    }

    private func queues() throws -> [FloorWorld.Configuration.Queue] {
        try (self.queue.isEmpty ? ["sales_1"] : self.queue).map { text in
            let parts = text.split(separator: ":", maxSplits: 1)
            guard let name = parts.first, !name.isEmpty else { throw ValidationError("--queue needs a name") }
            var agents = self.agents
            if parts.count == 2 {
                guard let number = Int(parts[1]), (0...10_000).contains(number) else {
                    throw ValidationError("--queue \(text): the number of agents must be 0 to 10000")
                }
                agents = number
            }
            return .init(name: String(name), agents: agents, strategy: self.strategy, ringTime: self.ringTime)
        }
    }

    private func world() throws -> FloorWorld.Configuration {
        var world = FloorWorld.Configuration()
        world.seed = self.seed
        world.queues = try self.queues()
        world.agentChannel = self.agentChannel
        world.agentAnswer = .constant(self.agentAnswer)
        world.agentAnswerRate = self.agentAnswerRate
        world.wrapup = Spread(mean: self.wrapupMean, variation: self.wrapupCv)
        world.wrapupShown = self.wrapupShown
        world.setup = .constant(self.setup)
        world.answerRate = self.answerRate
        world.machineShare = self.machineShare
        world.failShare = self.failShare
        world.ring = Spread(mean: self.ringMean, variation: self.ringCv, cut: self.ringCut)
        world.talk = Spread(mean: self.talkMean, variation: self.talkCv)
        world.patience = Spread(mean: self.patience, variation: self.patienceCv)
        world.grace = self.grace
        world.raceProbability = self.raceRate
        do {
            world.script = try CallScript(text: self.rule.joined(separator: "\n"))
        } catch {
            throw ValidationError("--rule: \(error.problem)")
        }
        if let script { world.script.rules += try self.rules(in: script) }
        return world
    }

    private func rules(in path: String) throws -> [CallScript.Rule] {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ValidationError("cannot read --script \(path): \(error.localizedDescription)")
        }
        do {
            return try CallScript(text: text).rules
        } catch {
            throw ValidationError("--script \(path), \(error)")
        }
    }

    /// Writes a line to standard output at once: whoever started the floor may be waiting for it.
    private static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    private func printSummary(_ statistics: FloorStatistics) {
        let busy = (statistics.busyShare * 1000).rounded() / 10
        Self.say(
            """
            originates   \(statistics.originates)
            answered     \(statistics.answered) (\(statistics.machines) by machines)
            connected    \(statistics.connected)
            abandoned    \(statistics.abandoned) (no agent within \(self.grace) s)
            agents busy  \(busy) %
            peak calls   \(statistics.peakCalls)
            """
        )
    }
}

extension FloorWorld.Configuration.Strategy: ExpressibleByArgument {}
extension FloorWorld.Configuration.AgentChannel: ExpressibleByArgument {}
extension FloorWorld.Configuration.WrapupShown: ExpressibleByArgument {}
