import AsteriskManager
import DialerModel
import Logging
import NIOCore
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

@Suite("The driver and a server on loopback", .timeLimit(.minutes(10)))
struct AsteriskDriverTests {
    func with(
        _ server: ScriptedManager,
        eventCapacity: Int = 16_384,
        listens: Bool = true,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        change: (inout AsteriskServerConfiguration) -> Void = { _ in },
        _ body: (AsteriskDriver, Listener) async throws -> Void
    ) async throws {
        var configuration = AsteriskServerConfiguration(
            name: "pbx1",
            host: "127.0.0.1",
            port: server.port,
            username: "u",
            secret: "hush-hush",
            eventCapacity: eventCapacity,
            tune: {
                $0.backoff = AMIBackoff(initial: .milliseconds(10), maximum: .milliseconds(50))
                $0.tick = .milliseconds(20)
            }
        )
        change(&configuration)
        let driver = AsteriskDriver(
            configuration: configuration,
            logger: logger
        )
        let listener = Listener()
        let run = Task { try await driver.run() }
        let listening = Task { if listens { await listener.listen(to: driver.events) } }
        do {
            #expect(await eventually { driver.isReady })
            try await body(driver, listener)
        } catch {
            Issue.record(error)
        }
        run.cancel()
        listening.cancel()
        _ = await run.result
        _ = await listening.result
        await server.stop()
    }

    private func order(_ dialing: UUID, channel: String = "Local/1@customers", data: String = "sales_1") -> DialOrder {
        DialOrder(
            dialing: dialing,
            actionID: "action-\(dialing.wire)",
            channel: channel,
            target: .application(name: "Queue", data: data),
            timeout: .seconds(30)
        )
    }

