import DialerModel
import Telephony
import TestSupport
import Testing

import struct Foundation.UUID

@testable import AsteriskDriver

/// From the bytes of a real Asterisk to the result that is written: decoder, driver and dialing state machine together.
@Suite("What a real Asterisk said becomes the right result")
struct TranscriptResultTests {
    static let answeredCalls: [RecordedCall] = [
        .answered(
            "b02_originate_queue_answer_local_min", "camp1-lead78-1", "Local/1010600@customers/n", queue: "sales_1",
            agent: "Local/1001@agents"
        ),
        .answered("b10_park", "park-1", "Local/1010500@customers/n", application: "Park"),
        .answered("b10_park", "park-2", "Local/1010500@customers/n", application: "Park"),
        .answered("d02_pjsip_queue_answer", "sip-1", "PJSIP/1234567@trunk", queue: "sip_1", agent: "PJSIP/2001"),
    ]

    static let abandonedCalls: [RecordedCall] = [
        .answered("c01_abandon", "ab-1", "Local/1010300@customers/n", queue: "empty_1", isAbandoned: true),
        .answered("c04_agent_no_answer", "na-1", "Local/1010800@customers/n", queue: "noans_1", isAbandoned: true),
        .answered(
            "z01_shutdown", "shut-1", "Local/1012000@customers/n", cause: 0, text: "Unknown", queue: "sales_1",
            isAbandoned: true
        ),
    ]

    static let failedCalls: [RecordedCall] = [
        .failed("b04_noanswer", "noans-1", "Local/6001@customers/n", 3, 19, "User alerting, no answer"),
        .failed("b05_busy", "busy-1", "Local/4001@customers/n", 5, 17, "User busy"),
        .failed("b05_busy", "busy-2", "Local/917@customers/n", 5, 17, "User busy"),
        .failed("b06_congestion", "cong-1", "Local/5001@customers/n", 8, 34, "Circuit/channel congestion"),
        .failed("b06_congestion", "cong-2", "Local/934@customers/n", 8, 34, "Circuit/channel congestion"),
        .failed("d04_pjsip_failures", "sipf-400", "PJSIP/400", 5, 17, "User busy"),
        .failed("d04_pjsip_failures", "sipf-500", "PJSIP/500", 8, 34, "Circuit/channel congestion"),
        .failed("d04_pjsip_failures", "sipf-9123@trunk", "PJSIP/9123@trunk", 0, 1, "Unallocated (unassigned) number"),
        .failed("d04_pjsip_failures", "sipf-600", "PJSIP/600", 3, 19, "User alerting, no answer"),
        .failed("d04_pjsip_failures", "sipf-698", "PJSIP/698", 3, 19, "User alerting, no answer"),
        // The endpoint is not reachable, or there is none: no channel, no cause.
        .failed("d04_pjsip_failures", "sipf-699", "PJSIP/699", 0, 0, nil),
        .failed("d04_pjsip_failures", "sipf-nosuch", "PJSIP/nosuch", 0, 0, nil),
    ]

    static let refusedCalls: [RecordedCall] = [
        (1, 0, "Unallocated (unassigned) number"), (2, 0, "No route to specified transmit network"),
        (3, 0, "No route to destination"), (16, 0, "Normal Clearing"), (18, 3, "No user responding"),
        (19, 3, "User alerting, no answer"), (20, 0, "Subscriber absent"), (21, 8, "Call Rejected"),
        (22, 0, "Number changed"), (27, 8, "Destination out of order"), (28, 0, "Invalid number format"),
        (38, 8, "Network out of order"), (41, 8, "Temporary failure"), (42, 8, "Switching equipment congestion"),
        (58, 0, "Bearer capability not available"),
    ].map { cause, dialResult, text in
        let digits = cause < 10 ? "0\(cause)" : "\(cause)"
        return .failed("b07_causes", "cause-\(digits)", "Local/9\(digits)@customers/n", dialResult, cause, text)
    }

    @Test("a call that was answered", arguments: Self.answeredCalls)
    func answered(_ call: RecordedCall) throws {
        try self.expect(call) { result in
            #expect(result.answeredAt != nil)
            #expect((result.talkSeconds != nil) == (call.agent != nil))
            #expect((result.waitSeconds != nil) == (call.queue != nil))
        }
    }

    @Test("a caller whom no agent took", arguments: Self.abandonedCalls)
    func abandoned(_ call: RecordedCall) throws {
        try self.expect(call) { result in
            #expect((result.waitSeconds ?? 0) > 0)
            #expect(result.talkSeconds == nil)
            #expect(result.agentConnectedAt == nil)
        }
    }

    @Test("a call that failed", arguments: Self.failedCalls)
    func failed(_ call: RecordedCall) throws { try self.expectFailed(call) }

    @Test("a call that the far end refused with a cause", arguments: Self.refusedCalls)
    func refused(_ call: RecordedCall) throws { try self.expectFailed(call) }

