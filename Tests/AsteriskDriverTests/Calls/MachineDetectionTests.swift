import AsteriskManager
import DialerModel
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

@Suite("What Asterisk's AMD found")
struct MachineDetectionTests {
    /// What AMD said of one recorded call.
    struct Case: Sendable {
        var recording: String
        var call: String
        var status: String
        var cause: String
    }

    @Test(arguments: [
        Case(recording: "b14_amd", call: "amd-1", status: "MACHINE", cause: "LONGGREETING-1500-1500"),
        Case(recording: "b14_amd", call: "amd-2", status: "NOTSURE", cause: "TOOLONG-4900"),
        Case(recording: "b20_amd_human", call: "amd-3", status: "HUMAN", cause: "HUMAN-800-800"),
        Case(recording: "b20_amd_human", call: "amd-4", status: "MACHINE", cause: "LONGGREETING-1500-1500"),
    ])
    func aRecordedCallHasItsStatusAndCauseOnce(_ recorded: Case) throws {
        var replay = try Replay()
        replay.place(.test(1))
        try replay.receive(Transcript(recorded.recording).events(replacing: [recorded.call: UUID.test(1).wire]))
        let found = replay.calls(.test(1)).filter { event in
            switch event {
            case .machineDetected, .machineDetectionCause: true
            default: false
            }
        }
        #expect(found == [.machineDetected(status: recorded.status), .machineDetectionCause(recorded.cause)])
    }

    private func variable(_ name: String, _ value: String, of id: String) -> String {
        "Event: VarSet\r\nPrivilege: dialplan,all\r\nChannel: Local/1@c-1;1\r\nUniqueid: \(id)\r\n"
            + "Variable: \(name)\r\nValue: \(value)\r\n\r\n"
    }

    @Test func otherVariablesOtherCallsAndEmptyValuesSayNothing() throws {
        var replay = try Replay()
        replay.place(.test(1))
        try replay.receive(self.variable("QUEUEPOSITION", "1", of: UUID.test(1).wire))
        try replay.receive(self.variable("AMDSTATUS", "", of: UUID.test(1).wire))
        try replay.receive(self.variable("AMDSTATUS", "MACHINE", of: UUID.test(2).wire))
        try replay.receive(self.variable("AMDSTATUS", "MACHINE", of: ChannelID.main(ChannelID.peer(.test(1)))))
        try replay.receive(self.variable("XAMDSTATUS", "MACHINE", of: UUID.test(1).wire))
        #expect(replay.calls(.test(1)).isEmpty)
        try replay.receive(self.variable("AMDSTATUS", "MACHINE", of: UUID.test(1).wire))
        #expect(replay.calls(.test(1)) == [.machineDetected(status: "MACHINE")])
    }

    @Test func theClassAndTheVariablesAreAskedForAtLogin() {
        let configuration = AsteriskServerConfiguration(name: "pbx1", host: "h", username: "u", secret: "s").client
        #expect(configuration.eventMask?.split(separator: ",").contains("dialplan") == true)
        #expect(configuration.eventExpressions == ["Variable: AMD(STATUS|CAUSE)"])
        #expect(!configuration.eventNames.contains("VarSet"))
    }
}
