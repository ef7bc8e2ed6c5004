import DialerModel
import Telephony
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

@Suite("Which event belongs to which call, and when a call is over")
struct CallBookTests {
    private let dialing = UUID.test(1)
    private var id: String { self.dialing.wire }

    private func channelLine(_ dialing: UUID, channel: String = "PJSIP/t-1", state: Int = 6) -> String {
        "Event: CoreShowChannel\r\nChannel: \(channel)\r\nChannelState: \(state)\r\nUniqueid: \(dialing.wire)\r\n\r\n"
    }

    @Test func idsHaveOneWidthAndNeverBeginEachOther() {
        let dialing = UUID()
        let main = ChannelID.main(dialing)
        let peer = ChannelID.main(ChannelID.peer(dialing))
        #expect(main.utf8.count == 36 && peer.utf8.count == 36 && main != peer)
        #expect(ChannelID.peer(ChannelID.peer(dialing)) == dialing)
        #expect(main == main.lowercased())
        func parse(_ text: String) -> UUID? { Array(text.utf8).withUnsafeBytes { ChannelID.parse($0) } }
        #expect(parse(main) == dialing)
        #expect(parse(main.uppercased()) == dialing)
        #expect(parse("1795236374.34") == nil)
        #expect(parse(main + ";2") == nil)
        #expect(parse(String(main.dropLast()) + "g") == nil)
        #expect(parse(String(repeating: "-", count: 36)) == nil)
    }

    @Test func theAnswerToTheRequestIsFoundByItsActionID() throws {
        var replay = try Replay()
        replay.place(self.dialing, actionID: "a-1")
        replay.place(.test(2), actionID: "a-2")
        try replay.receive("Response: Success\r\nActionID: a-1\r\nMessage: Originate successfully queued\r\n\r\n")
        try replay.receive("Response: Error\r\nActionID: a-2\r\nMessage: Extension does not exist.\r\n\r\n")
        try replay.receive("Response: Success\r\nActionID: a-3\r\n\r\n")
        #expect(replay.calls(self.dialing) == [.originateQueued])
        #expect(replay.calls(.test(2)) == [.originateRefused(message: "Extension does not exist.")])
    }

    @Test(arguments: [true, false])
    func hangupAndOriginateResponseMayComeInEitherOrder(hangupFirst: Bool) throws {
        var replay = try Replay()
        replay.place(self.dialing)
        let hangup = "Event: Hangup\r\nUniqueid: \(self.id)\r\nCause: 17\r\nCause-txt: User busy\r\n\r\n"
        let response = "Event: OriginateResponse\r\nResponse: Failure\r\nReason: 0\r\nUniqueid: \(self.id)\r\n\r\n"
        try replay.receive("Event: Newchannel\r\nChannel: PJSIP/t-1\r\nUniqueid: \(self.id)\r\n\r\n")
        try replay.receive(hangupFirst ? hangup : response)
        #expect(replay.machine.calls.liveCount == 1)
        try replay.receive(hangupFirst ? response : hangup)
        #expect(replay.machine.calls.liveCount == 0)
        #expect(replay.calls(self.dialing).count == 3)
        // A late duplicate is still told; much later it is nobody's.
        try replay.receive(hangup)
        #expect(replay.calls(self.dialing).count == 4)
        replay.advance(by: .seconds(40))
        try replay.receive(hangup)
        #expect(replay.calls(self.dialing).count == 4)
    }

    @Test func anAgentCompleteWithoutTheCustomersIdIsFoundByTheLink() throws {
        var replay = try Replay()
        replay.place(self.dialing)
        try replay.receive(
            "Event: AgentComplete\r\nDestUniqueid: 17.1\r\nDestLinkedid: \(self.id)\r\nInterface: PJSIP/a\r\nTalkTime: 3\r\n\r\n"
        )
        #expect(replay.calls(self.dialing) == [.agentCompleted(agent: "PJSIP/a", talk: .seconds(3))])
    }

    @Test func theAgentsLegIsNeverTakenForTheCustomer() throws {
        var replay = try Replay()
        replay.place(self.dialing)
        let agent = "DestUniqueid: 17.1\r\nDestLinkedid: \(self.id)\r\nUniqueid: \(self.id)\r\nLinkedid: \(self.id)\r\n"
        try replay.receive("Event: DialBegin\r\n\(agent)\r\n")
        try replay.receive("Event: DialState\r\n\(agent)DialStatus: RINGING\r\n\r\n")
        try replay.receive("Event: DialEnd\r\n\(agent)DialStatus: CANCEL\r\n\r\n")
        try replay.receive("Event: Newchannel\r\nUniqueid: 17.1\r\nLinkedid: \(self.id)\r\nChannel: PJSIP/a-1\r\n\r\n")
        try replay.receive("Event: Hangup\r\nUniqueid: 17.1\r\nLinkedid: \(self.id)\r\nCause: 16\r\n\r\n")
        #expect(replay.calls(self.dialing).isEmpty)
    }

