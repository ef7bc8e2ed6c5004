import Telephony
import TestSupport
import Testing

@testable import AsteriskDriver

@Suite("The picture of the queues")
struct QueueBoardTests {
    private let agent = "PJSIP/2001"

    private func replay(
        _ settings: QueueBoard.Settings = QueueBoard.Settings(),
        members: String? = nil,
        serverTime: Double? = nil
    ) throws -> Replay {
        try Replay(
            settings: settings,
            queues: queueLine("sales") + (members ?? memberLine("sales", self.agent)),
            serverTime: serverTime
        )
    }

    private func agentEvent(_ name: String, leg: String = "17.1", extra: String = "") -> String {
        "Event: \(name)\r\nQueue: sales\r\nInterface: \(self.agent)\r\nUniqueid: 9.9\r\nDestUniqueid: \(leg)\r\n\(extra)\r\n"
    }

    private func status(_ status: Int, inCall: Int = 0, lastCall: Int = 0, wrapUp: Int = 0) -> String {
        memberLine(
            "sales",
            self.agent,
            status: status,
            lastCall: lastCall,
            wrapUp: wrapUp,
            inCall: inCall,
            event: "QueueMemberStatus"
        )
    }

    @Test func aListGivesMembersCallersAndQueues() throws {
        let entry = "Event: QueueEntry\r\nQueue: sales\r\nPosition: 1\r\n\r\n"
        let replay = try Replay(
            queues: queueLine("sales") + memberLine("sales", "A") + memberLine("sales", "B", paused: 1)
                + memberLine("sales", "C", status: 5) + entry + entry + queueLine("Empty")
        )
        #expect(
            replay.queue("sales")
                == QueueSnapshot(
                    name: "sales",
                    members: [
                        QueueMember(interface: "A", name: "The A", state: .idle),
                        QueueMember(interface: "B", name: "The B", state: .idle, isPaused: true),
                        QueueMember(interface: "C", name: "The C", state: .unavailable),
                    ],
                    callersWaiting: 2
                )
        )
        #expect(replay.queue("sales")?.idleMembers == 1)
        #expect(replay.queue("Empty") == QueueSnapshot(name: "Empty"))
        #expect(replay.machine.queues.snapshot(named: "empty") == nil)
    }

    @Test(arguments: [
        (0, QueueMember.State.unavailable), (1, .idle), (2, .talking), (3, .talking), (4, .unavailable),
        (5, .unavailable),
        (6, .ringing), (7, .talking), (8, .talking),
    ])
    func deviceStatesHaveMeanings(status: Int, state: QueueMember.State) throws {
        let replay = try self.replay(members: memberLine("sales", self.agent, status: status))
        #expect(replay.queue("sales")?.members.first?.state == state)
    }

    @Test func anUnknownDeviceIsIdleWhereThatIsConfigured() throws {
        let replay = try self.replay(
            QueueBoard.Settings(countsUnknownAsIdle: true),
            members: memberLine("sales", self.agent, status: 0)
        )
        #expect(replay.queue("sales")?.idleMembers == 1)
    }

    @Test func anAgentRingsTalksAndIsFreeWhateverTheDeviceShows() throws {
        var replay = try self.replay()
        try replay.receive(self.agentEvent("AgentCalled"))
        try replay.receive(self.status(2))
        try replay.receive(self.agentEvent("AgentConnect"))
        try replay.receive(self.agentEvent("AgentComplete"))
        try replay.receive(self.status(1))
        #expect(replay.states(of: self.agent, in: "sales") == [.idle, .ringing, .talking, .idle])
    }

    @Test func theHangupOfTheAgentsLegEndsARingingThatNothingElseEnds() throws {
        var replay = try self.replay()
        try replay.receive(self.agentEvent("AgentCalled", leg: "17.5"))
        #expect(replay.queue("sales")?.idleMembers == 0)
        try replay.receive("Event: Hangup\r\nUniqueid: 17.4\r\nCause: 0\r\n\r\n")
        #expect(replay.queue("sales")?.idleMembers == 0)
        try replay.receive("Event: Hangup\r\nUniqueid: 17.5\r\nCause: 0\r\n\r\n")
        #expect(replay.queue("sales")?.idleMembers == 1)
    }

    @Test func wrapUpRunsFromTheLastCallByTheServersClockAndEndsByItself() throws {
        var replay = try self.replay(members: memberLine("sales", self.agent, wrapUp: 10), serverTime: 1000)
        replay.advance(by: .seconds(5))
        try replay.receive(self.agentEvent("AgentCalled"))
        try replay.receive(self.agentEvent("AgentConnect"))
        replay.advance(by: .seconds(20))
        // The server's clock shows 1025.
        try replay.receive(self.agentEvent("AgentComplete") + self.status(1, lastCall: 1025, wrapUp: 10))
        #expect(replay.queue("sales")?.members.first?.state == .wrapUp)
        #expect(replay.queue("sales")?.idleMembers == 0)
        #expect(replay.machine.nextDeadline == .seconds(35))
        replay.advance(by: .milliseconds(9_900))
        #expect(replay.queue("sales")?.members.first?.state == .wrapUp)
        replay.advance(by: .milliseconds(100))
        #expect(replay.queue("sales")?.members.first?.state == .idle)
        #expect(replay.machine.nextDeadline == nil)
        #expect(replay.states(of: self.agent, in: "sales") == [.idle, .ringing, .talking, .wrapUp, .idle])
    }

    @Test func aMemberWithoutWrapUpOfItsOwnHasTheConfiguredOneOfItsQueue() throws {
        let settings = QueueBoard.Settings(wrapUp: ["sales": 4, "other": 60], defaultWrapUp: 30)
        var replay = try self.replay(settings)
        try replay.receive(self.agentEvent("AgentCalled") + self.agentEvent("AgentConnect"))
        try replay.receive(self.agentEvent("AgentComplete") + self.status(1))
        #expect(replay.queue("sales")?.members.first?.state == .wrapUp)
        replay.advance(by: .seconds(4))
        #expect(replay.queue("sales")?.members.first?.state == .idle)
    }

    @Test func aWrapUpThatBeganBeforeTheConnectionIsSeen() throws {
        var replay = try self.replay(
            members: memberLine("sales", self.agent, lastCall: 998, wrapUp: 10)
                + memberLine("sales", "B", lastCall: 900, wrapUp: 10),
            serverTime: 1000
        )
        #expect(replay.queue("sales")?.members.map(\.state) == [.wrapUp, .idle])
        replay.advance(by: .seconds(8))
        #expect(replay.queue("sales")?.members.map(\.state) == [.idle, .idle])
    }

    @Test func theRecordedWrapUpIsReckoned() throws {
        var replay = try Replay(
            settings: QueueBoard.Settings(wrapUp: ["wrap_1": 5]),
            queues: queueLine("wrap_1") + memberLine("wrap_1", "Local/1005@agents"),
            serverTime: 1_795_236_553
        )
        try replay.receive(Transcript("c07_wrapup").events())
        #expect(replay.states(of: "Local/1005@agents", in: "wrap_1").last == .wrapUp)
        replay.advance(by: .seconds(5))
        #expect(replay.states(of: "Local/1005@agents", in: "wrap_1").last == .idle)
    }

    @Test func membersComePauseAndGo() throws {
        var replay = try Replay()
        try replay.receive(Transcript("c08_members").events())
        let told = replay.events.compactMap { event -> [String]? in
            guard case .queue(let snapshot) = event, snapshot.name == "dyn_1" else { return nil }
            return snapshot.members.map { "\($0.name)\($0.isPaused ? " paused" : "")" }
        }
        #expect(told.last == [])
        #expect(told.contains(["Agent Dyn", "Local/1202@agents paused"]))
        #expect(told.contains(["Agent Dyn paused", "Local/1202@agents paused"]))
    }

    @Test func anAgentOfTwoQueuesIsBusyInBoth() throws {
        var replay = try Replay(
            queues: queueLine("sales_1") + memberLine("sales_1", "Local/1001@agents") + queueLine("dyn_1")
        )
        try replay.receive(Transcript("c13_agent_in_two_queues").events())
        #expect(replay.states(of: "Local/1001@agents", in: "sales_1") == [.idle, .ringing, .talking, .idle])
        #expect(replay.queue("dyn_1")?.members == [])
    }

    @Test func aCheckCorrectsWhatEventsDidNotTell() throws {
        var replay = try self.replay()
        replay.advance(by: .seconds(31))
        try replay.answerCheck(
            2,
            queues: queueLine("sales") + memberLine("sales", self.agent, status: 2) + memberLine("sales", "New")
        )
        #expect(replay.queue("sales")?.members.map(\.state) == [.talking, .idle])
        let before = replay.events.count
        replay.advance(by: .seconds(31))
        try replay.answerCheck(
            3,
            queues: queueLine("sales") + memberLine("sales", self.agent, status: 2) + memberLine("sales", "New")
        )
        #expect(replay.events.count == before)
    }

    @Test func callersAreCountedAsTheServerCountsThem() throws {
        var replay = try self.replay()
        func caller(_ event: String, _ count: Int) -> String {
            "Event: \(event)\r\nQueue: sales\r\nCount: \(count)\r\n\r\n"
        }
        try replay.receive(caller("QueueCallerJoin", 3))
        #expect(replay.queue("sales")?.callersWaiting == 3)
        try replay.receive(
            "Event: QueueCallerAbandon\r\nQueue: sales\r\nPosition: 1\r\n\r\n" + caller("QueueCallerLeave", 2))
        #expect(replay.queue("sales")?.callersWaiting == 2)
    }
}
