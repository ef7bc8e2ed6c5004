import NIOCore
import Testing

@testable import AsteriskManager

/// A message as it would be read.
func message(_ headers: (name: String, value: String)...) throws -> AMIMessage {
    var buffer = ByteBuffer()
    try AMIMessageEncoder(limits: .events).encode(headers, into: &buffer)
    var decoder = AMIMessageDecoder()
    return try #require(try decoder.decode(buffer: &buffer))
}

private func greeting(_ line: String) throws -> AMIMessage {
    var buffer = ByteBuffer(string: line + "\r\n")
    var decoder = AMIMessageDecoder(expectsGreeting: true)
    return try #require(try decoder.decode(buffer: &buffer))
}

@Suite("Login, boot and keep-alive, without I/O")
struct StateMachineTests {
    private var configuration = AMIClientConfiguration(host: "h", username: "dialer", secret: "dialersecret")

    private func machine(_ change: (inout AMIClientConfiguration) -> Void = { _ in }) -> ConnectionStateMachine {
        var configuration = self.configuration
        change(&configuration)
        return ConnectionStateMachine(configuration: configuration, idPrefix: "x", now: .zero)
    }

    private func sent(_ steps: [ConnectionStateMachine.Step]) -> [(action: AMIAction, id: String)] {
        steps.compactMap { step in
            guard case .send(let action, let id) = step else { return nil }
            return (action, id)
        }
    }

    private func closing(_ steps: [ConnectionStateMachine.Step]) -> AMIError? {
        steps.lazy.compactMap { step -> AMIError? in
            guard case .close(let error) = step else { return nil }
            return error
        }.first
    }

    /// Brings a machine to the accepted login.
    private func logIn(_ machine: inout ConnectionStateMachine) throws -> [ConnectionStateMachine.Step] {
        _ = machine.received(try greeting("Asterisk Call Manager/11.0.0"), now: .zero)
        _ = machine.received(try message(("Response", "Success"), ("Challenge", "122416814")), now: .zero)
        return machine.received(
            try message(("Response", "Success"), ("Message", "Authentication accepted")), now: .zero)
    }

    @Test func theKeyIsTheOneARealAsteriskAccepted() {
        #expect(md5Hexadecimal("122416814dialersecret") == "9e00d589d5b77ad12b31fbc445d7602a")
    }

    @Test func theSecretDoesNotLeaveWithMD5() throws {
        var machine = self.machine()
        let challenge = self.sent(machine.received(try greeting("Asterisk Call Manager/11.0.0"), now: .zero))
        #expect(challenge.map(\.action.name) == ["Challenge"])
        let login = self.sent(
            machine.received(try message(("Response", "Success"), ("Challenge", "122416814")), now: .zero)
        )
        #expect(login.map(\.action.name) == ["Login"])
        let headers = login.flatMap(\.action.headers)
        #expect(headers.contains { $0 == ("Key", "9e00d589d5b77ad12b31fbc445d7602a") })
        #expect(!headers.contains { $0.value.contains("dialersecret") })
    }

    @Test func plainLoginSendsTheSecretAtOnce() throws {
        var machine = self.machine { $0.authentication = .plain }
        let login = self.sent(machine.received(try greeting("Asterisk Call Manager/11.0.0"), now: .zero))
        #expect(login.first?.action.headers.contains { $0 == ("Secret", "dialersecret") } == true)
    }

    @Test func anotherProtocolOrARefusedLoginEndsTheConnection() throws {
        var machine = self.machine()
        #expect(self.closing(machine.received(try greeting("SSH-2.0-OpenSSH"), now: .zero)) == .notAnAsterisk)
        machine = self.machine()
        _ = machine.received(try greeting("Asterisk Call Manager/5.0"), now: .zero)
        _ = machine.received(try message(("Response", "Success"), ("Challenge", "1")), now: .zero)
        let steps = machine.received(
            try message(("Response", "Error"), ("Message", "Authentication failed")), now: .zero)
        #expect(self.closing(steps) == .loginRefused(message: "Authentication failed"))
    }