    @Test func aCallTheServerDoesNotKnowTwiceHasVanished() throws {
        var replay = try Replay()
        replay.place(self.dialing)
        replay.place(.test(2))
        for number in 2...3 {
            replay.advance(by: .seconds(31))
            try replay.answerCheck(number, channels: self.channelLine(.test(2)))
        }
        #expect(replay.calls(self.dialing) == [.vanished])
        #expect(replay.calls(.test(2)).isEmpty)
        #expect(replay.machine.calls.channel(of: .test(2)) == "PJSIP/t-1")
    }

    @Test func aCallPlacedAfterTheQuestionIsLeftAlone() throws {
        var replay = try Replay()
        replay.advance(by: .seconds(31))
        replay.place(self.dialing)
        try replay.answerCheck(2)
        replay.advance(by: .seconds(31))
        try replay.answerCheck(3)
        #expect(replay.calls(self.dialing).isEmpty)
    }

    @Test func afterAReconnectLiveCallsAreAdoptedAndTheOthersForgotten() throws {
        var replay = try Replay()
        replay.place(self.dialing)
        replay.place(.test(2))
        replay.advance(by: .seconds(11))
        _ = replay.machine.disconnected(reason: "x")
        #expect(!replay.machine.isReady)
        let live = [
            LiveCall(dialing: .test(2), channel: "PJSIP/t-1", isAnswered: true),
            LiveCall(dialing: .test(3), channel: "Local/1@c-1;1", isAnswered: false),
        ]
        _ = replay.machine.connected(now: .zero)
        try replay.answerCheck(
            2,
            channels: self.channelLine(.test(2)) + self.channelLine(.test(3), channel: "Local/1@c-1;1", state: 5)
                + self.channelLine(ChannelID.peer(.test(3)), channel: "Local/1@c-1;2", state: 4)
                + "Event: CoreShowChannel\r\nChannel: PJSIP/in-1\r\nUniqueid: 1795236374.34\r\n\r\n"
        )
        #expect(replay.events.last == .ready(liveCalls: live))
        try replay.receive("Event: Hangup\r\nUniqueid: \(self.id)\r\nCause: 16\r\n\r\n")
        #expect(replay.calls(self.dialing).isEmpty)
        for number in [2, 3] {
            try replay.receive("Event: Hangup\r\nUniqueid: \(UUID.test(number).wire)\r\nCause: 16\r\n\r\n")
            #expect(replay.calls(.test(number)) == [.hangup(cause: 16, text: "", isPeerHalf: false)])
        }
    }

    @Test func anOrderAcceptedJustBeforeAReconnectIsStillFollowed() throws {
        var replay = try Replay()
        replay.place(self.dialing)
        _ = replay.machine.disconnected(reason: "x")
        _ = replay.machine.connected(now: .zero)
        try replay.answerCheck(2, channels: "")
        #expect(replay.events.last == .ready(liveCalls: []))
        try replay.receive("Event: Hangup\r\nUniqueid: \(self.id)\r\nCause: 17\r\n\r\n")
        #expect(replay.calls(self.dialing) == [.hangup(cause: 17, text: "", isPeerHalf: false)])
    }

    @Test func aServerThatListsNoChannelsIsNotReady() throws {
        var machine = DriverStateMachine(
            idPrefix: "s",
            settings: QueueBoard.Settings(),
            resyncInterval: .seconds(30),
            resyncTimeout: .seconds(30)
        )
        _ = machine.connected(now: .zero)
        #expect(machine.tick(now: .seconds(29)).output.reconnect == nil)
        #expect(machine.tick(now: .seconds(30)).output.reconnect != nil)
        #expect(!machine.isReady)
    }

    @Test func aHangUpAskedForBeforeTheChannelHasANameIsDoneThen() throws {
        var replay = try Replay()
        replay.place(self.dialing)
        replay.machine.hangUpWhenNamed(self.dialing)
        try replay.receive("Event: Newchannel\r\nChannel: PJSIP/t-1\r\nUniqueid: \(self.id)\r\n\r\n")
        #expect(replay.hangUps == ["PJSIP/t-1"])
    }
}
