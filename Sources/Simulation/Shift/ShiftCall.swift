import Chance
import Pacing

/// A call of a simulated shift: what becomes of it is decided when it is placed.
struct ShiftCall: Sendable {
    /// What picks up, if anything does.
    var outcome: CallOutcome
    /// What the floor is told: machine detection errs.
    var shown: CallOutcome
    /// How long it rings, in seconds from its placing.
    var ringing: Double
    var talk: Double
    /// It waits for an agent since then.
    var waitsSince: Double?

    /// - Parameters:
    ///   - answer: the share of calls a person answers at this time.
    ///   - random: a stream of its own.
    init(_ scenario: Scenario, answer: Double, random: inout SplitMix64) {
        let luck = random.unit()
        let kind = random.unit()
        let ring = scenario.setup + scenario.ring.seconds(using: &random)
        if luck < answer {
            self.outcome = .human
            self.ringing = ring
        } else if kind < scenario.machine {
            self.outcome = .machine
            self.ringing = ring
        } else if kind < scenario.machine + scenario.fail {
            self.outcome = .failed
            self.ringing = scenario.setup + 0.5 * random.unit()
        } else {
            self.outcome = .noanswer
            self.ringing = scenario.setup + scenario.ringOut
        }
        self.shown = self.outcome
        self.talk = scenario.talk.seconds(using: &random)
        guard let detection = scenario.detection else { return }
        let error = random.unit()
        if self.outcome == .machine, error < detection.missed {
            self.shown = .human
            self.talk = detection.talk * (0.5 + random.unit())
        }
        if self.outcome == .human, error < detection.mistaken { self.shown = .machine }
    }
}
