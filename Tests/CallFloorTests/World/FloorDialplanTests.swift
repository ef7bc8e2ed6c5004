import Chance
import Testing

@testable import CallFloor

@Suite("The floor's dialplan")
struct FloorDialplanTests {
    @Test(
        "Variables and parts of the extension are put in, once",
        arguments: [
            ("${OUTPACE_DATA}", "a,${EXTEN}"), ("${EXTEN:4}", "sales_1"), ("${EXTEN}", "amd_sales_1"), ("${NONE}", ""),
            ("x${EXTEN:4}y${OUTPACE_DATA}", "xsales_1ya,${EXTEN}"), ("plain", "plain"), ("${OPEN", "${OPEN"),
        ])
    func substitution(data: String, result: String) {
        let variables = ["OUTPACE_DATA": "a,${EXTEN}"]
        #expect(FloorDialplan.substitute(data, exten: "amd_sales_1", variables: variables) == result)
    }

    @Test("A pattern matches what is longer, and a complete context has nothing else")
    func matching() {
        let dialplan = FloorDialplan.standard
        #expect(dialplan.steps(of: "queue_sales_1", in: "destinations") == [.init("Queue", "${EXTEN:6}")])
        #expect(dialplan.steps(of: "queue_", in: "destinations") == nil)
        #expect(dialplan.hasExtension("500", in: "destinations"))
        #expect(dialplan.hasExtension("queue", in: "outpace"))
        #expect(!dialplan.hasExtension("system", in: "outpace"))
        #expect(FloorDialplan().steps(of: "queue", in: "outpace") == nil)
    }

    private func moved(to exten: String, data: String, from target: OriginateRequest.Target? = nil) -> Floor {
        var floor = Floor { $0.queues = [.init(name: "empty_1", agents: 0)] }
        floor.dial("Local/6000@customers/n", id: "move-1") {
            $0.target = target ?? .dialplan(context: "outpace", exten: "queue")
            $0.variables = ["OUTPACE_DATA": "empty_1"]
        }
        floor.advance(5)
        let channel = floor.messages.first { $0.event == "QueueCallerJoin" }?["Channel"] ?? ""
        floor.perform { world in
            #expect(world.setVariable("OUTPACE_DATA", to: data, channel: channel))
            #expect(world.redirect(channel: channel, context: "outpace", exten: exten))
        }
        return floor
    }

    @Test("A call sent from its queue into the dialplan has the shape of the recorded one")
    func recordedMove() throws {
        var floor = self.moved(to: "wait", data: "1.5")
        floor.advance(1)
        #expect(!floor.names.contains("Hangup"))
        floor.advance(1)
        // The recorded server had no music, and its customer's extension another ring.
        let kinds = CallShape.kinds.subtracting(["Newstate", "DialState", "MusicOnHoldStart", "MusicOnHoldStop"])
        let recorded = CallShape.roles(of: try Recording.received("c16"), call: "move-1", kinds: kinds)
        let ours = CallShape.roles(of: floor.messages, call: "move-1", kinds: kinds)
        #expect(recorded["c1"]?.contains("QueueCallerAbandon") == true)
        for role in Set(recorded.keys).union(ours.keys).sorted() { #expect(ours[role] == recorded[role], "\(role)") }
        let set = try #require(floor.messages.first { $0.event == "VarSet" })
        let recordedSet = try #require(
            try Recording.received("c16").first { $0["Variable"] == "OUTPACE_DATA" && $0["Value"] == "1.5" })
        for name in ["Variable", "Value", "Context", "Exten", "Privilege", "Uniqueid"] {
            #expect(set[name] == recordedSet[name], "\(name)")
        }
    }

