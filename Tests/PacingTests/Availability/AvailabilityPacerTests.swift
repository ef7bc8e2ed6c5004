import Pacing
import Testing

@Suite("Pacing by free agents") struct AvailabilityPacerTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var rule: AvailabilityPacer.Rule
        var calls: Int

        var testDescription: String { "\(self.rule)" }
    }

    @Test(
        "calls for four free agents, one call ringing and one caller waiting",
        arguments: [
            Row(rule: .progressive, calls: 2), Row(rule: .ratio(2), calls: 5),
            Row(rule: .jade(serviceLevel: 3), calls: 5),
        ])
    func calls(row: Row) {
        var pacer = AvailabilityPacer(row.rule)
        #expect(pacer.callsToPlace(at: 0, atMost: 50) == 0, "no agents, no calls")
        for agent in 0..<4 { pacer.observe(.agent(agent, .idle), at: 0) }
        pacer.observe(.dialed(1), at: 0)
        pacer.observe(.dialed(2), at: 0)
        pacer.observe(.outcome(2, .human), at: 1)
        #expect(pacer.callsToPlace(at: 1, atMost: 1) == 1)
        #expect(pacer.callsToPlace(at: 3, atMost: 50) == row.calls)
        #expect(pacer.callsToPlace(at: 3.5, atMost: 50) == 0, "asked for already")
    }
}
