import DialerModel
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

extension RealAsteriskTests {
    /// What could be mistaken for something else on the way.
    private static let data = #"a,b "c" ${CHANNEL} $[1+1] (x):y?z \d;e 'f'"#

    private func order(_ dialing: UUID, _ target: DialOrder.Target) -> DialOrder {
        DialOrder(
            dialing: dialing, actionID: UUID().wire, channel: TestCustomer.answersAndStays().channel, target: target,
            timeout: .seconds(60), variables: [.init(name: "OUTPACE_DATA", value: "another's")], mayMove: true
        )
    }

    /// Whether a channel runs `Echo`, which takes any data and stays, with exactly our data.
    private func echoes(_ dialing: UUID, _ session: ManagerSession) async throws -> Bool {
        try await eventually(within: .seconds(30)) {
            try session.send(["Action": "CoreShowChannels"])
            let channels = try await session.collect(within: .seconds(30)) { $0["Event"] == "CoreShowChannelsComplete" }
            return channels.contains {
                $0["Uniqueid"] == dialing.wire && $0["Application"] == "Echo" && $0["ApplicationData"] == Self.data
            }
        }
    }

    @Test func anApplicationGetsItsDataAsItIsWhenPlacedAndWhenMoved() async throws {
        try await self.with(.init(queues: [AsteriskServer.Queue("sales_1", agents: [])])) {
            asterisk, driver, listener in
            let session = try await asterisk.session()
            let echo = DialOrder.Target.application(name: "Echo", data: Self.data)
            let placed = UUID()
            try await driver.originate(self.order(placed, echo))
            let isPlaced = try await self.echoes(placed, session)
            #expect(isPlaced)

            let moved = UUID()
            let queue = DialOrder.Target.application(name: "Queue", data: "sales_1")
            try await driver.originate(self.order(moved, queue))
            #expect(
                await eventually(within: .seconds(30)) {
                    listener.calls(moved).contains { if case .joinedQueue = $0 { true } else { false } }
                })
            #expect(try await driver.redirect(MoveOrder(dialing: moved, origin: queue, target: echo)))
            let isMoved = try await self.echoes(moved, session)
            #expect(isMoved)
            #expect(
                await eventually(within: .seconds(30)) {
                    listener.calls(moved).contains { if case .leftQueueUnanswered = $0 { true } else { false } }
                })

            // What the file does not list stays out of reach.
            let system = DialOrder.Target.application(name: "System", data: "touch /tmp/reached")
            await #expect(throws: TelephonyError.self) {
                _ = try await driver.redirect(MoveOrder(dialing: moved, origin: queue, target: system))
            }
            let refused = UUID()
            try await driver.originate(self.order(refused, system))
            #expect(
                await eventually(within: .seconds(30)) {
                    listener.calls(refused).contains { if case .originateRefused = $0 { true } else { false } }
                })
            #expect(try await driver.hangUp(moved))
            let isGone = await eventually(within: .seconds(30)) {
                listener.calls(moved).contains { if case .hangup(_, _, false) = $0 { true } else { false } }
            }
            #expect(isGone)
            #expect(try await driver.redirect(MoveOrder(dialing: moved, origin: queue, target: echo)) == false)
        }
    }
}