    @Test("A message plays to its end, and the caller counts as abandoned once")
    func announcement() {
        var floor = self.moved(to: "playback", data: "sorry")
        floor.advance(4)
        #expect(!floor.names.contains("Hangup"))
        #expect(floor.world.listChannels().first?.application == "Playback")
        floor.advance(60)
        #expect(floor.endings.count == 1)
        #expect(floor.endings.first?.abandoned == true)
        #expect(floor.endings.first?.cause == 16)
        #expect(floor.world.currentStatistics.live == 1)
        #expect(floor.world.currentStatistics.abandoned == 1)
    }

    @Test("A call without a dialplan is dropped when it is sent elsewhere, and so is one sent to no extension")
    func dropped() {
        var plain = self.moved(to: "wait", data: "5", from: .application(name: "Queue", data: "empty_1"))
        #expect(plain.endings.count == 1)
        plain.advance(60)
        #expect(self.moved(to: "system", data: "reboot").endings.map(\.cause) == [0])
    }

    @Test("A queue's time-out goes on in the dialplan")
    func queueTimeout() {
        var floor = Floor { $0.queues = [.init(name: "empty_1", agents: 0)] }
        floor.dial("PJSIP/1@trunk", id: "late-1") {
            $0.target = .dialplan(context: "outpace", exten: "queue")
            $0.variables = ["OUTPACE_DATA": "empty_1,,,,2"]
        }
        floor.advance(30)
        #expect(floor.names.contains("QueueCallerAbandon"))
        #expect(floor.endings.map(\.cause) == [16])
    }

    // MARK: Answering machines

    private func detected(_ fate: CustomerFate) -> Floor {
        var floor = Floor {
            $0.script = CallScript(rules: [.init(pattern: "*", fate: fate)])
            $0.machineRing = .constant(2)
            $0.queues = [.init(name: "empty_1", agents: 0)]
        }
        floor.dial("Local/8000@customers/n", id: "amd-3") {
            $0.target = .dialplan(context: "destinations", exten: "amd_empty_1")
        }
        floor.advance(3)
        return floor
    }

    @Test(
        "AMD tells what has answered as recorded, before the call joins its queue",
        arguments: [
            (CustomerFate.person, "b20", "amd-3", 1.9), (.machine, "b20", "amd-4", 2.2),
            (.machine, "b14", "amd-1", 2.2),
        ])
    func detection(fate: CustomerFate, recording: String, call: String, delay: Double) throws {
        var floor = self.detected(fate)
        floor.advance(delay - 0.1)
        #expect(!floor.names.contains("VarSet"))
        floor.advance(0.2)
        let recorded = try Recording.received(recording).filter {
            $0["Variable"]?.hasPrefix("AMD") == true && $0["Uniqueid"] == call
        }
        let ours = floor.messages.filter { $0.event == "VarSet" }
        #expect(ours.map { $0["Value"] } == recorded.map { $0["Value"] })
        #expect(ours.map { $0["Variable"] } == ["AMDSTATUS", "AMDCAUSE"])
        #expect(ours.map(\.names) == recorded.map(\.names))
        #expect(ours.map { $0["Priority"] } == recorded.map { $0["Priority"] })
        let last = try #require(floor.messages.last { ["VarSet", "QueueCallerJoin"].contains($0.event) })
        #expect(last.event == "QueueCallerJoin")
    }

    @Test("A call that is sent elsewhere or hung up while AMD listens is not told of")
    func interrupted() {
        var moved = self.detected(.machine)
        let channel = moved.messages.first { $0.event == "Newchannel" }?["Channel"] ?? ""
        moved.perform { #expect($0.redirect(channel: channel, context: "destinations", exten: "message")) }
        moved.advance(1.9)
        #expect(moved.endings.isEmpty)
        moved.advance(0.2)
        #expect(moved.endings.count == 1)
        #expect(!moved.names.contains("VarSet"))
        var gone = self.detected(.machine)
        gone.perform { #expect($0.hangUp(channel: channel, cause: 16)) }
        gone.advance(30)
        #expect(!gone.names.contains("VarSet"))
    }
}
