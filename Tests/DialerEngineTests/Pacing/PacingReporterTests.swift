import DialerModel
import Pacing
import Testing

@testable import DialerEngine

@Suite("What pacing is told of a call")
struct PacingReporterTests {
    private func tell(
        _ reporter: inout PacingReporter, _ phase: CallPhase, _ event: CallEvent? = nil, outcome: AnswerOutcome? = nil,
        atOnce: Bool = true, turnedAway: Bool = false
    ) -> [CallProgress] {
        reporter.progress(
            phase: phase, event: event, outcome: outcome, needsAgentAtOnce: atOnce, isTurnedAway: turnedAway)
    }

    @Test("a call with an agent: each step once")
    func conversation() {
        var reporter = PacingReporter()
        #expect(self.tell(&reporter, .unanswered, .ringing) == [])
        #expect(self.tell(&reporter, .answered) == [.answered])
        #expect(self.tell(&reporter, .waiting, .joinedQueue(queue: "q", position: 1)) == [])
        let connected = CallEvent.agentConnected(agent: "a", hold: .seconds(1))
        #expect(self.tell(&reporter, .connected, connected) == [.withAgent("a")])
        #expect(self.tell(&reporter, .connected, connected) == [])
        #expect(self.tell(&reporter, .connected, .agentCompleted(agent: "a", talk: .seconds(9))) == [.over])
        #expect(reporter.end(isAnswered: true, dialResult: 4, outcome: .kept) == [])
    }

    @Test("an agent who has it before anything else was told")
    func connectedAtOnce() {
        var reporter = PacingReporter()
        let connected = CallEvent.agentConnected(agent: "a", hold: .zero)
        #expect(self.tell(&reporter, .connected, connected) == [.answered, .withAgent("a")])
        #expect(reporter.end(isAnswered: true, dialResult: 4, outcome: .kept) == [.over])
    }

    @Test("a person nobody took is abandoned as soon as that is certain, and only once")
    func abandoned() {
        var reporter = PacingReporter()
        #expect(self.tell(&reporter, .waiting) == [.answered])
        #expect(self.tell(&reporter, .waiting, outcome: .abandoned) == [.abandoned])
        let connected = CallEvent.agentConnected(agent: "a", hold: .seconds(9))
        #expect(self.tell(&reporter, .connected, connected, outcome: .abandoned) == [])
        #expect(reporter.end(isAnswered: true, dialResult: 4, outcome: .abandoned) == [])
    }

    @Test("a person who hung up in time was not abandoned")
    func leftInTime() {
        var reporter = PacingReporter()
        #expect(self.tell(&reporter, .waiting) == [.answered])
        #expect(reporter.end(isAnswered: true, dialResult: 4, outcome: .kept) == [.over])
    }

    @Test("who may be a machine needs nobody before the queue; a machine nobody is to have never does")
    func machines() {
        var person = PacingReporter()
        #expect(self.tell(&person, .answered, atOnce: false) == [])
        #expect(self.tell(&person, .waiting, atOnce: false) == [.answered])

        var machine = PacingReporter()
        #expect(self.tell(&machine, .answered, atOnce: false) == [])
        #expect(self.tell(&machine, .connected, outcome: .machine, atOnce: false, turnedAway: true) == [.machine])
        #expect(machine.end(isAnswered: true, dialResult: 4, outcome: .machine) == [])
    }

    @Test(
        "calls that end without an answer, by jade's res_dial",
        arguments: [(5, CallProgress.unanswered(.busy)), (3, .unanswered(.noanswer)), (8, .unanswered(.failed))])
    func unanswered(dialResult: Int, progress: CallProgress) {
        var reporter = PacingReporter()
        #expect(reporter.end(isAnswered: false, dialResult: dialResult, outcome: nil) == [progress])
        #expect(reporter.end(isAnswered: false, dialResult: dialResult, outcome: nil) == [])
    }

    @Test("a call found answered at a start is nobody's lesson")
    func adopted() {
        var reporter = PacingReporter(isAnswered: true)
        #expect(self.tell(&reporter, .connected) == [])
        #expect(reporter.end(isAnswered: true, dialResult: 4, outcome: .kept) == [])
    }
}
