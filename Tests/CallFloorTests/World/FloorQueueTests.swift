import Chance
import Testing

@testable import CallFloor

@Suite("Queues and agents")
struct FloorQueueTests {
    @Test("The agent idle the longest is rung first")
    func longestIdle() {
        var floor = Floor { $0.queues = [.init(name: "sales_1", agents: 3)] }
        for call in 0..<5 {
            floor.dial("PJSIP/\(call)@trunk", id: "c\(call)")
            floor.advance(12)
        }
        let rung = floor.messages.filter { $0.event == "AgentCalled" }.compactMap { $0["Interface"] }
        #expect(rung == ["PJSIP/1001", "PJSIP/1002", "PJSIP/1003", "PJSIP/1001", "PJSIP/1002"])
    }

    @Test("Ring all rings every free agent; the others are cancelled when one answers")
    func ringAll() {
        var floor = Floor { $0.queues = [.init(name: "sales_1", agents: 3, strategy: .ringAll)] }
        floor.dial("PJSIP/1@trunk", id: "c")
        floor.advance(3.5)
        #expect(floor.messages.count { $0.event == "AgentCalled" } == 3)
        floor.advance(1)
        #expect(floor.messages.count { $0.event == "AgentConnect" } == 1)
        #expect(floor.messages.count { $0.event == "DialEnd" && $0["DialStatus"] == "CANCEL" } == 4)
        let statistics = floor.world.currentStatistics
        #expect(statistics.agentsBusyNow == 1)
        floor.dial("PJSIP/2@trunk", id: "d")
        floor.advance(4.5)
        #expect(floor.messages.count { $0.event == "AgentConnect" } == 2)
    }

    @Test("A caller nobody takes within two seconds counts as abandoned, once")
    func abandoned() {
        var floor = Floor { $0.queues = [.init(name: "sales_1", agents: 0)] }
        floor.dial("PJSIP/1@trunk", id: "c")
        floor.advance(4.9)
        #expect(floor.world.currentStatistics.abandoned == 0)
        floor.advance(0.2)
        #expect(floor.world.currentStatistics.abandoned == 1)
        #expect(floor.world.currentStatistics.waitingNow == 1)
        floor.advance(20)
        #expect(floor.world.currentStatistics.abandoned == 1)
        #expect(floor.endings.map(\.outcome) == ["abandoned"])
        #expect(floor.endings.map(\.abandoned) == [true])
        #expect(floor.messages.last?["Cause"] == "0")
    }

    @Test("A caller who leaves before the grace time is over counts too, and one served in time does not")
    func graceBoundaries() {
        var floor = Floor {
            $0.queues = [.init(name: "sales_1", agents: 1), .init(name: "empty", agents: 0)]
            $0.patience = .constant(1)
        }
        floor.dial("PJSIP/1@trunk", id: "c", data: "empty")
        floor.advance(10)
        #expect(floor.world.currentStatistics.abandoned == 1)
        var served = Floor()
        served.dial("PJSIP/1@trunk", id: "c")
        served.advance(60)
        #expect(served.world.currentStatistics.abandoned == 0)
        #expect(served.world.currentStatistics.connected == 1)
    }

    @Test("A customer who waits is served when an agent frees, in order of arrival")
    func firstComeFirstServed() {
        var floor = Floor { $0.patience = .constant(60) }
        for call in 0..<3 {
            floor.dial("PJSIP/\(call)@trunk", id: "c\(call)")
            floor.advance(0.1)
        }
        floor.advance(60)
        #expect(floor.messages.filter { $0.event == "AgentConnect" }.map { $0["Uniqueid"] } == ["c0", "c1", "c2"])
        #expect(floor.messages.filter { $0.event == "QueueCallerJoin" }.map { $0["Position"] } == ["1", "2", "3"])
        #expect(floor.messages.filter { $0.event == "AgentConnect" }.map { $0["HoldTime"] } == ["1", "6", "12"])
    }

    @Test(
        "Wrap-up keeps the agent from the next call, shown as a pause or not at all",
        arguments: FloorWorld.Configuration.WrapupShown.allCases)
    func wrapup(shown: FloorWorld.Configuration.WrapupShown) {
        var floor = Floor {
            $0.wrapup = .constant(20)
            $0.wrapupShown = shown
            $0.patience = .constant(60)
        }
        floor.dial("PJSIP/1@trunk", id: "c1")
        floor.dial("PJSIP/2@trunk", id: "c2")
        floor.advance(28)
        // Set-up 1, ring 2, answer 1, talk 5: the wrap-up runs from 9 to 29.
        #expect(floor.messages.count { $0.event == "AgentConnect" } == 1)
        let member = floor.world.listQueues(named: nil)[0].members[0]
        #expect(member.status == 1)
        #expect(member.isPaused == (shown == .pause))
        #expect(floor.world.currentStatistics.agentsBusyNow == 1)
        floor.advance(2.5)
        #expect(floor.messages.count { $0.event == "AgentConnect" } == 2)
        let pauses = floor.messages.filter { $0.event == "QueueMemberPause" }.map { $0["Paused"] }
        #expect(pauses == (shown == .pause ? ["1", "0"] : []))
        #expect(floor.world.currentStatistics.busySeconds > 25)
    }

