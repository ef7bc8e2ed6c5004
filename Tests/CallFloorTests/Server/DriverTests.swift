import AsteriskDriver
import Chance
import DialerModel
import Logging
import Telephony
import Testing

import struct Foundation.UUID

@testable import CallFloor

/// The project's own driver on the floor, as it runs on a real Asterisk.
@Suite("The Asterisk driver works on the floor", .timeLimit(.minutes(10)))
struct DriverTests {
    private func withDriver(
        _ configure: (inout CallFloorServer.Configuration) -> Void = { _ in },
        _ body: (CallFloorServer, AsteriskDriver, inout TelephonyEvents.AsyncIterator) async throws -> Void
    ) async throws {
        try await withFloor(configure) { server, port in
            let driver = AsteriskDriver(
                configuration: .init(
                    name: "floor", host: "127.0.0.1", port: port, username: "outpace", secret: "change-me"
                ),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await driver.run() }
                var events = driver.events.makeAsyncIterator()
                while let event = await events.next() {
                    if case .ready = event { break }
                }
                try await body(server, driver, &events)
                group.cancelAll()
            }
        }
    }

    private func order(_ dialing: UUID, channel: String) -> DialOrder {
        DialOrder(
            dialing: dialing, actionID: dialing.uuidString.lowercased(), channel: channel,
            target: .application(name: "Queue", data: "sales_1"), timeout: .seconds(20), callerID: "\"Outpace\" <100>",
            variables: [.init(name: "LEAD", value: "7")]
        )
    }

    /// Takes events until each of `dialings` has had its `count` last ones, as `isLast` tells them.
    private func events(
        of dialings: [UUID], from iterator: inout TelephonyEvents.AsyncIterator,
        until isLast: (CallEvent) -> Bool, count: Int = 1
    ) async -> [UUID: [CallEvent]] {
        var seen: [UUID: [CallEvent]] = [:]
        while dialings.contains(where: { (seen[$0] ?? []).count(where: isLast) < count }),
            let event = await iterator.next()
        {
            if case .call(let dialing, let call) = event { seen[dialing, default: []].append(call) }
        }
        return seen
    }

    private func isQueued(_ event: CallEvent) -> Bool {
        if case .originateQueued = event { true } else { false }
    }

    private func isResponse(_ event: CallEvent) -> Bool {
        if case .originateResponse = event { true } else { false }
    }

    private func isHangup(_ event: CallEvent) -> Bool {
        if case .hangup(_, _, isPeerHalf: false) = event { true } else { false }
    }

    @Test("A queue call from originate to hang-up", arguments: ["PJSIP/100@trunk", "Local/100@customers/n"])
    func queueCall(channel: String) async throws {
        try await self.withDriver { server, driver, events in
            #expect(driver.queue(named: "sales_1")?.idleMembers == 1)
            let dialing = UUID()
            try await driver.originate(self.order(dialing, channel: channel))
            var seen = await self.events(of: [dialing], from: &events, until: self.isQueued)[dialing] ?? []
            try await server.advance(by: 6)
            seen +=
                await self.events(of: [dialing], from: &events) {
                    if case .agentConnected = $0 { true } else { false }
                }[dialing] ?? []
            #expect(driver.queue(named: "sales_1")?.idleMembers == 0)
            let live = try await driver.liveCalls()
            #expect(live.map(\.dialing) == [dialing])
            #expect(live.first?.isAnswered == true)
            try await server.advance(by: 60)
            seen += await self.events(of: [dialing], from: &events, until: self.isHangup)[dialing] ?? []
            #expect(seen.contains(.ringing))
            #expect(seen.contains(.dialEnd(.answer)))
            #expect(seen.contains(.joinedQueue(queue: "sales_1", position: 1)))
            #expect(seen.contains { if case .agentConnected = $0 { true } else { false } })
            #expect(seen.contains { if case .agentCompleted(_, talk: .seconds(5)?) = $0 { true } else { false } })
            #expect(seen.contains(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false)))
            #expect(
                seen.contains { if case .originateResponse(answered: true, reason: 4, _) = $0 { true } else { false } })
        }
    }

    @Test("Failures arrive with their causes")
    func failures() async throws {
        let script = try CallScript(text: "1 busy\n2 noanswer\n3 unallocated\n4 refused")
        try await self.withDriver {
            $0.world.script = script
        } _: { server, driver, events in
            let dialings = (1...4).map { _ in UUID() }
            for (index, dialing) in dialings.enumerated() {
                try await driver.originate(self.order(dialing, channel: "PJSIP/\(index + 1)@trunk"))
            }
            var seen = await self.events(of: dialings, from: &events, until: self.isQueued)
            try await server.advance(by: 60)
            let missing = dialings.filter { dialing in !(seen[dialing] ?? []).contains(where: self.isResponse) }
            for (dialing, more) in await self.events(of: missing, from: &events, until: self.isResponse) {
                seen[dialing, default: []] += more
            }
            let rung = Array(dialings.prefix(3)).filter { dialing in
                !(seen[dialing] ?? []).contains(where: self.isHangup)
            }
            for (dialing, more) in await self.events(of: rung, from: &events, until: self.isHangup) {
                seen[dialing, default: []] += more
            }
            let causes = dialings.map { dialing in
                (seen[dialing] ?? []).compactMap { if case .hangup(let cause, _, _) = $0 { cause } else { nil } }
            }
            #expect(causes == [[17], [19], [1], []])
            let reasons = dialings.map { dialing in
                (seen[dialing] ?? []).compactMap {
                    if case .originateResponse(false, let reason, _) = $0 { reason } else { nil }
                }
            }
            #expect(reasons == [[0], [3], [0], [0]])
        }
    }

    @Test("A call that nobody takes is sent from its queue to a message")
    func move() async throws {
        try await self.withDriver {
            $0.world.queues = [.init(name: "sales_1", agents: 0)]
        } _: { server, driver, events in
            let dialing = UUID()
            var order = self.order(dialing, channel: "Local/100@customers/n")
            order.mayMove = true
            try await driver.originate(order)
            _ = await self.events(of: [dialing], from: &events, until: self.isQueued)
            try await server.advance(by: 6)
            _ = await self.events(of: [dialing], from: &events) {
                if case .joinedQueue = $0 { true } else { false }
            }
            let move = MoveOrder(
                dialing: dialing, origin: order.target, target: .application(name: "Wait", data: "3"))
            #expect(try await driver.redirect(move))
            var seen =
                await self.events(of: [dialing], from: &events) {
                    if case .leftQueueUnanswered = $0 { true } else { false }
                }[dialing] ?? []
            #expect(!seen.contains(where: self.isHangup))
            #expect(try await driver.liveCalls().map(\.dialing) == [dialing])
            try await server.advance(by: 4)
            seen += await self.events(of: [dialing], from: &events, until: self.isHangup)[dialing] ?? []
            #expect(seen.contains(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false)))
            #expect(try await driver.redirect(move) == false)
        }
    }

    @Test("What AMD found arrives", arguments: [(CustomerFate.person, "HUMAN"), (.machine, "MACHINE")])
    func machineDetection(fate: CustomerFate, status: String) async throws {
        try await self.withDriver {
            $0.world.script = CallScript(rules: [.init(pattern: "*", fate: fate)])
            $0.world.machineRing = .constant(2)
        } _: { server, driver, events in
            let dialing = UUID()
            var order = self.order(dialing, channel: "Local/100@customers/n")
            order.target = .extension(exten: "amd_sales_1", context: "destinations", priority: "1")
            try await driver.originate(order)
            _ = await self.events(of: [dialing], from: &events, until: self.isQueued)
            try await server.advance(by: 10)
            let seen =
                await self.events(of: [dialing], from: &events) {
                    if case .joinedQueue = $0 { true } else { false }
                }[dialing] ?? []
            #expect(seen.contains(.machineDetected(status: status)))
            #expect(seen.contains { if case .machineDetectionCause = $0 { true } else { false } })
        }
    }

    @Test("The driver hangs a ringing call up")
    func hangUp() async throws {
        try await self.withDriver { server, driver, events in
            let dialing = UUID()
            try await driver.originate(self.order(dialing, channel: "PJSIP/1@trunk"))
            _ = await self.events(of: [dialing], from: &events, until: self.isQueued)
            try await server.advance(by: 2)
            _ = await self.events(of: [dialing], from: &events) { $0 == .ringing }
            #expect(try await driver.hangUp(dialing))
            let seen = await self.events(of: [dialing], from: &events, until: self.isHangup)[dialing] ?? []
            #expect(seen.contains(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false)))
            #expect(try await driver.liveCalls().isEmpty)
        }
    }
}
