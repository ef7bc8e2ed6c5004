import Chance
import Testing

@testable import CallFloor

/// The floor's calls beside the recorded ones, channel by channel.
@Suite("Calls have the shape of the recorded ones")
struct RecordedShapeTests {
    private func expect(
        _ floor: Floor, call: String, like recording: String, recordedCall: String? = nil, other: String? = nil,
        kinds: Set<String> = CallShape.kinds, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let recorded = CallShape.roles(
            of: try Recording.received(recording), call: recordedCall ?? call, other: other, kinds: kinds
        )
        let ours = CallShape.roles(of: floor.messages, call: call, kinds: kinds)
        #expect(recorded["c1"]?.isEmpty == false, sourceLocation: sourceLocation)
        for role in Set(recorded.keys).union(ours.keys).sorted() {
            #expect(ours[role] == recorded[role], "role \(role)", sourceLocation: sourceLocation)
        }
    }

    @Test("A queue call over a Local channel to a Local agent")
    func localQueueCall() throws {
        var floor = Floor {
            $0.agentChannel = .local
            $0.script = CallScript(rules: [.init(pattern: "*", fate: .person)])
        }
        floor.dial("Local/1010300@customers", id: "two-1")
        floor.advance(60)
        // The recorded agent is in two queues; this one in one.
        try self.expect(floor, call: "two-1", like: "c13", kinds: CallShape.kinds.subtracting(["QueueMemberStatus"]))
        #expect(floor.messages.filter { $0.event == "QueueMemberStatus" }.map { $0["Status"] } == ["2", "1"])
    }

    @Test("A queue call over PJSIP to a PJSIP agent")
    func sipQueueCall() throws {
        var floor = Floor { $0.queues = [.init(name: "sip_1", agents: 1)] }
        floor.dial("PJSIP/1234567@trunk", id: "sip-1", data: "sip_1")
        floor.advance(60)
        try self.expect(floor, call: "sip-1", like: "d02")
    }

    @Test("A caller who hangs up while waiting in a queue without agents")
    func abandonedCall() throws {
        var floor = Floor { $0.queues = [.init(name: "empty_1", agents: 0)] }
        floor.dial("Local/1010300@customers", id: "ab-1", data: "empty_1")
        floor.advance(60)
        try self.expect(floor, call: "ab-1", like: "c01")
    }

    @Test("An agent that never answers, until the caller has had enough")
    func agentNeverAnswers() throws {
        var floor = Floor {
            $0.agentChannel = .local
            $0.queues = [.init(name: "noans_1", agents: 1, ringTime: 3, retry: 1)]
            $0.agentAnswerRate = 0
            $0.patience = .constant(8.02)
        }
        floor.dial("Local/1010800@customers", id: "na-1", data: "noans_1")
        floor.advance(60)
        // The recording ends before the last of the agent's states.
        try self.expect(floor, call: "na-1", like: "c04", kinds: CallShape.kinds.subtracting(["QueueMemberStatus"]))
        let states = floor.messages.filter { $0.event == "QueueMemberStatus" }.map { $0["Status"] }
        #expect(states == ["2", "1", "2", "1", "2", "1"])
        #expect(floor.messages.first { $0.event == "AgentRingNoAnswer" }?["RingTime"] == "3000")
    }

    @Test("Nobody answers before the originate's timeout")
    func noAnswer() throws {
        var floor = Floor { $0.script = CallScript(rules: [.init(pattern: "6*", fate: .ringOut)]) }
        floor.dial("Local/6001@customers", id: "noans-1", timeout: 4)
        floor.advance(60)
        try self.expect(floor, call: "noans-1", like: "b04")
    }

    @Test(
        "Busy and congestion by control frame and by cause",
        arguments: [
            ("b05", "busy-1", "4001", "busy ring=0.5"), ("b05", "busy-2", "917", "cause:17 ring=0.5"),
            ("b06", "cong-1", "5001", "congestion"), ("b06", "cong-2", "934", "cause:34 ring=0.5"),
        ])
    func busy(recording: String, id: String, number: String, outcome: String) throws {
        let script = try CallScript(text: "* \(outcome)")
        var floor = Floor { $0.script = script }
        floor.dial("Local/\(number)@customers", id: id, timeout: 6)
        floor.advance(60)
        try self.expect(floor, call: id, like: recording)
    }

