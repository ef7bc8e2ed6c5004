import AsteriskManager
import Telephony
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

@Suite("An order becomes an Originate")
struct OriginateActionTests {
    private func order(
        channel: String = "PJSIP/123@trunk",
        target: DialOrder.Target = .application(name: "Queue", data: "sales_1"),
        timeout: Duration = .seconds(30),
        variables: [DialOrder.Variable] = []
    ) -> DialOrder {
        DialOrder(
            dialing: .test(1),
            actionID: "a-1",
            channel: channel,
            target: target,
            timeout: timeout,
            variables: variables
        )
    }

    private func headers(_ order: DialOrder) throws -> [String] {
        try OriginateAction.make(order).headers.map { "\($0.name): \($0.value)" }
    }

    @Test func anApplicationOrderHasItsHeadersInOrder() throws {
        var order = self.order(variables: [.init(name: "A", value: "1"), .init(name: "_b", value: "")])
        order.callerID = "\"Campaign\" <555>"
        order.earlyMedia = "Yes"
        order.codecs = "ulaw,alaw"
        #expect(
            try self.headers(order) == [
                "Async: true", "Channel: PJSIP/123@trunk", "Application: Queue", "Data: sales_1",
                "ChannelId: 0f0e0d0c-1111-4222-8333-000000000001", "Timeout: 30000", "CallerID: \"Campaign\" <555>",
                "EarlyMedia: true", "Codecs: ulaw,alaw", "Variable: A=1", "Variable: _b=",
            ]
        )
    }

    @Test func anExtensionOrderNamesItsPlace() throws {
        let order = self.order(
            target: .extension(exten: "s", context: "out", priority: "1"), timeout: .milliseconds(1500))
        #expect(
            try self.headers(order) == [
                "Async: true", "Channel: PJSIP/123@trunk", "Exten: s", "Context: out", "Priority: 1",
                "ChannelId: 0f0e0d0c-1111-4222-8333-000000000001", "Timeout: 1500",
            ]
        )
    }

    @Test(arguments: [
        ("Local/1@c", "Local/1@c/n"), ("Local/1@c/n", "Local/1@c/n"), ("Local/1@c/j", "Local/1@c/jn"),
        ("local/1@c", "local/1@c/n"), ("Local/12", "Local/12/n"), ("Local/a/b@c", "Local/a/b@c/n"),
    ])
    func bothHalvesOfALocalChannelStayAndHaveIdsOfOneWidth(channel: String, sent: String) throws {
        let headers = try OriginateAction.make(self.order(channel: channel)).headers
        #expect(headers.first { $0.name == "Channel" }?.value == sent)
        #expect(headers.first { $0.name == "OtherChannelId" }?.value == "0f0e0d0c-1111-c222-8333-000000000001")
    }

    @Test(arguments: [
        ("x=y;z", "x=y;z"), (" lead ", " lead "), ("${EXTEN}", "${EXTEN}"), ("q,r", "\"q,r\""),
        ("say \"hi\"", "say \\\"hi\\\""),
        ("a\\b", "a\\\\b"), ("\",\"", "\"\\\",\\\"\""),
    ])
    func aValueArrivesAsItWasMeant(value: String, sent: String) throws {
        let action = try OriginateAction.make(self.order(variables: [.init(name: "V", value: value)]))
        #expect(action.headers.last?.value == "V=\(sent)")
    }

    @Test(arguments: ["", "1a", "CDR(userfield)", "a b", "a=b", "a\r\nAction", "ä"])
    func aVariableNameIsPlain(name: String) {
        #expect(throws: TelephonyError.self) {
            try OriginateAction.make(self.order(variables: [.init(name: name, value: "1")]))
        }
    }

    @Test(arguments: [Duration.zero, .seconds(-1)])
    func aTimeoutOfNothingWouldRingForEver(timeout: Duration) {
        #expect(throws: TelephonyError.invalidOrder(field: "timeout", reason: "must be above zero")) {
            try OriginateAction.make(self.order(timeout: timeout))
        }
    }
}
