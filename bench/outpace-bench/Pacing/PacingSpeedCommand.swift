import ArgumentParser
import Pacing
import Simulation

/// How long the predictive pacer thinks, and how long a shift of it takes to simulate.
struct PacingSpeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pacing-speed",
        abstract:
            "Time decisions of predictive pacing with 300 agents and 3,000 calls ringing, and a simulated shift of 100 agents.",
        discussion: "Ends with 1 when a decision in a hundred takes 1 ms or more, or the shift 2 s or more."
    )

    /// Predictive pacing with a stop watch.
    private struct TimedPacer: Pacer {
        /// What a floor must be like for its decisions to count.
        let leastRinging: Int
        var pacer = PredictivePacer()
        var times: [Duration] = []
        var mostRinging = 0
        private let clock = ContinuousClock()

        init(leastRinging: Int) {
            self.leastRinging = leastRinging
        }

        var floor: PacingFloor { self.pacer.floor }

        mutating func observe(_ event: PacingEvent, at time: Double) { self.pacer.observe(event, at: time) }

        mutating func callsToPlace(at time: Double, atMost limit: Int) -> Int {
            let start = self.clock.now
            let calls = self.pacer.callsToPlace(at: time, atMost: limit)
            let ringing = self.floor.ringing.count
            // The others are over before they have begun.
            if ringing >= self.leastRinging, self.pacer.state == .predicting {
                self.times.append(self.clock.now - start)
            }
            self.mostRinging = max(self.mostRinging, ringing)
            return calls
        }
    }

    func run() throws {
        // So few answer that three hundred agents need thousands of lines.
        var crowded = Scenario()
        crowded.agents = 300
        crowded.answer = 0.015
        crowded.length = 2 * 3600
        var pacer = TimedPacer(leastRinging: 3000)
        var shift = Shift(crowded, seed: 1)
        _ = shift.run(with: &pacer)
        guard !pacer.times.isEmpty else {
            print("no more than \(pacer.mostRinging) calls rang at once; nothing to time")
            throw ExitCode(1)
        }
        let times = pacer.times.map { $0 / .milliseconds(1) }.sorted()
        let (middle, high) = (times[times.count / 2], times[times.count * 99 / 100])
        print(
            "decision, 300 agents and 3,000 to \(pacer.mostRinging) calls ringing: median \(Self.text(middle)) ms, "
                + "99th percentile \(Self.text(high)) ms of \(times.count) (target 1 ms)")

        var usual = Scenario()
        usual.agents = 100
        var predictive = PredictivePacer()
        var simulated = Shift(usual, seed: 1)
        let clock = ContinuousClock()
        let start = clock.now
        _ = simulated.run(with: &predictive)
        let seconds = (clock.now - start) / .seconds(1)
        print("shift of 8 h, 100 agents: \(Self.text(seconds)) s (target 2 s)")
        if high >= 1 || seconds >= 2 { throw ExitCode(1) }
    }

    private static func text(_ value: Double) -> String {
        "\((value * 1000).rounded() / 1000)"
    }
}