    @Test("Every cause behind a Local channel", arguments: [1, 2, 3, 16, 18, 19, 20, 21, 22, 27, 28, 38, 41, 42, 58])
    func causes(cause: Int) throws {
        var floor = Floor {
            $0.script = (try? CallScript(text: "* cause:\(cause) ring=0.5")) ?? CallScript()
        }
        let id = "cause-" + (cause < 10 ? "0\(cause)" : "\(cause)")
        floor.dial("Local/9\(cause)@customers", id: id, timeout: 6)
        floor.advance(60)
        try self.expect(floor, call: id, like: "b07")
    }

    @Test(
        "SIP failures",
        arguments: [
            ("sipf-400", "PJSIP/400", "busy"), ("sipf-500", "PJSIP/500", "congestion"),
            ("sipf-9123@trunk", "PJSIP/9123@trunk", "unallocated"), ("sipf-600", "PJSIP/600", "noanswer"),
            ("sipf-698", "PJSIP/698", "silence"), ("sipf-nosuch", "PJSIP/nosuch", "answer"),
        ])
    func sipFailures(id: String, channel: String, outcome: String) throws {
        let script = try CallScript(text: "nosuch refused\n* \(outcome)")
        var floor = Floor { $0.script = script }
        floor.dial(channel, id: id, timeout: 4)
        floor.advance(60)
        guard id != "sipf-nosuch" else {
            #expect(floor.names == ["OriginateResponse"])
            return
        }
        try self.expect(floor, call: id, like: "d04")
        let recorded = try Recording.received("d04").first { $0.event == "Hangup" && $0["Uniqueid"] == id }
        let ours = floor.messages.first { $0.event == "Hangup" }
        #expect(ours?["TechCause"] == recorded?["TechCause"])
        #expect(ours?["Cause-txt"] == recorded?["Cause-txt"])
    }

    @Test("A parked customer")
    func parked() throws {
        var floor = Floor()
        floor.dial("Local/1010500@customers", id: "park-2", application: "Park", data: "default")
        floor.advance(60)
        try self.expect(floor, call: "park-2", like: "b10")
        let recorded = try #require(try Recording.received("b10").first { $0.event == "ParkedCall" })
        let ours = try #require(floor.messages.first { $0.event == "ParkedCall" })
        for name in ["ParkerDialString", "Parkinglot", "ParkingSpace", "ParkingTimeout", "ParkingDuration"] {
            #expect(ours[name] == recorded[name])
        }
    }

    @Test("A call to an extension")
    func toExtension() throws {
        var floor = Floor()
        floor.dial("Local/1010500@customers", id: "ext-1") {
            $0.target = .dialplan(context: "destinations", exten: "500")
        }
        floor.advance(60)
        // A later call of the recording has an agent.
        try self.expect(floor, call: "ext-1", like: "b11", kinds: CallShape.kinds.subtracting(["QueueMemberStatus"]))
    }

    @Test(
        "An application that returns, and one that doesn't exist",
        arguments: [
            ("noapp-1", "NoSuchApp", "x", "b08"), ("noqueue-1", "Queue", "no_such_queue", "b08"),
            ("noother-1", "Wait", "0.2", "b09"),
        ])
    func applications(id: String, application: String, data: String, recording: String) throws {
        var floor = Floor {
            $0.setup = .constant(0)
            // The recorded extension answers without ringing first.
            $0.script = CallScript(rules: [])
        }
        floor.dial("Local/fast@customers", id: id, application: application, data: data)
        floor.advance(60)
        try self.expect(
            floor, call: id, like: recording, kinds: CallShape.kinds.subtracting(["Newstate", "DialState"])
        )
    }