    private func expectFailed(_ call: RecordedCall) throws {
        try self.expect(call) { result in
            #expect(result.answeredAt == nil)
            #expect(result.waitSeconds == nil)
            #expect(result.talkSeconds == nil)
        }
    }

    // MARK: Following

    /// Replays the transcript in pieces of several cuts and follows this one of its calls to its end.
    private func expect(_ call: RecordedCall, _ more: (DialingResult) -> Void) throws {
        for seed in [UInt64(1), 7, 42, .random(in: 0...UInt64.max)] {
            let dialing = Self.dialing(call)
            var replay = try Replay(seed: seed)
            replay.place(dialing.uuid, actionID: dialing.actionID)
            try replay.receive(Transcript(call.transcript).events(replacing: [call.id: dialing.uuid.wire]))
            let results = Self.follow(dialing, through: replay.calls(dialing.uuid))
            #expect(results.count == 1, "seed \(seed)")
            let result = try #require(results.first)
            #expect(result.dialing == dialing.uuid)
            #expect(result.status == call.status, "seed \(seed)")
            #expect(result.dialResult == call.dialResult, "seed \(seed)")
            #expect(result.hangupCause == call.hangupCause, "seed \(seed)")
            #expect(result.hangupCauseDetail == call.causeText, "seed \(seed)")
            #expect(result.isAbandoned == call.isAbandoned, "seed \(seed)")
            #expect(result.agent == call.agent, "seed \(seed)")
            #expect(result.queue == call.queue, "seed \(seed)")
            #expect(result.isAnswered == (call.dialResult == 4))
            more(result)
        }
    }

    /// Every result the machine gives for these events, which come a little apart, and then once more. A caller who left
    /// the queue had waited as long as the PBX said.
    private static func follow(_ dialing: Dialing, through events: [CallEvent]) -> [DialingResult] {
        var now = dialing.createdAt
        var machine = DialingStateMachine(dialing, at: now)
        var results: [DialingResult] = []
        func take(_ action: DialingStateMachine.Action?) {
            guard case .finish(let result, let hangUp) = action else { return }
            #expect(!hangUp, "the PBX has hung up already")
            results.append(result)
        }
        var hold = events.lazy.compactMap { if case .leftQueueUnanswered(let hold) = $0 { hold } else { nil } }.first
        for event in [.originateQueued] + events {
            now = now + .milliseconds(20)
            if event == .hangupRequested {
                now = now + (hold ?? .zero)
                hold = nil
            }
            take(machine.handle(event, at: now))
        }
        if let deadline = machine.deadline {
            now = deadline
            take(machine.deadlineReached(at: now))
        }
        for event in events { take(machine.handle(event, at: now + .seconds(1))) }
        return results
    }

    private static func dialing(_ call: RecordedCall) -> Dialing {
        let list = UUID.test(3)
        var destination = Destination(uuid: .test(2))
        destination.kind = .application
        destination.application = call.application
        destination.data = call.queue
        let snapshot = Dialing.Snapshot(
            campaign: Campaign(uuid: .test(5)),
            plan: Plan(uuid: .test(1)),
            dlma: DialListMaster(uuid: list),
            destination: destination,
            entry: DialListEntry(uuid: .test(4), dlma: list)
        )
        return Dialing(
            uuid: .test(9),
            actionID: "action-9",
            snapshot: snapshot,
            dialChannel: call.channel,
            dialAddress: "300",
            dialIndex: 1,
            dialTry: 1,
            variables: VariableMerge.merged(snapshot),
            createdAt: Timestamp(microseconds: 1_800_000_000_000_000)
        )
    }
}

/// One recorded call and how it must end.
struct RecordedCall: Sendable, CustomTestStringConvertible {
    var transcript: String
    /// The recorded channel id.
    var id: String
    var channel: String
    var application = "Queue"
    var status: DialingStatus
    var dialResult: Int
    var hangupCause: Int
    var causeText: String?
    var isAbandoned = false
    var agent: String?
    var queue: String?

    var testDescription: String { "\(self.transcript): \(self.id)" }

    static func failed(
        _ transcript: String, _ id: String, _ channel: String, _ dialResult: Int, _ cause: Int, _ text: String?
    ) -> RecordedCall {
        RecordedCall(
            transcript: transcript, id: id, channel: channel, status: .responseFailed, dialResult: dialResult,
            hangupCause: cause, causeText: text
        )
    }

    static func answered(
        _ transcript: String, _ id: String, _ channel: String, application: String = "Queue", cause: Int = 16,
        text: String = "Normal Clearing", queue: String? = nil, agent: String? = nil, isAbandoned: Bool = false
    ) -> RecordedCall {
        RecordedCall(
            transcript: transcript, id: id, channel: channel, application: application, status: .hangup,
            dialResult: 4, hangupCause: cause, causeText: text, isAbandoned: isAbandoned, agent: agent,
            queue: queue
        )
    }
}