    @Test func aCallIsPlacedAndFollowedToItsEnd() async throws {
        let dialing = UUID()
        let events = try Transcript("b02_originate_queue_answer_local_min").events(replacing: [
            "camp1-lead78-1": dialing.wire
        ])
        let server = try await ScriptedManager { connection in
            try await connection.behave(
                queues: { [[("Event", "QueueParams"), ("Queue", "sales_1")]] },
                handle: { action in
                    guard action.isAction("Originate") else { return false }
                    try await connection.answer(action, "Success", [("Message", "Originate successfully queued")])
                    try await connection.send(events)
                    return true
                }
            )
        }
        try await self.with(server) { driver, listener in
            try await driver.originate(self.order(dialing))
            #expect(
                await eventually {
                    listener.calls(dialing).last == .hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false)
                })
            #expect(listener.calls(dialing).first == .originateQueued)
            #expect(listener.calls(dialing).count == 13)
            let sent = try #require(server.actions(named: "Originate").first)
            #expect(sent["ChannelId"] == dialing.wire)
            #expect(sent["ActionID"] == "action-\(dialing.wire)")
            #expect(sent["Channel"] == "Local/1@customers/n")
            #expect(driver.queue(named: "sales_1")?.callersWaiting == 0)
            #expect(driver.queue(named: "nosuch") == nil)
            #expect(listener.events.first == .ready(liveCalls: []))
        }
    }

    @Test func manyOrdersAtOnceAllGoOut() async throws {
        let server = try await ScriptedManager { try await $0.behave() }
        try await self.with(server) { driver, listener in
            let dialings = (0..<200).map { _ in UUID() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for dialing in dialings { group.addTask { try await driver.originate(self.order(dialing)) } }
                try await group.waitForAll()
            }
            #expect(await eventually { dialings.allSatisfy { listener.calls($0) == [.originateQueued] } })
            #expect(Set(server.actions(named: "Originate").compactMap { $0["ChannelId"] }).count == 200)
        }
    }

    @Test func anOrderThatMayNotGoOutNamesItsField() async throws {
        let server = try await ScriptedManager { try await $0.behave() }
        try await self.with(server) { driver, _ in
            do {
                try await driver.originate(self.order(UUID(), data: "x\r\n\r\nAction: Command"))
                Issue.record("an injection went through")
            } catch TelephonyError.invalidOrder(let field, _) {
                #expect(field == "data")
            }
            var many = self.order(UUID())
            many.variables = (0..<130).map { .init(name: "V\($0)", value: "1") }
            await #expect(throws: TelephonyError.self) { try await driver.originate(many) }
            #expect(server.actions(named: "Originate").isEmpty)
            #expect(driver.trackedCalls == 0)
        }
    }

    @Test func aLossIsToldAndTheNextReadySaysWhatStillLives() async throws {
        let dialing = UUID()
        let server = try await ScriptedManager { connection in
            try await connection.behave(
                channels: {
                    guard connection.number > 1 else { return [] }
                    return [
                        [
                            ("Event", "CoreShowChannel"), ("Channel", "PJSIP/t-1"), ("ChannelState", "6"),
                            ("Uniqueid", dialing.wire),
                        ]
                    ]
                },
                handle: { action in
                    guard action.isAction("Originate") else { return false }
                    try await connection.channel.close().get()
                    return true
                }
            )
        }
        try await self.with(server) { driver, listener in
            try await driver.originate(self.order(dialing))
            #expect(await eventually { listener.readyCount == 2 })
            #expect(listener.lostCount == 1)
            #expect(
                listener.events.contains(
                    .ready(liveCalls: [LiveCall(dialing: dialing, channel: "PJSIP/t-1", isAnswered: true)])
                )
            )
            #expect(try await driver.liveCalls().map(\.dialing) == [dialing])
        }
    }

    @Test func nothingIsPlacedWithoutAConnection() async throws {
        let server = try await ScriptedManager { try await $0.behave() }
        try await self.with(server) { driver, listener in
            await server.stop()
            #expect(await eventually { listener.lostCount == 1 || !driver.isReady })
            #expect(await eventually { !driver.isReady })
            await #expect(throws: TelephonyError.notReady) { try await driver.originate(self.order(UUID())) }
            await #expect(throws: TelephonyError.notReady) { _ = try await driver.hangUp(UUID()) }
            await #expect(throws: TelephonyError.notReady) { _ = try await driver.liveCalls() }
            #expect(driver.queue(named: "sales_1") == nil)
        }
    }

    @Test func aRingingCallIsHungUpByItsChannelAndAnUnknownOneIsNot() async throws {
        let dialing = UUID()
        let server = try await ScriptedManager { connection in
            try await connection.behave { action in
                if action.isAction("Originate") {
                    try await connection.answer(action)
                    try await connection.send(
                        "Event: Newchannel\r\nChannel: PJSIP/t-7\r\nChannelState: 0\r\nUniqueid: \(dialing.wire)\r\n\r\n"
                    )
                    return true
                }
                guard action.isAction("Hangup") else { return false }
                try await connection.answer(action, action["Channel"] == "PJSIP/t-7" ? "Success" : "Error")
                return true
            }
        }
        try await self.with(server) { driver, listener in
            try await driver.originate(self.order(dialing))
            #expect(await eventually { listener.calls(dialing).contains(.channelCreated(channel: "PJSIP/t-7")) })
            #expect(try await driver.hangUp(dialing))
            #expect(server.actions(named: "Hangup").map { $0["Channel"] } == ["PJSIP/t-7"])
            #expect(try await driver.hangUp(UUID()) == false)
        }
    }

    @Test func aHangUpBeforeTheChannelIsKnownIsDoneAsSoonAsItIs() async throws {
        let dialing = UUID()
        let server = try await ScriptedManager { connection in
            try await connection.behave { action in
                if action.isAction("Originate") { return true }
                if action.isAction("Go") || action.isAction("Hangup") { try await connection.answer(action) }
                if action.isAction("CoreShowChannels"), connection.number == 1,
                    action["ActionID"]?.hasPrefix("sync-") == false
                {
                    try await connection.list(action, [], complete: "CoreShowChannelsComplete")
                    try await connection.send(
                        "Event: Newchannel\r\nChannel: PJSIP/t-8\r\nUniqueid: \(dialing.wire)\r\n\r\n")
                    return true
                }
                return action.isAction("Hangup")
            }
        }
        try await self.with(server) { driver, _ in
            try await driver.originate(self.order(dialing))
            #expect(try await driver.hangUp(dialing))
            #expect(await eventually { server.actions(named: "Hangup").map { $0["Channel"] } == ["PJSIP/t-8"] })
        }
    }

    @Test func aConsumerThatFallsBehindStopsTheReaderAndLosesNothing() async throws {
        let dialing = UUID()
        let count = 20_000
        let server = try await ScriptedManager { connection in
            try await connection.behave { action in
                guard action.isAction("Originate") else { return false }
                let event =
                    "Event: DialBegin\r\nDestUniqueid: \(dialing.wire)\r\nText: \(String(repeating: "z", count: 800))\r\n\r\n"
                let block = String(repeating: event, count: 100)
                for _ in 0..<(count / 100) { try await connection.send(block) }
                return true
            }
        }
        try await self.with(server, eventCapacity: 64, listens: false) { driver, listener in
            try await driver.originate(self.order(dialing))
            var seen = 0
            for await event in driver.events {
                if case .call(dialing, .dialBegin) = event { seen += 1 }
                if seen == count { break }
            }
            #expect(seen == count)
        }
    }

    @Test func aServerThatListsNoChannelsIsNeverReady() async throws {
        let server = try await ScriptedManager { connection in
            try await connection.behave { action in
                guard connection.number < 3, action.isAction("CoreShowChannels") else { return false }
                try await connection.answer(action, "Error", [("Message", "Permission denied")])
                return true
            }
        }
        try await self.with(server) { _, listener in
            #expect(server.connectionCount == 3)
            #expect(listener.readyCount <= 1)
            #expect(listener.lostCount == 0)
        }
    }
}