    @Test("AMI hangs the customer up in the conversation: no AgentComplete")
    func hangupInTalk() throws {
        var floor = Floor { $0.queues = [.init(name: "sip_1", agents: 1)] }
        floor.dial("PJSIP/3001@trunk", id: "sipq-1", data: "sip_1")
        floor.advance(5)
        let found = floor.world.hangUp(channel: "PJSIP/trunk-00000000", cause: 16)
        #expect(found)
        floor.advance(60)
        try self.expect(
            floor, call: "sipq-1", like: "d06",
            // The recording was made with DialBegin and the like, but with an agent whose states raced.
            kinds: [
                "AgentComplete", "BridgeEnter", "BridgeLeave", "Hangup", "HangupRequest", "QueueCallerLeave",
                "AgentConnect",
            ]
        )
        #expect(!floor.names.contains("AgentComplete"))
    }

    @Test("AMI hangs up the agent's leg of a conversation")
    func hangupOfAgentLeg() throws {
        var floor = Floor { $0.agentChannel = .local }
        floor.dial("Local/1012000@customers", id: "hag-1")
        floor.advance(5)
        let agent = try #require(floor.messages.first { $0.event == "AgentConnect" }?["DestChannel"])
        #expect(floor.world.hangUp(channel: agent, cause: 16))
        floor.advance(1)
        try self.expect(
            floor, call: "hag-1", like: "c15",
            kinds: ["AgentComplete", "BridgeEnter", "Hangup", "HangupRequest", "SoftHangupRequest", "QueueCallerLeave"]
        )
    }

    @Test("Every event has exactly the headers, in the order, of some recorded event of its name")
    func headerNames() throws {
        let recorded = try Recording.headerNames()
        var seen: Set<String> = []
        for agentChannel in FloorWorld.Configuration.AgentChannel.allCases {
            for technology in ["PJSIP/%@trunk", "Local/%@customers"] {
                for message in self.everything(agentChannel: agentChannel, technology: technology).messages {
                    let event = try #require(message.event)
                    seen.insert(event)
                    #expect(recorded[event]?.contains(message.names) == true, "\(event): \(message.names)")
                }
            }
        }
        let missing = CallShape.kinds.union(["QueueMemberPause", "QueueMemberAdded", "QueueMemberRemoved", "VarSet"])
            .subtracting(
                seen)
        #expect(missing.isEmpty)
    }

    /// A floor on which everything happens that it knows.
    private func everything(agentChannel: FloorWorld.Configuration.AgentChannel, technology: String) -> Floor {
        var floor = Floor {
            $0.agentChannel = agentChannel
            $0.wrapup = .constant(1)
            $0.queues = [
                .init(name: "sales_1", agents: 1, ringTime: 3), .init(name: "empty_1", agents: 0),
                .init(name: "lazy_1", agents: 1, ringTime: 0.5),
            ]
            $0.script =
                (try? CallScript(
                    text: "1 answer\n2 busy\n3 congestion\n4 cause:20\n5 noanswer\n6 silence\n7 refused\n8 machine"
                )) ?? CallScript()
        }
        let channel = { (number: Int) in technology.replacing("%", with: "\(number)") }
        for number in 1...8 { floor.dial(channel(number), id: "id-\(number)", timeout: 20) }
        floor.dial(channel(1), id: "empty", data: "empty_1")
        floor.dial(channel(1), id: "lazy", data: "lazy_1")
        floor.dial(channel(1), id: "park", application: "Park", data: "")
        floor.dial(channel(1), id: "exten") { $0.target = .dialplan(context: "destinations", exten: "500") }
        floor.dial(channel(8), id: "amd") { $0.target = .dialplan(context: "destinations", exten: "amd_sales_1") }
        floor.dial(channel(1), id: "callerid") {
            $0.callerIDNumber = "5550100"
            $0.callerIDName = "Campaign One"
        }
        floor.advance(100)
        floor.perform { world in
            try? world.addMember(
                interface: "PJSIP/2000", queue: "empty_1", memberName: nil, penalty: 0, isPaused: true, reason: "Lunch"
            )
            try? world.pause(interface: "PJSIP/2000", queue: nil, isPaused: false, reason: "")
            try? world.removeMember(interface: "PJSIP/2000", queue: "empty_1")
        }
        return floor
    }
}
