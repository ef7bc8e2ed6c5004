import AsteriskManager
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

/// Remembers what a client told, and can keep it waiting.
private final class Recorder: AMIClientHandler {
    private struct State {
        var ready = 0
        var messages: [AMIMessage] = []
        var errors: [AMIError] = []
        var isHolding = false
        var held: CheckedContinuation<Void, Never>?
    }

    private let state = NIOLockedValueBox(State())

    var readyCount: Int { self.state.withLockedValue { $0.ready } }
    var messages: [AMIMessage] { self.state.withLockedValue { $0.messages } }
    var errors: [AMIError] { self.state.withLockedValue { $0.errors } }
    var isHeld: Bool { self.state.withLockedValue { $0.held != nil } }

    func hold() { self.state.withLockedValue { $0.isHolding = true } }

    func letGo() {
        let held = self.state.withLockedValue { state in
            state.isHolding = false
            defer { state.held = nil }
            return state.held
        }
        held?.resume()
    }

    func clientDidBecomeReady() async { self.state.withLockedValue { $0.ready += 1 } }

    func clientDidReceive(_ messages: [AMIMessage]) async {
        self.state.withLockedValue { $0.messages += messages }
        await withCheckedContinuation { continuation in
            let goesOn = self.state.withLockedValue { state in
                guard state.isHolding else { return true }
                state.held = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    func clientDidDisconnect(_ error: AMIError) async { self.state.withLockedValue { $0.errors.append(error) } }
}

@Suite("A client and a server on loopback", .timeLimit(.minutes(10)))
struct AMIClientTests {
    private func configuration(_ server: ScriptedManager) -> AMIClientConfiguration {
        var configuration = AMIClientConfiguration(
            host: "127.0.0.1", port: server.port, username: "u", secret: "hush-hush")
        configuration.tick = .milliseconds(20)
        configuration.backoff = AMIBackoff(initial: .milliseconds(10), maximum: .milliseconds(50))
        return configuration
    }

    /// Lets every NIO thread look at its sockets and Swift's pool run what waits, `count` times over: whoever still had
    /// something to read or to write has done so by then, however loaded the machine is.
    private func letEverythingTakeTurns(_ count: Int) async {
        for _ in 0..<count {
            for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
                try? await loop.submit {}.get()
            }
            await Task.detached {}.value
        }
    }

    private func with(
        _ server: ScriptedManager,
        clock: AMIClock = .continuous,
        change: (inout AMIClientConfiguration) -> Void = { _ in },
        _ body: (AMIClient, Recorder) async throws -> Void
    ) async throws {
        let recorder = Recorder()
        var configuration = self.configuration(server)
        change(&configuration)
        let client = AMIClient(
            configuration: configuration,
            handler: recorder,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: clock
        )
        let run = Task { try await client.run() }
        do {
            try await body(client, recorder)
        } catch {
            Issue.record(error)
        }
        recorder.letGo()
        run.cancel()
        _ = await run.result
        await server.stop()
    }

    private func pings(_ client: AMIClient) async throws -> Bool {
        try await client.send(AMIAction("Ping")).message["Ping"] == "Pong"
    }

    @Test func itLogsInByChallengeAndTalks() async throws {
        let server = try await ScriptedManager { try await $0.behave() }
        try await self.with(server, change: { $0.eventMask = "call" }) { client, recorder in
            #expect(await eventually { client.isReady })
            let pong = try await client.send(AMIAction("Ping"))
            #expect(pong.message["Ping"] == "Pong")
            await #expect(throws: AMIError.refused(message: "Invalid/unknown command")) {
                try await client.send(AMIAction("Nonsense"))
            }
            #expect(recorder.readyCount == 1)
            let login = try #require(server.actions(named: "Login").first)
            #expect(login["Key"]?.count == 32)
            #expect(login["Secret"] == nil)
            #expect(server.actions(named: "Events").first?["EventMask"] == "call")
        }
    }

    @Test func listsOfManyActionsAtOnceFindTheirCallers() async throws {
        let server = try await ScriptedManager {
            try await $0.behave(queues: { (0..<3).map { [("Event", "QueueMember"), ("Name", "m\($0)")] } })
        }
        try await self.with(server) { client, _ in
            #expect(await eventually { client.isReady })
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await client.send(AMIAction("QueueStatus")).items.count }
                    group.addTask { try await client.send(AMIAction("Ping")).items.count }
                }
                let counts = try await group.reduce(into: []) { $0.append($1) }.sorted()
                #expect(counts == Array(repeating: 0, count: 50) + Array(repeating: 3, count: 50))
            }
        }
    }

    @Test func aRefusedLoginIsTriedAgainLater() async throws {
        let server = try await ScriptedManager { connection in
            let isFirst = connection.number == 1
            try await connection.behave { action in
                guard isFirst, action.isAction("Login") else { return false }
                try await connection.answer(action, "Error", [("Message", "Authentication failed")])
                try await connection.channel.close().get()
                return true
            }
        }
        try await self.with(server) { client, recorder in
            #expect(await eventually { client.isReady })
            #expect(server.connectionCount == 2)
            #expect(recorder.readyCount == 1)
            #expect(recorder.errors.isEmpty)
        }
    }

    @Test func nothingIsSentBeforeTheServerIsReady() async throws {
        let server = try await ScriptedManager { try await $0.behave(fullyBooted: false) { $0.isAction("CoreStatus") } }
        try await self.with(server) { client, _ in
            #expect(await eventually { !server.actions(named: "Login").isEmpty })
            await #expect(throws: AMIError.notConnected) { try await client.send(AMIAction("Ping")) }
            await #expect(throws: AMIError.notConnected) { try await client.post(AMIAction("Ping"), actionID: "1") }
            #expect(throws: AMIError.notConnected) { try client.enqueue(AMIAction("Ping"), actionID: "1") }
            #expect(server.actions(named: "Ping").isEmpty)
        }
    }

    @Test func whatMayNotBeSentIsRefusedHere() async throws {
        let server = try await ScriptedManager { try await $0.behave() }
        try await self.with(server) { client, _ in
            #expect(await eventually { client.isReady })
            let bad = AMIAction("Originate", headers: [("Data", "x\r\n\r\nAction: Command\r\nCommand: core stop now")])
            await #expect(throws: AMIError.invalidAction(.forbiddenCharacter(header: "Data"))) {
                try await client.post(bad, actionID: "1")
            }
            _ = try await client.send(AMIAction("Ping"))
            #expect(server.actions(named: "Originate").isEmpty)
            #expect(server.actions(named: "Command").isEmpty)
        }
    }

    @Test func anActionTimesOutAndItsLateAnswerHarmsNobody() async throws {
        let late = NIOLockedValueBox<AMIMessage?>(nil)
        let server = try await ScriptedManager { connection in
            try await connection.behave { action in
                if action.isAction("Slow") {
                    late.withLockedValue { $0 = action }
                    return true
                }
                if action.isAction("Now"), let slow = late.withLockedValue({ $0 }) { try await connection.answer(slow) }
                return false
            }
        }
        try await self.with(server) { client, recorder in
            #expect(await eventually { client.isReady })
            // On a busy machine an action may time out before it is on the wire; then there is no late answer to it.
            repeat {
                await #expect(throws: AMIError.timedOut(action: "Slow")) {
                    try await client.send(AMIAction("Slow"), timeout: .milliseconds(60))
                }
            } while server.actions(named: "Slow").isEmpty
            _ = try? await client.send(AMIAction("Now"))
            let isAlive = try await self.pings(client)
            #expect(isAlive)
            #expect(await eventually { recorder.messages.count == 1 })
        }
    }

    @Test func aCancelledCallerIsToldAtOnce() async throws {
        let server = try await ScriptedManager { try await $0.behave { $0.isAction("Slow") } }
        try await self.with(server) { client, _ in
            #expect(await eventually { client.isReady })
            let task = Task { try await client.send(AMIAction("Slow")) }
            #expect(await eventually { !server.actions(named: "Slow").isEmpty })
            task.cancel()
            await #expect(throws: AMIError.cancelled) { try await task.value }
        }
    }

    @Test func aLostConnectionFailsWhoWaitsAndIsMadeAgain() async throws {
        let server = try await ScriptedManager { connection in
            try await connection.behave { action in
                guard action.isAction("Break") else { return false }
                // In the middle of a message, as Asterisk does with slow readers.
                try await connection.send("Event: Hangup\r\nUniqu")
                try await connection.channel.close().get()
                return true
            }
        }
        try await self.with(server) { client, recorder in
            #expect(await eventually { client.isReady })
            await #expect(throws: AMIError.self) { try await client.send(AMIAction("Break")) }
            #expect(await eventually { recorder.readyCount == 2 && client.isReady })
            #expect(recorder.errors.count == 1)
            #expect(recorder.messages.isEmpty)
            let isAlive = try await self.pings(client)
            #expect(isAlive)
        }
    }

    @Test func whatIsNoAMIEndsTheConnection() async throws {
        let server = try await ScriptedManager { connection in
            let isFirst = connection.number == 1
            try await connection.behave(ready: {
                if isFirst { try await connection.send(String(repeating: "x", count: 100_000)) }
            })
        }
        try await self.with(server) { client, recorder in
            #expect(await eventually { server.connectionCount >= 2 && client.isReady })
            #expect(recorder.errors == [.malformed(.lineTooLong(limit: 64 << 10))])
        }
    }

    @Test func aConnectionThatIsOnlyHalfThereIsFoundWithinTenSeconds() async throws {
        let clock = ManualClock()
        let server = try await ScriptedManager { connection in
            let isFirst = connection.number == 1
            try await connection.behave { isFirst && $0.isAction("Ping") }
        }
        try await self.with(server, clock: AMIClock(clock), change: { $0.tick = .milliseconds(500) }) {
            client, recorder in
            #expect(await eventually { client.isReady })
            let begin = clock.now
            #expect(
                await eventually {
                    if clock.sleeperCount > 0 { clock.advance(by: .milliseconds(500)) }
                    return !recorder.errors.isEmpty
                }
            )
            #expect(recorder.errors == [.unresponsive])
            #expect(begin.duration(to: clock.now) <= .seconds(10))
            #expect(server.actions(named: "Ping").count == 1)
            #expect(
                await eventually {
                    if clock.sleeperCount > 0 { clock.advance(by: .milliseconds(500)) }
                    return client.isReady
                }
            )
        }
    }

    @Test func aSlowHandlerSlowsTheServerInsteadOfFillingMemory() async throws {
        let written = NIOLockedValueBox(0)
        let event = "Event: Filler\r\nText: \(String(repeating: "y", count: 1000))\r\n\r\n"
        let count = 40_000
        let server = try await ScriptedManager { connection in
            try await connection.behave(handle: { action in
                guard action.isAction("Flood") else { return false }
                let block = String(repeating: event, count: 100)
                for _ in 0..<(count / 100) {
                    try await connection.send(block)
                    written.withLockedValue { $0 += 100 }
                }
                return true
            })
        }
        try await self.with(server) { client, recorder in
            #expect(await eventually { client.isReady })
            recorder.hold()
            try await client.post(AMIAction("Flood"), actionID: "1")
            #expect(await eventually { recorder.isHeld })
            // The writer stops when the socket's buffers on both sides are full.
            var last = -1
            #expect(
                await eventually(within: .seconds(60)) {
                    let now = written.withLockedValue { $0 }
                    defer { last = now }
                    await self.letEverythingTakeTurns(200)
                    return now == last
                }
            )
            #expect(written.withLockedValue { $0 } < count / 2)
            #expect(recorder.messages.count < 1000)
            #expect(client.isReady)
            recorder.letGo()
            #expect(await eventually(within: .seconds(60)) { recorder.messages.count == count })
        }
    }

    @Test(arguments: [true, false])
    func itTalksThroughTLS(verifies: Bool) async throws {
        let identity = try await TestIdentity.make()
        defer { identity.remove() }
        let context = try identity.serverContext()
        let server = try await ScriptedManager(prepare: { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }) { try await $0.behave() }
        try await self.with(
            server,
            change: {
                $0.tls = AMIClientConfiguration.TLS(
                    certificateAuthorityFile: verifies ? identity.certificateFile : nil,
                    verifiesCertificate: verifies,
                    serverName: "localhost"
                )
            }
        ) { client, _ in
            #expect(await eventually { client.isReady })
            let isAlive = try await self.pings(client)
            #expect(isAlive)
        }
    }

    @Test func aCertificateNobodyVouchesForIsRefused() async throws {
        let identity = try await TestIdentity.make()
        defer { identity.remove() }
        let context = try identity.serverContext()
        let server = try await ScriptedManager(prepare: { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }) { try await $0.behave() }
        try await self.with(
            server,
            change: {
                $0.tls = AMIClientConfiguration.TLS(serverName: "localhost")
            }
        ) { client, _ in
            #expect(await eventually { server.connectionCount >= 2 })
            #expect(!client.isReady)
            #expect(server.actions.withLockedValue { $0 }.isEmpty)
        }
    }
}
