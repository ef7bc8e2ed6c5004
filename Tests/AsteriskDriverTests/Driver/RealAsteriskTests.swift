import AsteriskManager
import DialerModel
import Logging
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

@Suite("The driver and a real Asterisk", .timeLimit(.minutes(10)), .serialized)
struct RealAsteriskTests {
    func with(
        _ configuration: AsteriskServer.Configuration = .init(),
        authentication: AMIClientConfiguration.Authentication = .md5,
        queueWrapUp: [String: Int] = [:],
        _ body: (AsteriskServer, AsteriskDriver, Listener) async throws -> Void
    ) async throws {
        try await AsteriskServer.with(configuration) { asterisk in
            let driver = AsteriskDriver(
                configuration: AsteriskServerConfiguration(
                    name: "real",
                    host: asterisk.host,
                    port: asterisk.port,
                    username: asterisk.username,
                    secret: asterisk.secret,
                    authentication: authentication,
                    queueWrapUp: queueWrapUp,
                    resyncInterval: .seconds(1)
                ),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let listener = Listener()
            let run = Task { try await driver.run() }
            let listening = Task { await listener.listen(to: driver.events) }
            do {
                #expect(await eventually { driver.isReady })
                try await body(asterisk, driver, listener)
            } catch {
                Issue.record(error)
            }
            run.cancel()
            listening.cancel()
            _ = await run.result
            _ = await listening.result
        }
    }

    private func order(_ dialing: UUID, _ channel: String, timeout: Duration = .seconds(10)) -> DialOrder {
        DialOrder(
            dialing: dialing,
            actionID: UUID().wire,
            channel: channel,
            target: .application(name: "Queue", data: "sales_1"),
            timeout: timeout,
            variables: [.init(name: "CAMPAIGN", value: "a,b \"c\" \\d")]
        )
    }

    private func isCompleted(_ calls: [CallEvent]) -> Bool {
        calls.contains { event in
            guard case .agentCompleted(_, let talk?) = event else { return false }
            return talk >= .seconds(1)
        }
    }

    private func hasEnded(_ calls: [CallEvent]) -> Bool {
        let isHungUp = calls.contains { if case .hangup(_, _, false) = $0 { true } else { false } }
        let isDecided = calls.contains { if case .originateResponse = $0 { true } else { false } }
        return isHungUp && isDecided
    }

    @Test(arguments: [AMIClientConfiguration.Authentication.md5, .plain])
    func aCallReachesAnAgentAndBothAreFreeAfterwards(
        authentication: AMIClientConfiguration.Authentication
    ) async throws {
        try await self.with(authentication: authentication) { asterisk, driver, listener in
            #expect(driver.queue(named: "sales_1")?.idleMembers == 3)
            #expect(driver.queue(named: "nosuch") == nil)
            let dialing = UUID()
            try await driver.originate(self.order(dialing, TestCustomer.answers(talking: .seconds(2)).channel))
            // The two Hangups come in any order. AgentComplete is left out here: when the caller's channel is gone before the
            // queue tells of the end, Asterisk sends it without the caller.
            #expect(
                await eventually {
                    let calls = listener.calls(dialing)
                    return self.hasEnded(calls)
                        && calls.contains { if case .hangup(_, _, true) = $0 { true } else { false } }
                }
            )
            let calls = listener.calls(dialing)
            #expect(calls.first == .originateQueued)
            #expect(calls.contains(.dialEnd(.answer)))
            #expect(calls.contains(.joinedQueue(queue: "sales_1", position: 1)))
            #expect(calls.contains { if case .agentConnected = $0 { true } else { false } })
            #expect(calls.count { if case .hangup(_, _, false) = $0 { true } else { false } } == 1)
            #expect(calls.count { if case .hangup(_, _, true) = $0 { true } else { false } } == 1)
            #expect(await eventually { driver.queue(named: "sales_1")?.idleMembers == 3 })
            #expect(
                listener.events.contains { event in
                    guard case .queue(let snapshot) = event else { return false }
                    return snapshot.members.contains { $0.state == .talking }
                }
            )
            // Most calls' conversations are told to be over, and those with their length.
            var told = calls
            for _ in 0..<9 where !self.isCompleted(told) {
                let next = UUID()
                try await driver.originate(self.order(next, TestCustomer.answers(talking: .seconds(2)).channel))
                #expect(await eventually { self.hasEnded(listener.calls(next)) })
                #expect(await eventually { driver.queue(named: "sales_1")?.idleMembers == 3 })
                told = listener.calls(next)
            }
            #expect(self.isCompleted(told))
        }
    }

    @Test func failuresAreTold() async throws {
        try await self.with { asterisk, driver, listener in
            let busy = UUID()
            let silent = UUID()
            let unknown = UUID()
            try await driver.originate(self.order(busy, TestCustomer.busy().channel))
            try await driver.originate(self.order(silent, TestCustomer.neverAnswers.channel, timeout: .seconds(1)))
            try await driver.originate(self.order(unknown, "Nonsense/1"))
            #expect(await eventually { self.hasEnded(listener.calls(busy)) && self.hasEnded(listener.calls(silent)) })
            #expect(listener.calls(busy).contains(.dialEnd(.busy)))
            #expect(
                listener.calls(busy).contains { if case .hangup(17, _, true) = $0 { true } else { false } }
            )
            #expect(
                listener.calls(silent).contains(.originateResponse(answered: false, reason: 3, channel: nil))
            )
            #expect(
                await eventually {
                    listener.calls(unknown) == [
                        .originateQueued, .originateResponse(answered: false, reason: 0, channel: nil),
                    ]
                }
            )
        }
    }

    @Test func aRingingCallIsHungUp() async throws {
        try await self.with { asterisk, driver, listener in
            let dialing = UUID()
            try await driver.originate(self.order(dialing, TestCustomer.neverAnswers.channel))
            #expect(try await driver.hangUp(dialing))
            #expect(await eventually { self.hasEnded(listener.calls(dialing)) })
            let again = try await driver.hangUp(dialing)
            #expect(!again)
            let live = try await driver.liveCalls()
            #expect(live.isEmpty)
        }
    }

    @Test func wrapUpIsReckonedThoughAsteriskShowsTheAgentIdle() async throws {
        let queue = AsteriskServer.Queue("sales_1", agents: AsteriskServer.Agent.crew(1), wrapUpSeconds: 6)
        try await self.with(.init(queues: [queue]), queueWrapUp: ["sales_1": 6]) { asterisk, driver, listener in
            let dialing = UUID()
            let begin = ContinuousClock.now
            try await driver.originate(self.order(dialing, TestCustomer.answers(talking: .seconds(1)).channel))
            #expect(await eventually { driver.queue(named: "sales_1")?.members.first?.state == .wrapUp })
            #expect(await eventually { driver.queue(named: "sales_1")?.idleMembers == 1 })
            // A second of talk and six of wrap-up, which Asterisk counts in whole seconds.
            #expect(ContinuousClock.now - begin > .seconds(5))
        }
    }

    @Test(arguments: [true, false])
    func aRestartIsALossAndANewPicture(killing: Bool) async throws {
        try await self.with { asterisk, driver, listener in
            let dialing = UUID()
            try await driver.originate(self.order(dialing, TestCustomer.answersAndStays().channel))
            #expect(await eventually { listener.calls(dialing).contains(.dialEnd(.answer)) })
            try await asterisk.restart(killing: killing)
            #expect(await eventually { listener.readyCount == 2 && driver.isReady })
            #expect(listener.lostCount == 1)
            #expect(driver.queue(named: "sales_1")?.idleMembers == 3)
            #expect(
                listener.events.last { if case .ready = $0 { true } else { false } } == .ready(liveCalls: [])
            )
            let next = UUID()
            try await driver.originate(self.order(next, TestCustomer.busy().channel))
            #expect(await eventually { self.hasEnded(listener.calls(next)) })
        }
    }

    @Test func aCallThatOutlivesTheConnectionIsStillThereAfterIt() async throws {
        try await self.with { asterisk, driver, listener in
            let dialing = UUID()
            try await driver.originate(self.order(dialing, TestCustomer.answersAndStays().channel))
            #expect(await eventually { listener.calls(dialing).contains(.dialEnd(.answer)) })
            driver.dropConnection()
            #expect(await eventually { listener.readyCount == 2 && driver.isReady })
            let live = try await driver.liveCalls()
            #expect(live.map(\.dialing) == [dialing])
            #expect(live.first?.isAnswered == true)
            #expect(try await driver.hangUp(dialing))
            #expect(
                await eventually {
                    listener.calls(dialing).contains { if case .hangup(_, _, false) = $0 { true } else { false } }
                })
        }
    }
}
