import Pacing
import Simulation
import Testing

@Suite("Simulated shifts") struct ShiftTests {
    private func run(_ scenario: Scenario, _ policy: Policy, seed: UInt64 = 1) -> ShiftResult {
        var pacer = policy.pacer(grace: scenario.grace)
        var shift = Shift(scenario, seed: seed)
        return shift.run(with: &pacer)
    }

    @Test("progressive pacing keeps agents as busy as the arithmetic says")
    func progressive() {
        var scenario = Scenario()
        scenario.length = 4 * 3600
        let result = self.run(scenario, Policy(.progressive))
        // A free agent waits 2 s of set-up and ringing for each call, until the one that is answered: on average about 53 s
        // for 135 s of work.
        #expect((0.69...0.74).contains(result.utilisation))
        #expect(result.abandoned == 0)
        #expect(abs(Double(result.answered) / Double(result.placed) - 0.3) < 0.02)
        #expect(result.connected == result.answered || result.connected + 20 > result.answered)
    }

    @Test("a ratio of calls to agents abandons what it must")
    func ratio() {
        let result = self.run(Scenario(), Policy(.ratio(3)))
        #expect(result.utilisation > 0.85)
        #expect(result.abandonment > 0.05)
    }

    @Test("predictive pacing beats progressive pacing, within the law")
    func predictive() {
        var scenario = Scenario()
        scenario.length = 3 * 3600
        let result = self.run(scenario, Policy(.predictive))
        #expect(result.utilisation > self.run(scenario, Policy(.progressive)).utilisation + 0.1)
        #expect(result.abandonment <= 0.03)
    }

    @Test("the same seed is the same shift, another is another")
    func seeds() {
        var scenario = Scenario()
        scenario.length = 3600
        let first = self.run(scenario, Policy(.predictive), seed: 5)
        #expect(first == self.run(scenario, Policy(.predictive), seed: 5))
        #expect(first != self.run(scenario, Policy(.predictive), seed: 6))
    }

    @Test("nobody logged in, nobody called")
    func nobody() {
        var scenario = Scenario()
        scenario.agents = 0
        scenario.length = 3600
        let result = self.run(scenario, Policy(.predictive))
        #expect(result.placed == 0)
        #expect(result.utilisation == 0)
    }

    @Test("lines and their rate are kept")
    func lines() {
        var scenario = Scenario()
        scenario.length = 3600
        scenario.lines = 12
        #expect(self.run(scenario, Policy(.ratio(5))).peakCalls == 12)
        scenario.lines = 1000
        scenario.callsPerSecond = 0.5
        #expect(self.run(scenario, Policy(.ratio(5))).placed <= 1802)
    }

    @Test("agents come and go as the scenario says")
    func staff() {
        var scenario = Scenario()
        scenario.agents = 10
        scenario.length = 3 * 3600
        scenario.staff = [.init(at: 3600, agents: 20), .init(at: 7200, agents: 0)]
        let result = self.run(scenario, Policy(.progressive))
        let hours = result.loggedIn / 3600
        // 10 + 20 agent hours, and the ends of the last calls.
        #expect(hours > 29.9 && hours < 32)
        #expect(result.samples.last.map { $0.busy } == 0)
    }

    @Test("breaks are no logged-in time")
    func breaks() {
        var scenario = Scenario()
        scenario.length = 4 * 3600
        scenario.breaks = .init(every: 1800, length: 900)
        let result = self.run(scenario, Policy(.progressive))
        let share = result.loggedIn / (Double(scenario.agents) * scenario.length)
        #expect((0.6...0.8).contains(share))
    }

    @Test("machine detection that errs costs agents and people")
    func detection() {
        var scenario = Scenario()
        scenario.length = 2 * 3600
        scenario.detection = .init(missed: 0.2, mistaken: 0.05)
        let result = self.run(scenario, Policy(.progressive))
        #expect(result.machinesConnected > 50)
        #expect(result.mistaken > 10)
        #expect(result.abandoned >= result.mistaken)
    }

    @Test("the samples add up to the shift")
    func samples() {
        var scenario = Scenario()
        scenario.length = 3700
        let result = self.run(scenario, Policy(.predictive))
        #expect(result.samples.count == 13)
        #expect(abs(result.samples.reduce(0) { $0 + $1.busy } - result.busy) < 1e-6)
        #expect(result.samples.last?.answered == result.answered)
    }
}
