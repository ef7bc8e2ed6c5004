import AsteriskManager
import DialerModel
import Logging
import NIOConcurrencyHelpers
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

extension AsteriskDriverTests {
    /// A server with the dialplan for moves, or without, which tells a channel `PJSIP/t-1` for the first call.
    private func server(
        hasDialplan: Bool = true, handle: @escaping @Sendable (AMIMessage) -> String? = { _ in nil }
    ) async throws -> ScriptedManager {
        try await ScriptedManager { connection in
            try await connection.behave { action in
                if action.isAction("ShowDialPlan"), hasDialplan, action["Context"] == "outpace" {
                    let steps = [("playback", "Playback"), ("queue", "Queue")].map { exten, application in
                        [
                            (name: "Event", value: "ListDialplan"), (name: "Context", value: "outpace"),
                            (name: "Extension", value: exten), (name: "Priority", value: "1"),
                            (name: "Application", value: application), (name: "AppData", value: "${OUTPACE_DATA}"),
                        ]
                    }
                    try await connection.list(action, steps, complete: "ShowDialPlanComplete")
                    return true
                }
                if action.isAction("Originate") {
                    try await connection.answer(action)
                    let id = action["ChannelId"] ?? ""
                    try await connection.send(
                        "Event: Newchannel\r\nChannel: PJSIP/t-1\r\nChannelState: 0\r\nUniqueid: \(id)\r\n\r\n")
                    return true
                }
                guard action.isAction("Setvar") || action.isAction("Redirect") else { return false }
                if let refusal = handle(action) {
                    try await connection.answer(action, "Error", [("Message", refusal)])
                } else {
                    try await connection.answer(action)
                }
                return true
            }
        }
    }

    private static let queue = DialOrder.Target.application(name: "Queue", data: "sales_1")
    private static let message = DialOrder.Target.application(name: "Playback", data: "we-are-sorry")

    private func order(
        _ dialing: UUID, target: DialOrder.Target = Self.queue, mayMove: Bool = true
    ) -> DialOrder {
        DialOrder(
            dialing: dialing, actionID: "action-\(dialing.wire)", channel: "PJSIP/1@t", target: target,
            timeout: .seconds(30), mayMove: mayMove
        )
    }