    @Test("A paused agent gets no call; unpaused, it takes the one waiting")
    func pause() throws {
        var floor = Floor { $0.patience = .constant(60) }
        try floor.perform { try $0.pause(interface: "pjsip/1001", queue: "SALES_1", isPaused: true, reason: "Lunch") }
        floor.dial("PJSIP/1@trunk", id: "c")
        floor.advance(10)
        #expect(!floor.names.contains("AgentCalled"))
        try floor.perform { try $0.pause(interface: "PJSIP/1001", queue: nil, isPaused: false, reason: "") }
        floor.advance(2)
        #expect(floor.names.contains("AgentConnect"))
        #expect(throws: FloorWorld.QueueRefusal.interfaceNotFound) {
            try floor.world.pause(interface: "PJSIP/1", queue: nil, isPaused: true, reason: "")
        }
    }

    @Test("Members come and go by AMI, and one in two queues shows in both")
    func members() throws {
        var floor = Floor { $0.queues = [.init(name: "a", agents: 1), .init(name: "b", agents: 0)] }
        let add = { (world: FloorWorld, interface: String, queue: String) throws in
            try world.addMember(
                interface: interface, queue: queue, memberName: nil, penalty: 1, isPaused: false, reason: "")
        }
        try floor.perform { try add($0, "PJSIP/1001", "b") }
        #expect(throws: FloorWorld.QueueRefusal.alreadyThere) { try add(floor.world, "PJSIP/1001", "b") }
        #expect(throws: FloorWorld.QueueRefusal.noSuchQueue) { try add(floor.world, "PJSIP/1001", "c") }
        floor.dial("PJSIP/1@trunk", id: "c", data: "b,t,,,30")
        floor.advance(5)
        let statuses = floor.messages.filter { $0.event == "QueueMemberStatus" }
        #expect(statuses.map { $0["Queue"] } == ["a", "b", "a", "b"])
        #expect(statuses.map { $0["Membership"] } == ["static", "dynamic", "static", "dynamic"])
        try floor.perform { try $0.removeMember(interface: "PJSIP/1001", queue: "b") }
        #expect(throws: FloorWorld.QueueRefusal.notThere) {
            try floor.world.removeMember(interface: "PJSIP/1001", queue: "b")
        }
        floor.advance(60)
        #expect(floor.messages.count { $0.event == "AgentComplete" } == 1)
    }

    @Test("Queue()'s own timeout: abandon and leave, but no hangup request")
    func queueTimeout() {
        var floor = Floor { $0.queues = [.init(name: "sales_1", agents: 0)] }
        floor.dial("PJSIP/1@trunk", id: "c", data: "sales_1,,,,4")
        floor.advance(60)
        #expect(floor.names.suffix(4) == ["MusicOnHoldStop", "QueueCallerAbandon", "QueueCallerLeave", "Hangup"])
        #expect(floor.messages.first { $0.event == "QueueCallerAbandon" }?["HoldTime"] == "4")
        #expect(!floor.names.contains("HangupRequest"))
        #expect(floor.endings.map(\.outcome) == ["queue-timeout"])
    }

    @Test("The application's name counts without case, its queue up to the first comma")
    func queueArguments() {
        var floor = Floor()
        floor.dial("PJSIP/1@trunk", id: "c", application: "qUeUe", data: "Sales_1,t")
        floor.advance(60)
        #expect(floor.messages.first { $0.event == "QueueCallerJoin" }?["Queue"] == "sales_1")
    }

    @Test("Talk and wrap-up make the busy share")
    func busyShare() {
        var floor = Floor {
            $0.wrapup = .constant(5)
            $0.queues = [.init(name: "sales_1", agents: 2)]
        }
        floor.dial("PJSIP/1@trunk", id: "c")
        floor.advance(100)
        // One of two agents is busy for 10 s; the time counts from the dialing to the end of the wrap-up, 14 s.
        let statistics = floor.world.currentStatistics
        #expect(abs(statistics.busySeconds - 10) < 0.001)
        #expect(abs(statistics.busyShare - 10.0 / 28) < 0.001)
        #expect(statistics.agentsBusyNow == 0)
    }

    @Test("A machine is answered like a person, and the agent ends the call")
    func machine() {
        var floor = Floor {
            $0.script = CallScript(rules: [.init(pattern: "*", fate: .machine)])
            $0.machineTalk = .constant(4)
            $0.machineRing = .constant(2)
        }
        floor.dial("PJSIP/1@trunk", id: "c")
        floor.advance(60)
        #expect(floor.messages.first { $0.event == "AgentComplete" }?["Reason"] == "agent")
        #expect(floor.messages.first { $0.event == "AgentComplete" }?["TalkTime"] == "4")
        #expect(floor.world.currentStatistics.machines == 1)
        #expect(floor.world.currentStatistics.live == 0)
    }
}
