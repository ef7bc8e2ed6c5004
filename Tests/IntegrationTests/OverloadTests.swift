import AsteriskManager
import DialerModel
import Foundation
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// More than the parts behind can take: a flood from Asterisk while PostgreSQL stands still.
@Suite("Overload", .serialized)
struct OverloadTests {
    private static let openCalls = 40
    private static let eventBuffer = 500
    private static let flood = 300_000

    /// Ends every call as busy at once, but for those to `staying`.
    private static func asterisk(
        staying: String, _ connection: ScriptedManager.Connection, _ live: NIOLockedValueBox<String?>
    ) async throws {
        try await connection.behave { action in
            guard action.isAction("Originate"), let id = action["ChannelId"] else { return false }
            try await connection.answer(action, "Success", [("Message", "Originate successfully queued")])
            let channel = "PJSIP/trunk-\(id.prefix(8))"
            try await connection.send([("Event", "Newchannel"), ("Channel", channel), ("Uniqueid", id)])
            if action["Channel"]?.contains("/\(staying)@") == true {
                live.withLockedValue { $0 = id }
            } else {
                try await Self.hangUp(id, connection, actionID: action.actionID)
            }
            return true
        }
    }

    private static func hangUp(
        _ id: String, _ connection: ScriptedManager.Connection, actionID: String?
    ) async throws {
        let response = actionID.map { [(name: "ActionID", value: $0)] } ?? []
        try await connection.send([
            ("Event", "Hangup"), ("Channel", "PJSIP/trunk-\(id.prefix(8))"), ("Uniqueid", id), ("Cause", "17"),
            ("Cause-txt", "User busy"),
        ])
        try await connection.send(
            [(name: "Event", value: "OriginateResponse")] + response + [
                ("Response", "Failure"), ("Channel", "PJSIP/x"), ("Reason", "5"), ("Uniqueid", id),
            ])
    }

    private static func value(_ name: String, _ metrics: String) -> Int? {
        metrics.split(separator: "\n").first { $0.hasPrefix("\(name) ") }?.split(separator: " ").last.flatMap {
            Int($0)
        }
    }

    /// Sends hundreds of thousands of events, half of them of one of our calls, as fast as they are taken.
    private static func flood(_ connection: ScriptedManager.Connection, id: String) async throws -> Double {
        let own = "Event: DialBegin\r\nDestUniqueid: \(id)\r\nDestChannel: PJSIP/trunk-1\r\n\r\n"
        let foreign = "Event: Newchannel\r\nChannel: PJSIP/other-1\r\nUniqueid: 1795236374.34\r\n\r\n"
        let block = String(repeating: own + foreign, count: 250)
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<(Self.flood / 500) { try await connection.send(block) }
        return Double(Self.flood) / ((clock.now - start) / .seconds(1))
    }

    @Test("a flood of events while results cannot be written: every bound holds, dialing waits, and all is caught up")
    func floodWhileLocked() async throws {
        let current = NIOLockedValueBox<ScriptedManager.Connection?>(nil)
        let live = NIOLockedValueBox<String?>(nil)
        let asterisk = try await ScriptedManager { connection in
            current.withLockedValue { $0 = connection }
            try await Self.asterisk(staying: "999", connection, live)
        }
        let database = try await TestDatabase.create()
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: asterisk.port, username: "outpace", secret: "hush",
            databaseURL: database.url,
            asteriskFields: ", event_buffer: \(Self.eventBuffer)",
            extra: "dialing: { max_open_calls: \(Self.openCalls) }")
        defer { service.tearDown() }
        let walk = try await Walk.create(
            on: service, numbers: ["999"] + (0..<150).map { "1\($0)" },
            target: #""type": 1, "application": "Playback", "data": "hello""#,
            planFields: #""max_retry_cnt_1": 1, "dial_mode": 4, "dial_timeout": 600000"#, technology: "PJSIP",
            trunk: "trunk")
        try await database.withClient { client in
            try await client.withTransaction { transaction in
                _ = try await transaction.execute("LOCK TABLE dialing_result IN ACCESS EXCLUSIVE MODE")
                try await walk.start()
                try await eventually("as many calls as may be open are placed (\(service.tail()))") {
                    asterisk.actions(named: "Originate").count == Self.openCalls && live.withLockedValue { $0 } != nil
                }
                let connection = try #require(current.withLockedValue { $0 })
                let id = try #require(live.withLockedValue { $0 })
                let isFlooding = NIOLockedValueBox(true)
                let flooding = Task {
                    defer { isFlooding.withLockedValue { $0 = false } }
                    return try await Self.flood(connection, id: id)
                }
                var mostWaiting = 0
                while isFlooding.withLockedValue({ $0 }) {
                    let metrics = try await service.metrics()
                    mostWaiting = max(
                        mostWaiting,
                        Self.value(#"outpace_asterisk_events_waiting{asterisk="pbx1"}"#, metrics) ?? 0)
                    #expect(try #require(Self.value("outpace_results_unwritten", metrics)) < Self.openCalls)
                }
                let rate = try await flooding.value
                print("flood: \(Int(rate)) events a second, most waiting \(mostWaiting)")
                // One read from the socket may come on top.
                #expect(mostWaiting <= Self.eventBuffer + 131_072 / 60)
                // Nothing can be written, so nothing more was placed.
                #expect(asterisk.actions(named: "Originate").count == Self.openCalls)
                #expect(try service.resultLines().isEmpty)
                #expect(asterisk.connectionCount == 1)
                try await Self.hangUp(id, connection, actionID: nil)
            }
        }
        let lines = try await service.waitForResultLines(151)
        #expect(lines.count == 151)
        #expect(Set(lines.compactMap { $0["dial_addr"]?.text }).count == 151)
        #expect(lines.allSatisfy { $0["res_hangup"] == .integer(17) })
        #expect(asterisk.actions(named: "Originate").count == 151)
        try await walk.waitUntilStopped()
        #expect(Self.value("outpace_results_unwritten", try await service.metrics()) == 0)
        #expect(asterisk.connectionCount == 1)
        await asterisk.stop()
    }
}