    /// Places a call and waits until its channel is known.
    private func place(_ order: DialOrder, _ driver: AsteriskDriver, _ listener: Listener) async throws {
        try await driver.originate(order)
        #expect(
            await eventually {
                listener.calls(order.dialing).contains { if case .channelCreated = $0 { true } else { false } }
            })
    }

    @Test func aMovedCallRunsItsApplicationInTheDialplan() async throws {
        let dialing = UUID()
        let server = try await self.server()
        try await self.with(server) { driver, listener in
            try await self.place(self.order(dialing), driver, listener)
            let placed = try #require(server.actions(named: "Originate").first)
            #expect(placed["Context"] == "outpace")
            #expect(placed["Exten"] == "queue")
            #expect(placed["Application"] == nil)
            #expect(placed.values(of: "Variable") == ["OUTPACE_DATA=sales_1"])

            let move = MoveOrder(dialing: dialing, origin: Self.queue, target: Self.message)
            #expect(try await driver.redirect(move))
            let set = try #require(server.actions(named: "Setvar").first)
            #expect(set["Channel"] == "PJSIP/t-1")
            #expect(set["Variable"] == "OUTPACE_DATA")
            #expect(set["Value"] == "we-are-sorry")
            let sent = try #require(server.actions(named: "Redirect").first)
            #expect(
                [sent["Channel"], sent["Context"], sent["Exten"], sent["Priority"]]
                    == ["PJSIP/t-1", "outpace", "playback", "1"])
        }
    }

    @Test func aCallToAnExtensionIsMovedToAnother() async throws {
        let dialing = UUID()
        let server = try await self.server(hasDialplan: false)
        let origin = DialOrder.Target.extension(exten: "amd", context: "in", priority: "1")
        let target = DialOrder.Target.extension(exten: "sorry", context: "out", priority: "2")
        try await self.with(server) { driver, listener in
            try await self.place(self.order(dialing, target: origin), driver, listener)
            #expect(try await driver.redirect(MoveOrder(dialing: dialing, origin: origin, target: target)))
            let sent = try #require(server.actions(named: "Redirect").first)
            #expect([sent["Context"], sent["Exten"], sent["Priority"]] == ["out", "sorry", "2"])
            #expect(server.actions(named: "Setvar").isEmpty)
        }
    }

    @Test func withoutTheDialplanACallIsPlacedAsEverAndAMoveSaysWhatToDo() async throws {
        let (first, second) = (UUID(), UUID())
        let server = try await self.server(hasDialplan: false)
        let warnings = NIOLockedValueBox<[String]>([])
        let logger = Logger(label: "test") { _ in WarningRecorder(warnings: warnings) }
        try await self.with(server, logger: logger) { driver, listener in
            try await self.place(self.order(first), driver, listener)
            try await self.place(self.order(second), driver, listener)
            #expect(server.actions(named: "Originate").map { $0["Application"] } == ["Queue", "Queue"])
            #expect(warnings.withLockedValue { $0.count { $0.contains("config/outpace-dialplan.conf") } } == 1)
            for target in [Self.message, .extension(exten: "s", context: "out", priority: "1")] {
                do {
                    _ = try await driver.redirect(MoveOrder(dialing: first, origin: Self.queue, target: target))
                    Issue.record("a call without a dialplan was sent elsewhere, which drops it")
                } catch TelephonyError.refused(let reason) {
                    #expect(reason.contains("config/outpace-dialplan.conf"))
                }
            }
            #expect(server.actions(named: "Redirect").isEmpty)
        }
    }

    @Test(arguments: ["outpace", "from-trunk"])
    func aCallFoundAfterARestartIsAskedWhereItIs(context: String) async throws {
        let dialing = UUID()
        let server = try await ScriptedManager { connection in
            try await connection.behave(
                channels: {
                    [
                        [
                            ("Event", "CoreShowChannel"), ("Channel", "PJSIP/t-1"), ("ChannelState", "6"),
                            ("Uniqueid", dialing.wire),
                        ]
                    ]
                },
                handle: { action in
                    if action.isAction("Getvar"), action["Variable"] == "CONTEXT" {
                        try await connection.answer(action, "Success", [("Variable", "CONTEXT"), ("Value", context)])
                        return true
                    }
                    guard action.isAction("Redirect") else { return false }
                    try await connection.answer(action)
                    return true
                }
            )
        }
        try await self.with(server) { driver, _ in
            let target = DialOrder.Target.extension(exten: "sorry", context: "out", priority: "1")
            let move = MoveOrder(dialing: dialing, origin: Self.queue, target: target)
            if context == "outpace" {
                let isMoved = try await driver.redirect(move)
                #expect(isMoved)
                #expect(server.actions(named: "Redirect").map { $0["Channel"] } == ["PJSIP/t-1"])
            } else {
                await #expect(throws: TelephonyError.self) { _ = try await driver.redirect(move) }
                #expect(server.actions(named: "Redirect").isEmpty)
            }
        }
    }

    @Test func anApplicationTheDialplanLacksIsRefusedBeforeAnythingIsSent() async throws {
        let dialing = UUID()
        let server = try await self.server()
        try await self.with(server) { driver, listener in
            try await self.place(self.order(dialing), driver, listener)
            let move = MoveOrder(
                dialing: dialing, origin: Self.queue, target: .application(name: "System", data: "reboot"))
            await #expect(throws: TelephonyError.self) { _ = try await driver.redirect(move) }
            #expect(server.actions(named: "Setvar").isEmpty)
            #expect(server.actions(named: "Redirect").isEmpty)
        }
    }

    @Test func aValueCannotAddAHeader() async throws {
        let dialing = UUID()
        let server = try await self.server()
        try await self.with(server) { driver, listener in
            try await self.place(self.order(dialing), driver, listener)
            for data in ["x\r\n\r\nAction: Command", "x\nContext: evil", "x\0"] {
                let move = MoveOrder(
                    dialing: dialing, origin: Self.queue, target: .application(name: "Playback", data: data))
                await #expect(throws: TelephonyError.self) { _ = try await driver.redirect(move) }
                let order = DialOrder(
                    dialing: UUID(), actionID: "x", channel: "PJSIP/1@t",
                    target: .application(name: "Queue", data: data), timeout: .seconds(1), mayMove: true)
                await #expect(throws: TelephonyError.self) { try await driver.originate(order) }
            }
            #expect(server.actions(named: "Setvar").isEmpty)
            #expect(server.actions(named: "Originate").count == 1)
        }
    }

    @Test(arguments: [
        ("Setvar", "No such channel"), ("Redirect", "Channel does not exist: PJSIP/t-1"),
    ])
    func aCallThatIsGoneIsNoError(refused: String, message: String) async throws {
        let dialing = UUID()
        let server = try await self.server { $0["Action"] == refused ? message : nil }
        try await self.with(server) { driver, listener in
            try await self.place(self.order(dialing), driver, listener)
            let move = MoveOrder(dialing: dialing, origin: Self.queue, target: Self.message)
            #expect(try await driver.redirect(move) == false)
            #expect(
                try await driver.redirect(MoveOrder(dialing: UUID(), origin: Self.queue, target: Self.message)) == false
            )
        }
    }

    @Test func aRefusalKeepsAsterisksWords() async throws {
        let dialing = UUID()
        let server = try await self.server { $0["Action"] == "Redirect" ? "Permission denied" : nil }
        try await self.with(server) { driver, listener in
            try await self.place(self.order(dialing), driver, listener)
            let move = MoveOrder(dialing: dialing, origin: Self.queue, target: Self.message)
            await #expect(throws: TelephonyError.refused("Permission denied")) { _ = try await driver.redirect(move) }
        }
    }
}

/// Keeps warnings as text.
private struct WarningRecorder: LogHandler {
    let warnings: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level == .warning else { return }
        let text = "\(event.message) \(event.metadata ?? [:])"
        self.warnings.withLockedValue { $0.append(text) }
    }
}
