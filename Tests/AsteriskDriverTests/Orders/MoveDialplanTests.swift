import AsteriskManager
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

@Suite("The dialplan that lets calls be sent elsewhere")
struct MoveDialplanTests {
    private func order(
        _ target: DialOrder.Target, mayMove: Bool = true, variables: [DialOrder.Variable] = []
    ) -> DialOrder {
        DialOrder(
            dialing: .test(1), actionID: "a-1", channel: "PJSIP/123@trunk", target: target, timeout: .seconds(30),
            variables: variables, mayMove: mayMove
        )
    }

    /// What the items of a list make of it.
    private func dialplan(_ items: String) throws -> MoveDialplan { try Replay(dialplan: items).machine.dialplan }

    private func step(
        _ exten: String, _ application: String, _ data: String = "${OUTPACE_DATA}", priority: Int = 1,
        context: String = "outpace"
    ) -> String {
        "Event: ListDialplan\r\nContext: \(context)\r\nExtension: \(exten)\r\nPriority: \(priority)\r\n"
            + "Application: \(application)\r\nAppData: \(data)\r\nRegistrar: pbx_config\r\n\r\n"
    }

    @Test func aRealAsteriskTellsWhatItsFileHas() throws {
        // The events of the recording are the list of config/outpace-dialplan.conf.
        let text = try String(decoding: Transcript("c16_move_into_dialplan").received(), as: UTF8.self)
        let items = text.components(separatedBy: "\r\n\r\n").filter { $0.hasPrefix("Event: ListDialplan") }
            .map { $0.replacing("\r\nActionID: c16_move_into_dialplan-2", with: "") + "\r\n\r\n" }.joined()
        let dialplan = try self.dialplan(items)
        for application in ["Queue", "queue", "Playback", "Park", "ConfBridge", "VoiceMail", "Wait", "Hangup"] {
            #expect(dialplan.exten(running: application) == application.lowercased(), "\(application)")
        }
        for application in ["System", "AGI", "Exec", "Dial", "outpace", ""] {
            #expect(dialplan.exten(running: application) == nil, "\(application)")
        }
    }

    @Test(arguments: [
        ("queue", "System", "${OUTPACE_DATA}", 1, "outpace"), ("queue", "Queue", "sales_1", 1, "outpace"),
        ("queue", "Queue", "${OUTPACE_DATA}", 2, "outpace"), ("queue", "Queue", "${OUTPACE_DATA}", 1, "other"),
        ("Queue", "Queue", "${OUTPACE_DATA}", 1, "outpace"),
    ])
    func anExtensionThatDoesSomethingElseIsNotUsed(
        exten: String, application: String, data: String, priority: Int, context: String
    ) throws {
        let other = self.step(exten, application, data, priority: priority, context: context)
        #expect(try self.dialplan(other).exten(running: "Queue") == nil)
        #expect(try self.dialplan(other + self.step("queue", "Queue")).exten(running: "Queue") == "queue")
    }

    @Test func aServerThatTellsNothingHasNone() throws {
        #expect(try self.dialplan("").isEmpty)
    }

    @Test func onlyCallsThatMayBeMovedArePlacedInIt() throws {
        let dialplan = try self.dialplan(self.step("queue", "Queue"))
        let queue = DialOrder.Target.application(name: "Queue", data: "sales_1")
        #expect(dialplan.exten(for: self.order(queue)) == "queue")
        #expect(dialplan.exten(for: self.order(queue, mayMove: false)) == nil)
        #expect(dialplan.exten(for: self.order(.application(name: "Park", data: ""))) == nil)
        #expect(!dialplan.holds(self.order(.application(name: "Park", data: ""))))
        let exten = self.order(.extension(exten: "s", context: "out", priority: "1"))
        #expect(dialplan.exten(for: exten) == nil)
        #expect(dialplan.holds(exten))
    }

    @Test func theDataOfAnApplicationTravelsInAVariable() throws {
        let data = #"a,b "c" ${CHANNEL} $[1+1] (x):y?z \d;e"#
        let order = self.order(
            .application(name: "Queue", data: data),
            variables: [.init(name: "A", value: "1"), .init(name: "OUTPACE_DATA", value: "mine")])
        let sent = try OriginateAction.make(order, through: "queue").headers.map { "\($0.name): \($0.value)" }
        #expect(
            sent == [
                "Async: true", "Channel: PJSIP/123@trunk", "Exten: queue", "Context: outpace", "Priority: 1",
                "ChannelId: 0f0e0d0c-1111-4222-8333-000000000001", "Timeout: 30000", "Variable: A=1",
                #"Variable: OUTPACE_DATA="a,b \"c\" ${CHANNEL} $[1+1] (x):y?z \\d;e""#,
            ])
    }

    @Test func theWarningComesOnceForAConnection() throws {
        var machine = try Replay().machine
        let first = machine.placedUnmovable()
        let second = machine.placedUnmovable()
        _ = machine.disconnected(reason: "x")
        let afterwards = machine.placedUnmovable()
        #expect([first, second, afterwards] == [true, false, true])
    }
}
