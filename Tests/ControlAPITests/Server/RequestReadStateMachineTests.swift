import Testing

@testable import ControlAPI

@Suite("The watch over requests being read")
struct RequestReadStateMachineTests {
    @Test("A head starts the deadline and the end of the request stops it")
    func deadlineSpansRequest() {
        var machine = RequestReadStateMachine()
        #expect(machine.readHead() == .startDeadline)
        #expect(machine.readEnd() == .cancelDeadline)
        #expect(machine.deadlineReached() == .none)
    }

    @Test("A late request nobody has answered is answered, then the connection closes once")
    func lateRequestIsAnswered() {
        var machine = RequestReadStateMachine()
        _ = machine.readHead()
        #expect(machine.deadlineReached() == .answerAndClose)
        #expect(machine.deadlineReached() == .none)
    }

    @Test("A late body whose answer has begun only closes the connection")
    func lateBodyAfterAnswer() {
        var machine = RequestReadStateMachine()
        _ = machine.readHead()
        machine.writeHead()
        #expect(machine.deadlineReached() == .close)
    }

    @Test("A late request behind one that is still worked on only closes the connection")
    func latePipelinedRequest() {
        var machine = RequestReadStateMachine()
        _ = machine.readHead()
        _ = machine.readEnd()
        _ = machine.readHead()
        #expect(machine.deadlineReached() == .close)
    }

    @Test("Bytes that are no HTTP are answered when no request is open and passed on when one is")
    func parseErrors() {
        var idle = RequestReadStateMachine()
        #expect(idle.parseFailed() == .answerAndClose)
        #expect(idle.parseFailed() == .none)

        var reading = RequestReadStateMachine()
        _ = reading.readHead()
        #expect(reading.parseFailed() == .passOn)

        var answered = RequestReadStateMachine()
        _ = answered.readHead()
        _ = answered.readEnd()
        answered.writeHead()
        answered.writeEnd()
        #expect(answered.parseFailed() == .answerAndClose)
    }

    @Test("A body that is a stream is held to the time of each part, and only while a part is wanted")
    func parts() {
        var machine = RequestReadStateMachine()
        #expect(machine.wantPart() == .none)
        _ = machine.readHead()
        #expect(machine.readPart() == .cancelDeadline)
        #expect(machine.wantPart() == .startDeadline)
        #expect(machine.readPart() == .cancelDeadline)
        #expect(machine.readEnd() == .cancelDeadline)
        #expect(machine.wantPart() == .none)
        #expect(machine.readPart() == .none)
    }

    @Test("A connection that goes in the middle of a request tells whoever reads it, once")
    func breakOff() {
        var machine = RequestReadStateMachine()
        var told = [machine.breakOff()]
        _ = machine.readHead()
        told.append(machine.breakOff())
        told.append(machine.breakOff())
        _ = machine.readHead()
        _ = machine.readEnd()
        told.append(machine.breakOff())
        #expect(told == [false, true, false, false])
    }
}
