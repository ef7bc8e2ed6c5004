import DialerModel
import Testing

/// How each way a call can end was recorded from a real Asterisk 22, in every order of its messages.
@Suite struct RecordedOutcomeTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var isLocal = false
        var events: [CallEvent]
        var status: DialingStatus
        var dialResult: Int
        var cause: Int
        var causeText: String?

        var testDescription: String { self.name }
    }

    static let failed = CallEvent.originateResponse(answered: false, reason: 0, channel: "PJSIP/300@trunk")

    static func hangup(_ cause: Int, _ text: String, peer: Bool = false) -> CallEvent {
        .hangup(cause: cause, text: text, isPeerHalf: peer)
    }

    static let rows: [Row] = [
        Row(
            name: "SIP 486", events: [failed, .dialEnd(.busy), hangup(17, "User busy")],
            status: .responseFailed, dialResult: 5, cause: 17, causeText: "User busy"
        ),
        Row(
            name: "SIP 503", events: [failed, .dialEnd(.congestion), hangup(34, "Circuit/channel congestion")],
            status: .responseFailed, dialResult: 8, cause: 34, causeText: "Circuit/channel congestion"
        ),
        Row(
            name: "SIP 404", events: [failed, .dialEnd(.noAnswer), hangup(1, "Unallocated (unassigned) number")],
            status: .responseFailed, dialResult: 0, cause: 1, causeText: "Unallocated (unassigned) number"
        ),
        Row(
            name: "time-out while ringing",
            events: [
                .originateResponse(answered: false, reason: 3, channel: nil), hangup(19, "User alerting, no answer"),
            ],
            status: .responseFailed, dialResult: 3, cause: 19, causeText: "User alerting, no answer"
        ),
        Row(
            name: "Local Busy()", isLocal: true,
            events: [
                .dialEnd(.busy), hangup(17, "User busy", peer: true), hangup(0, "Unknown"),
                .originateResponse(answered: false, reason: 5, channel: nil),
            ],
            status: .responseFailed, dialResult: 5, cause: 17, causeText: "User busy"
        ),
        Row(
            name: "Local Congestion()", isLocal: true,
            events: [
                .dialEnd(.congestion), hangup(34, "Circuit/channel congestion", peer: true), hangup(0, "Unknown"),
                .originateResponse(answered: false, reason: 8, channel: nil),
            ],
            status: .responseFailed, dialResult: 8, cause: 34, causeText: "Circuit/channel congestion"
        ),
        Row(
            name: "Local Hangup(17)", isLocal: true,
            events: [hangup(17, "User busy", peer: true), .dialEnd(.busy), failed, hangup(17, "User busy")],
            status: .responseFailed, dialResult: 5, cause: 17, causeText: "User busy"
        ),
        Row(
            name: "Local Hangup(34)", isLocal: true,
            events: [hangup(34, "c", peer: true), .dialEnd(.congestion), failed, hangup(34, "c")],
            status: .responseFailed, dialResult: 8, cause: 34, causeText: "c"
        ),
        Row(
            name: "Local Hangup(20)", isLocal: true,
            events: [
                hangup(20, "Subscriber absent", peer: true), .dialEnd(.channelUnavailable), failed, hangup(20, ""),
            ],
            status: .responseFailed, dialResult: 0, cause: 20, causeText: "Subscriber absent"
        ),
        Row(
            name: "Local Hangup(21)", isLocal: true,
            events: [
                hangup(21, "Call Rejected", peer: true), .dialEnd(.noAnswer), failed, hangup(21, "Call Rejected"),
            ],
            status: .responseFailed, dialResult: 8, cause: 21, causeText: "Call Rejected"
        ),
        Row(
            name: "hung up by us while ringing", events: [failed, .dialEnd(.noAnswer), hangup(0, "Unknown")],
            status: .responseFailed, dialResult: 0, cause: 0, causeText: "Unknown"
        ),
        Row(
            name: "no such endpoint", events: [failed],
            status: .responseFailed, dialResult: 0, cause: 0, causeText: nil
        ),
        Row(
            name: "answered, cleared normally",
            events: [
                .dialEnd(.answer), .originateResponse(answered: true, reason: 4, channel: "PJSIP/trunk-00000001"),
                .joinedQueue(queue: "sales_1", position: 1), .agentConnected(agent: "PJSIP/agent-01", hold: .zero),
                .agentCompleted(agent: "PJSIP/agent-01", talk: .seconds(3)), hangup(16, "Normal Clearing"),
            ],
            status: .hangup, dialResult: 4, cause: 16, causeText: "Normal Clearing"
        ),
        Row(
            name: "the customer leaves the queue",
            events: [
                .dialEnd(.answer), .originateResponse(answered: true, reason: 4, channel: "PJSIP/trunk-00000001"),
                .joinedQueue(queue: "sales_1", position: 1), .leftQueueUnanswered(hold: .seconds(3)),
                hangup(0, "Unknown"),
            ],
            status: .hangup, dialResult: 4, cause: 0, causeText: "Unknown"
        ),
        Row(
            name: "the application does not exist",
            events: [
                .originateResponse(answered: true, reason: 4, channel: "PJSIP/trunk-00000001"), hangup(0, "Unknown"),
            ],
            status: .hangup, dialResult: 4, cause: 0, causeText: "Unknown"
        ),
    ]

    @Test("a recorded outcome gives the same result in every order of its messages", arguments: rows)
    func everyOrder(_ row: Row) {
        for order in Self.permutations(row.events) {
            let dialing = Samples.dialing(tech: row.isLocal ? "Local" : "PJSIP")
            var machine = DialingStateMachine(dialing, at: Samples.start)
            var now = Samples.start
            var results: [DialingResult] = []
            for event in [.originateQueued, .channelCreated(channel: "the channel")] + order {
                // Events that come after the end are ignored only if nothing is lost by it; with the settling time over, all are.
                now = now + .milliseconds(100)
                if case .finish(let result, let hangUp) = machine.handle(event, at: now) {
                    #expect(!hangUp)
                    results.append(result)
                }
            }
            if let deadline = machine.deadline {
                if case .finish(let result, _) = machine.deadlineReached(at: deadline) { results.append(result) }
            }
            #expect(results.count == 1, "\(order)")
            let result = results.first
            #expect(result?.status == row.status, "\(order)")
            #expect(result?.dialResult == row.dialResult, "\(order)")
            #expect(result?.hangupCause == row.cause, "\(order)")
            if row.events.count > 1 { #expect(result?.hangupCauseDetail == row.causeText, "\(order)") }
        }
    }

    @Test("a failure without any channel ends after the settling time, with status 13 and no cause")
    func failureWithoutHangup() throws {
        var machine = DialingStateMachine(Samples.dialing(), at: Samples.start)
        _ = machine.handle(.originateQueued, at: Samples.start)
        let failedAt = Samples.start + .milliseconds(20)
        _ = machine.handle(Self.failed, at: failedAt)
        let deadline = try #require(machine.deadline)
        #expect(deadline - failedAt >= .seconds(1))
        #expect(machine.deadlineReached(at: failedAt + .milliseconds(500)) == nil)
        guard case .finish(let result, false) = machine.deadlineReached(at: deadline) else {
            Issue.record("no result")
            return
        }
        #expect(result.status == .responseFailed)
        #expect(result.dialResult == 0)
        #expect(result.hangupCause == 0)
        #expect(result.hangupCauseDetail == nil)
        #expect(result.endedAt == failedAt)
        #expect(result.channel == "PJSIP/300@trunk")
    }

    private static func permutations(_ events: [CallEvent]) -> [[CallEvent]] {
        guard events.count > 1 else { return [events] }
        return events.indices.flatMap { index in
            var rest = events
            let first = rest.remove(at: index)
            return Self.permutations(rest).map { [first] + $0 }
        }
    }
}