    @Test func theConnectionIsReadyOnlyWhenTheServerIsFullyBooted() throws {
        var machine = self.machine()
        _ = try self.logIn(&machine)
        #expect(!machine.isReady)
        _ = machine.received(try message(("Event", "PeerStatus")), now: .zero)
        #expect(!machine.isReady)
        let steps = machine.received(try message(("Event", "FullyBooted")), now: .seconds(20))
        #expect(machine.isReady)
        #expect(
            steps.contains {
                guard case .becameReady = $0 else { return false }
                return true
            }
        )
    }

    @Test func masksAndFiltersAreSetAndARefusalIsLivedWith() throws {
        var machine = self.machine {
            $0.eventMask = "call,agent"
            $0.eventNames = ["Hangup", "Newchannel"]
        }
        let settings = self.sent(try self.logIn(&machine))
        #expect(settings.map(\.action.name) == ["Events", "Filter"])
        #expect(settings.last?.action.headers.last?.value == "Event: (Hangup|Newchannel)")
        _ = machine.received(try message(("Event", "FullyBooted")), now: .zero)
        _ = machine.received(try message(("Response", "Success"), ("ActionID", settings[0].id)), now: .zero)
        #expect(!machine.isReady)
        let steps = machine.received(
            try message(("Response", "Error"), ("ActionID", settings[1].id), ("Message", "Permission denied")),
            now: .zero
        )
        #expect(machine.isReady)
        guard case .settingRefused(let setting, _)? = steps.first else {
            Issue.record("the refusal was not told")
            return
        }
        #expect(setting == "Filter")
    }

    @Test func expressionsAreFiltersOfTheirOwn() throws {
        var machine = self.machine {
            $0.eventNames = ["Hangup"]
            $0.eventExpressions = ["Variable: A", "Variable: B"]
        }
        let settings = self.sent(try self.logIn(&machine))
        #expect(settings.map(\.action.name) == ["Filter", "Filter", "Filter"])
        #expect(
            settings.compactMap(\.action.headers.last?.value) == ["Event: (Hangup)", "Variable: A", "Variable: B"])
    }

    @Test func aServerThatMayNotTellItsBootIsAskedForIt() throws {
        var machine = self.machine()
        _ = try self.logIn(&machine)
        #expect(self.sent(machine.tick(now: .milliseconds(900), isReaderBusy: false)).isEmpty)
        let probe = self.sent(machine.tick(now: .seconds(1), isReaderBusy: false))
        #expect(probe.map(\.action.name) == ["CoreStatus"])
        _ = machine.received(
            try message(("Response", "Success"), ("ActionID", probe[0].id), ("CoreStartupDate", "1970-01-01")),
            now: .seconds(1)
        )
        #expect(!machine.isReady)
        let second = self.sent(machine.tick(now: .seconds(3), isReaderBusy: false))
        _ = machine.received(
            try message(("Response", "Success"), ("ActionID", second[0].id), ("CoreStartupDate", "2026-11-21")),
            now: .seconds(3)
        )
        #expect(machine.isReady)
    }

    @Test func loginAndBootHaveTheirTimes() throws {
        var machine = self.machine()
        #expect(self.closing(machine.tick(now: .seconds(9), isReaderBusy: false)) == nil)
        #expect(self.closing(machine.tick(now: .seconds(10), isReaderBusy: false)) == .notReadyInTime(stage: "login"))
        machine = self.machine { $0.bootTimeout = .seconds(60) }
        _ = try self.logIn(&machine)
        machine.heard(now: .seconds(60))
        #expect(self.closing(machine.tick(now: .seconds(60), isReaderBusy: false)) == .notReadyInTime(stage: "boot"))
    }

    @Test func silenceIsPingedAndSilenceAfterAPingIsDeath() {
        var keepAlive = KeepAlive(interval: .seconds(5), timeout: .seconds(4), now: .zero)
        #expect(keepAlive.tick(now: .seconds(4), isReaderBusy: false) == .wait)
        #expect(keepAlive.tick(now: .seconds(5), isReaderBusy: false) == .ping)
        #expect(keepAlive.tick(now: .seconds(8), isReaderBusy: false) == .wait)
        #expect(keepAlive.tick(now: .seconds(9), isReaderBusy: false) == .dead)
    }

    @Test func anythingHeardOrAReaderThatIsBusyHereKeepsTheConnectionAlive() {
        var keepAlive = KeepAlive(interval: .seconds(5), timeout: .seconds(4), now: .zero)
        #expect(keepAlive.tick(now: .seconds(5), isReaderBusy: false) == .ping)
        keepAlive.heard(now: .seconds(6))
        #expect(keepAlive.tick(now: .seconds(10), isReaderBusy: false) == .wait)
        #expect(keepAlive.tick(now: .seconds(11), isReaderBusy: false) == .ping)
        #expect(keepAlive.tick(now: .seconds(30), isReaderBusy: true) == .wait)
        #expect(keepAlive.tick(now: .seconds(31), isReaderBusy: false) == .wait)
    }

    @Test func backOffDoublesUpToItsMaximumAndJittersDownToHalf() {
        let backoff = AMIBackoff(initial: .seconds(1), maximum: .seconds(10))
        #expect((1...6).map { backoff.delay(attempt: $0, random: 1) } == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
        #expect((1...3).map { backoff.delay(attempt: $0, random: 0) } == [500, 1000, 2000].map { .milliseconds($0) })
        #expect(backoff.delay(attempt: Int.max, random: 1) == .seconds(10))
    }

    @Test func listsAreCollectedAndBounded() throws {
        var pending = PendingActions<Int>(maxListItems: 2)
        pending.add(1, actionID: "a", action: "QueueStatus", deadline: .seconds(5))
        pending.add(2, actionID: "b", action: "QueueStatus", deadline: .seconds(5))
        let foreign = pending.received(try message(("Event", "Hangup"), ("ActionID", "a")))
        #expect(foreign == nil)
        _ = pending.received(try message(("Response", "Success"), ("ActionID", "a"), ("EventList", "start")))
        _ = pending.received(try message(("Response", "Success"), ("ActionID", "b"), ("EventList", "start")))
        for index in 0..<3 {
            if index < 2 { _ = pending.received(try message(("Event", "QueueMember"), ("ActionID", "a"))) }
            _ = pending.received(try message(("Event", "QueueMember"), ("ActionID", "b")))
        }
        let done = try #require(
            pending.received(
                try message(("Event", "QueueStatusComplete"), ("ActionID", "a"), ("EventList", "Complete")))
        )
        #expect(try done?.result.get().items.count == 2)
        let tooLong = try #require(
            pending.received(
                try message(("Event", "QueueStatusComplete"), ("ActionID", "b"), ("EventList", "Complete")))
        )
        #expect(throws: AMIError.listTooLong(limit: 2)) { try tooLong?.result.get() }
        #expect(pending.isEmpty)
    }

    @Test func anActionWithoutAnAnswerTimesOut() throws {
        var pending = PendingActions<Int>(maxListItems: 2)
        pending.add(1, actionID: "a", action: "Ping", deadline: .seconds(5))
        #expect(pending.expire(now: .seconds(4)).isEmpty)
        let late = pending.expire(now: .seconds(5))
        #expect(late.map(\.waiter) == [1])
        #expect(throws: AMIError.timedOut(action: "Ping")) { try late[0].result.get() }
        let tooLate = pending.received(try message(("Response", "Success"), ("ActionID", "a")))
        #expect(tooLate == nil)
    }
}
