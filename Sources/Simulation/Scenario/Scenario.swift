import Chance

/// A call centre to be fast-forwarded: its agents, its lines, how people answer, and what goes wrong in the course of a shift.
///
/// All durations are seconds, all shares 0 to 1.
package struct Scenario: Sendable, Hashable {
    package var name = "scenario"

    // The shift.
    package var agents = 20
    /// How long it lasts.
    package var length = 8 * 3600.0
    /// Shifts to simulate, with the seeds from ``seed`` on.
    package var shifts = 8
    package var seed: UInt64 = 1
    /// Agents who come or go: from then on so many are logged in.
    package var staff: [StaffChange] = []
    package var breaks: Breaks?

    // The lines.
    /// Calls placed and not over, at the most.
    package var lines = 10_000
    /// Calls placed in a second, at the most.
    package var callsPerSecond = 1000.0

    // What becomes of a call.
    /// From the placing to the first ring.
    package var setup = 2.0
    /// The share of calls a person answers.
    package var answer = 0.3
    /// Of the other calls, the share a machine answers.
    package var machine = 0.4
    /// Of the other calls, the share that fails fast. The rest ring out.
    package var fail = 0.2
    /// Ringing before an answer.
    package var ring = Spread(mean: 9, variation: 0.6, cut: 25)
    /// Ringing before a call is given up.
    package var ringOut = 25.0
    package var talk = Spread(mean: 120, variation: 1)
    package var wrapup = Spread(mean: 15, variation: 0.6)
    /// A caller without an agent for longer has been abandoned.
    package var grace = 2.0

    // What changes in the course of the shift.
    package var drift: Drift?
    package var bursts: Bursts?
    /// The list changes in quality: from then on so many answer.
    package var switches: [AnswerChange] = []
    package var detection: MachineDetection?

    // Who decides, and when.
    /// Between two looks at the floor.
    package var decideEvery = 0.5
    package var policies: [Policy] = [Policy(.predictive), Policy(.progressive)]

    package init() {}

    /// From a time of the shift on, so many agents are logged in.
    package struct StaffChange: Sendable, Hashable {
        package var at: Double
        package var agents: Int

        package init(at: Double, agents: Int) {
            self.at = at
            self.agents = agents
        }
    }

    /// From a time of the shift on, such a share of calls is answered.
    package struct AnswerChange: Sendable, Hashable {
        package var at: Double
        package var answer: Double

        package init(at: Double, answer: Double) {
            self.at = at
            self.answer = answer
        }
    }

    /// Agents take breaks after a call, not to be foreseen.
    package struct Breaks: Sendable, Hashable {
        /// Work between two, exponentially distributed with this mean.
        package var every: Double
        /// Their mean length, between half and one and a half of it.
        package var length: Double

        package init(every: Double, length: Double) {
            self.every = every
            self.length = length
        }
    }

    /// The share of answers goes up and down as a sine.
    package struct Drift: Sendable, Hashable {
        /// As a share of the mean.
        package var amplitude: Double
        package var period: Double

        package init(amplitude: Double, period: Double) {
            self.amplitude = amplitude
            self.period = period
        }
    }

    /// The share of answers jumps between a low and a high level.
    package struct Bursts: Sendable, Hashable {
        /// As a share of the mean.
        package var amplitude: Double
        /// The mean time at a level, exponentially distributed.
        package var mean: Double

        package init(amplitude: Double, mean: Double) {
            self.amplitude = amplitude
            self.mean = mean
        }
    }

    /// Machine detection that errs.
    package struct MachineDetection: Sendable, Hashable {
        /// The share of machines taken for people: they reach an agent.
        package var missed: Double
        /// The share of people taken for machines: they are hung up on, and count as abandoned.
        package var mistaken: Double
        /// How long an agent has a machine on the line.
        package var talk: Double

        package init(missed: Double, mistaken: Double, talk: Double = 8) {
            self.missed = missed
            self.mistaken = mistaken
            self.talk = talk
        }
    }
}
