import AsteriskManager
import DialerModel
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

@Suite("What a real Asterisk said becomes the right call events")
struct TranscriptReplayTests {
    /// Replays recorded events; the recorded ids become the uuids of dialings.
    private func replay(_ name: String, _ recorded: [String], peers: [String: String] = [:]) throws -> (Replay, [UUID])
    {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("\(name): seed \(seed)")
        var replay = try Replay(seed: seed)
        var ids: [String: String] = [:]
        var dialings: [UUID] = []
        for (index, old) in recorded.enumerated() {
            let dialing = UUID.test(index + 1)
            replay.place(dialing)
            dialings.append(dialing)
            ids[old] = dialing.wire
            if let peer = peers[old] { ids[peer] = ChannelID.peer(dialing).wire }
        }
        try replay.receive(Transcript(name).events(replacing: ids))
        return (replay, dialings)
    }

    private static let answeredLocal: [CallEvent] = [
        .channelCreated(channel: "Local/1010600@customers-0000000c;1"), .dialBegin, .ringing, .dialEnd(.answer),
        .originateResponse(answered: true, reason: 4, channel: "Local/1010600@customers-0000000c;1"),
        .joinedQueue(queue: "sales_1", position: 1), .agentRinging(agent: "Local/1001@agents"),
        .agentConnected(agent: "Local/1001@agents", hold: .seconds(1)), .hangupRequested,
        .hangup(cause: 16, text: "Normal Clearing", isPeerHalf: true),
        .agentCompleted(agent: "Local/1001@agents", talk: .seconds(5)),
        .hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false),
    ]

    @Test func anAnsweredQueueCall() throws {
        let (replay, dialings) = try self.replay("b02_originate_queue_answer_local_min", ["camp1-lead78-1"])
        #expect(replay.calls(dialings[0]) == Self.answeredLocal)
    }

    @Test func anAnsweredQueueCallWithEveryEventAndBothHalvesNamed() throws {
        let (replay, dialings) = try self.replay(
            "b01_originate_queue_answer_local",
            ["camp1-lead77-1"],
            peers: ["camp1-lead77-1": "camp1-lead77-2"]
        )
        let calls = replay.calls(dialings[0])
        #expect(calls.filter { $0 == .hangup(cause: 16, text: "Normal Clearing", isPeerHalf: true) }.count == 1)
        #expect(calls.filter { $0 == .hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false) }.count == 1)
        #expect(calls.contains(.agentConnected(agent: "Local/1002@agents", hold: .seconds(1))))
        // The agent's legs hang up, too; neither is the customer's.
        #expect(calls.count { if case .hangup = $0 { true } else { false } } == 2)
    }

    @Test func aCallOverPJSIP() throws {
        let (replay, dialings) = try self.replay("d02_pjsip_queue_answer", ["sip-1"])
        #expect(
            replay.calls(dialings[0]) == [
                .channelCreated(channel: "PJSIP/trunk-00000000"), .dialBegin, .ringing,
                .originateResponse(answered: true, reason: 4, channel: "PJSIP/trunk-00000000"), .dialEnd(.answer),
                .joinedQueue(queue: "sip_1", position: 1), .agentRinging(agent: "PJSIP/2001"),
                .agentConnected(agent: "PJSIP/2001", hold: .seconds(1)), .hangupRequested,
                .agentCompleted(agent: "PJSIP/2001", talk: .seconds(9)),
                .hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false),
            ]
        )
    }

    @Test func nobodyAnswers() throws {
        let (replay, dialings) = try self.replay("b04_noanswer", ["noans-1"])
        #expect(
            replay.calls(dialings[0]) == [
                .channelCreated(channel: "Local/6001@customers-00000010;1"), .dialBegin, .ringing,
                .hangup(cause: 19, text: "User alerting, no answer", isPeerHalf: true),
                .hangup(cause: 19, text: "User alerting, no answer", isPeerHalf: false),
                .originateResponse(answered: false, reason: 3, channel: nil),
            ]
        )
    }

    @Test func busyByControlFrameAndByCause() throws {
        let (replay, dialings) = try self.replay("b05_busy", ["busy-1", "busy-2"])
        #expect(
            replay.calls(dialings[0]) == [
                .channelCreated(channel: "Local/4001@customers-00000011;1"), .ringing, .dialBegin, .dialEnd(.busy),
                .hangup(cause: 17, text: "User busy", isPeerHalf: true),
                .hangup(cause: 0, text: "Unknown", isPeerHalf: false),
                .originateResponse(answered: false, reason: 5, channel: nil),
            ]
        )
        let second = replay.calls(dialings[1])
        #expect(second.contains(.hangup(cause: 17, text: "User busy", isPeerHalf: false)))
        #expect(second.contains(.originateResponse(answered: false, reason: 0, channel: nil)))
    }

    @Test func failuresOverPJSIPWithAndWithoutAChannel() throws {
        let ids = ["sipf-400", "sipf-500", "sipf-9123@trunk", "sipf-600", "sipf-698", "sipf-699", "sipf-nosuch"]
        let (replay, dialings) = try self.replay("d04_pjsip_failures", ids)
        #expect(replay.calls(dialings[0]).contains(.dialEnd(.busy)))
        #expect(replay.calls(dialings[0]).contains(.hangup(cause: 17, text: "User busy", isPeerHalf: false)))
        #expect(replay.calls(dialings[1]).contains(.dialEnd(.congestion)))
        #expect(
            replay.calls(dialings[2]).contains(
                .hangup(cause: 1, text: "Unallocated (unassigned) number", isPeerHalf: false)
            )
        )
        #expect(replay.calls(dialings[3]).contains(.originateResponse(answered: false, reason: 3, channel: nil)))
        for silent in [5, 6] {
            #expect(
                replay.calls(dialings[silent]) == [.originateResponse(answered: false, reason: 0, channel: nil)]
            )
        }
    }

    @Test func theCallerGivesUpWhileWaiting() throws {
        let (replay, dialings) = try self.replay("c01_abandon", ["ab-1"])
        let calls = replay.calls(dialings[0])
        let request = try #require(calls.firstIndex(of: .hangupRequested))
        let left = try #require(
            calls.firstIndex { if case .leftQueueUnanswered = $0 { true } else { false } }
        )
        #expect(request < left)
        #expect(!calls.contains { if case .agentConnected = $0 { true } else { false } })
        #expect(replay.queue("empty_1")?.callersWaiting == 0)
    }

    @Test func theAgentNeverAnswers() throws {
        let (replay, dialings) = try self.replay("c04_agent_no_answer", ["na-1"])
        let calls = replay.calls(dialings[0])
        #expect(calls.count { $0 == .agentRinging(agent: "Local/1900@agents") } == 3)
        #expect(calls.count { $0 == .agentNoAnswer(agent: "Local/1900@agents") } == 2)
        #expect(calls.contains(.leftQueueUnanswered(hold: .seconds(8))))
        #expect(calls.last == .hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false))
        // The third ringing has no end of its own: the hang-up of the agent's leg ends it.
        #expect(replay.states(of: "Local/1900@agents", in: "noans_1").contains(.ringing))
        #expect(replay.queue("noans_1")?.members.map(\.state) == [.idle])
    }

    @Test func aParkedCall() throws {
        let (replay, dialings) = try self.replay("b10_park", ["park-1", "park-2"])
        for dialing in dialings { #expect(replay.calls(dialing).contains(.parked(space: "701"))) }
    }

    @Test func theDialerHangsUpInAConversation() throws {
        let (replay, dialings) = try self.replay("c09_queuestatus_in_use", ["qs-1", "qs-2"])
        for dialing in dialings {
            let calls = replay.calls(dialing)
            // No AgentComplete ever comes then.
            #expect(!calls.contains { if case .agentCompleted = $0 { true } else { false } })
            #expect(calls.contains(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false)))
        }
        #expect(replay.queue("sales_1")?.callersWaiting == 0)
        #expect(replay.queue("sales_1")?.members.allSatisfy { $0.state == .idle } == true)
    }

    @Test func aServerThatShutsDown() throws {
        let (replay, dialings) = try self.replay("z01_shutdown", ["shut-1"])
        // Asterisk requests it, not the caller.
        #expect(!replay.calls(dialings[0]).contains(.hangupRequested))
        #expect(replay.calls(dialings[0]).last == .hangup(cause: 0, text: "Unknown", isPeerHalf: false))
    }

    @Test(arguments: Transcript.all)
    func foreignCallsAreNobodys(_ transcript: Transcript) throws {
        var replay = try Replay(seed: 9)
        replay.place(.test(1))
        try replay.receive(transcript.events())
        #expect(replay.calls(.test(1)).isEmpty)
        #expect(
            replay.events.allSatisfy { event in
                if case .call = event { return false }
                return true
            }
        )
        #expect(replay.machine.calls.count == 1)
    }

    @Test func memoryIsFlatAfterManyCalls() throws {
        var replay = try Replay(seed: 3)
        let recorded = try Transcript("b02_originate_queue_answer_local_min").events(replacing: ["camp1-lead78-1": "@"])
        for number in 0..<300 {
            let dialing = UUID.test(number)
            replay.place(dialing)
            try replay.receive(recorded.replacing(": @", with: ": \(dialing.wire)"))
            #expect(replay.calls(dialing).count == Self.answeredLocal.count)
            replay.advance(by: .seconds(1))
        }
        #expect(replay.machine.calls.liveCount == 0)
        #expect(replay.machine.calls.count <= 31)
        replay.advance(by: .seconds(31))
        #expect(replay.machine.calls.count == 0)
    }
}
