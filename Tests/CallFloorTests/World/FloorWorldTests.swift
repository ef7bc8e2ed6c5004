import Testing

@testable import CallFloor

@Suite("The floor's world")
struct FloorWorldTests {
    /// A busy hour with everything left to chance.
    private func hour(seed: UInt64, change: (inout FloorWorld.Configuration) -> Void = { _ in }) -> Floor {
        var floor = Floor {
            $0 = FloorWorld.Configuration()
            $0.seed = seed
            $0.machineShare = 0.2
            $0.queues = [.init(name: "sales_1", agents: 8)]
            change(&$0)
        }
        for call in 0..<600 {
            floor.dial(call % 2 == 0 ? "PJSIP/\(call)@trunk" : "Local/\(call)@customers/n", id: "call-\(call)")
            floor.advance(6)
        }
        floor.advance(4000)
        return floor
    }

    @Test("The same seed and orders give the same floor, byte for byte")
    func deterministic() {
        let first = self.hour(seed: 42)
        let second = self.hour(seed: 42)
        #expect(first.messages == second.messages)
        #expect(first.world.currentStatistics == second.world.currentStatistics)
        #expect(first.messages != self.hour(seed: 43).messages)
    }

    @Test("How often the owner looks does not change what happens")
    func stepSize() {
        var coarse = Floor { $0 = FloorWorld.Configuration() }
        var fine = Floor { $0 = FloorWorld.Configuration() }
        for call in 0..<50 {
            coarse.dial("PJSIP/\(call)@trunk", id: "call-\(call)")
            fine.dial("PJSIP/\(call)@trunk", id: "call-\(call)")
        }
        coarse.advance(5000)
        for _ in 0..<5000 { fine.advance(1) }
        #expect(coarse.messages == fine.messages)
    }

    @Test("Every call ends once, and every channel that came goes")
    func everythingEnds() {
        let floor = self.hour(seed: 5)
        let statistics = floor.world.currentStatistics
        #expect(statistics.originates == 600)
        #expect(statistics.ended == 600)
        #expect(statistics.callsNow == 0)
        #expect(floor.endings.count == 600)
        #expect(Set(floor.endings.map(\.id)).count == 600)
        let messages = floor.messages
        let born = messages.filter { $0.event == "Newchannel" }.compactMap { $0["Uniqueid"] }
        let gone = messages.filter { $0.event == "Hangup" }.compactMap { $0["Uniqueid"] }
        #expect(born.sorted() == gone.sorted())
        #expect(messages.count { $0.event == "OriginateResponse" } == 600)
        #expect(floor.world.listChannels().isEmpty)
        #expect(messages.count { $0.event == "QueueCallerJoin" } == messages.count { $0.event == "QueueCallerLeave" })
    }

    @Test("Shares and durations come out as configured")
    func distributions() {
        var configuration = FloorWorld.Configuration()
        configuration.machineShare = 0.4
        let plans = (1...40_000).map { CallPlan(number: "\($0)", ordinal: $0, configuration: configuration) }
        let share = { (isWanted: (CallPlan) -> Bool) in Double(plans.count(where: isWanted)) / Double(plans.count) }
        #expect(abs(share { $0.fate == .person } - 0.3) < 0.01)
        #expect(abs(share { $0.fate == .machine } - 0.7 * 0.4) < 0.01)
        #expect(abs(share { $0.fate == .ringOut } - 0.7 * 0.4) < 0.01)
        #expect(abs(share { [.busy, .congestion, .cause(1)].contains($0.fate) } - 0.7 * 0.2) < 0.01)
        #expect(abs(share(\.isRaced) - 0.25) < 0.01)
        let people = plans.filter { $0.fate == .person }
        let mean = { (value: (CallPlan) -> FloorTime) in
            people.reduce(0) { $0 + value($1).seconds } / Double(people.count)
        }
        #expect(abs(mean(\.talk) / 120 - 1) < 0.04)
        #expect(abs(mean(\.wrapup) / 15 - 1) < 0.03)
        #expect((8.4...9.0).contains(mean(\.ring)))
        #expect(people.allSatisfy { $0.setup == .seconds(2) && $0.ring <= .seconds(25) })
    }

    @Test("Failing calls show Hangup and OriginateResponse in both orders")
    func bothOrders() {
        let floor = self.hour(seed: 3)
        var order: [String: [String]] = [:]
        for message in floor.messages {
            guard let event = message.event, event == "Hangup" || event == "OriginateResponse",
                let id = message["Uniqueid"]
            else { continue }
            order[id, default: []].append(event)
        }
        let failed = order.values.filter { $0.count == 2 }
        let hangupFirst = failed.count { $0 == ["Hangup", "OriginateResponse"] }
        #expect(hangupFirst > 0)
        #expect(hangupFirst < failed.count)
    }

    @Test("A live id is refused to a second call, in any case; once free it may be used again")
    func clash() {
        var floor = Floor()
        floor.dial("Local/1@customers", id: "Lead-9")
        let before = floor.events.count
        floor.dial("Local/1@customers", id: "lead-9")
        floor.dial("PJSIP/1@trunk", id: "lead-9;2")
        let answers = WireMessage.rendered(Array(floor.events[before...]))
        #expect(answers.map(\.event) == ["OriginateResponse", "OriginateResponse"])
        #expect(answers.map { $0["Reason"] } == ["0", "0"])
        #expect(answers.map { $0["Uniqueid"] } == ["lead-9", "lead-9;2"])
        #expect(floor.world.currentStatistics.clashes == 2)
        floor.advance(60)
        floor.dial("Local/1@customers", id: "lead-9")
        floor.advance(1)
        #expect(floor.world.currentStatistics.callsNow == 1)
    }

    @Test("An unknown technology fails at once without a channel")
    func unknownTechnology() {
        var floor = Floor()
        floor.dial("SIP/300", id: "x")
        floor.dial("PJSIP/", id: "y")
        #expect(floor.names == ["OriginateResponse", "OriginateResponse"])
        #expect(floor.messages.allSatisfy { $0["Response"] == "Failure" && $0["Reason"] == "0" })
        #expect(floor.messages.map { $0["Channel"] } == ["SIP/300", "PJSIP/"])
        #expect(floor.world.currentStatistics.callsNow == 0)
        #expect(floor.endings.map(\.outcome) == ["refused", "refused"])
    }

    @Test("Without a ChannelId a failure cannot be told apart")
    func noChannelID() {
        var floor = Floor { $0.script = CallScript(rules: [.init(pattern: "*", fate: .busy)]) }
        floor.dial("Local/4001@customers")
        floor.advance(10)
        #expect(floor.messages.first { $0.event == "OriginateResponse" }?["Uniqueid"] == "<unknown>")
        #expect(floor.messages.first?["Uniqueid"]?.hasPrefix("1700000000.") == true)
    }

    @Test("Hanging up a ringing call gives the cause that was asked for", arguments: [nil, 21])
    func hangupWhileRinging(cause: Int?) {
        var floor = Floor()
        floor.dial("PJSIP/1@trunk", id: "r")
        floor.advance(1.5)
        let found = floor.world.hangUp(channel: "pjsip/TRUNK-00000000", cause: cause)
        floor.advance(60)
        #expect(found)
        let hangup = floor.messages.first { $0.event == "Hangup" }
        #expect(hangup?["Cause"] == "\(cause ?? 0)")
        #expect(floor.messages.last { $0.event == "DialEnd" }?["DialStatus"] == "NOANSWER")
        let answer = floor.messages.first { $0.event == "OriginateResponse" }
        #expect(answer?["Response"] == "Failure")
        #expect(answer?["Reason"] == "0")
        #expect(floor.messages.count { $0.event == "Hangup" } == 1)
        #expect(!floor.world.hangUp(channel: "PJSIP/trunk-00000000", cause: nil))
    }

    @Test("Without a timeout the network ends a call nobody answers")
    func noTimeout() {
        var floor = Floor { $0.script = CallScript(rules: [.init(pattern: "*", fate: .ringOut)]) }
        floor.dial("PJSIP/1@trunk", id: "r", timeout: nil)
        floor.advance(119)
        #expect(floor.world.currentStatistics.callsNow == 1)
        floor.advance(10)
        let hangup = floor.messages.first { $0.event == "Hangup" }
        #expect(hangup?["Cause"] == "19")
        #expect(floor.messages.last { $0.event == "DialEnd" }?["DialStatus"] == "NOANSWER")
    }

    @Test("A redirected call to an application is dropped, one with a dialplan goes on")
    func redirect() {
        var floor = Floor()
        floor.dial("PJSIP/1@trunk", id: "app")
        floor.advance(5)
        #expect(floor.world.redirect(channel: "PJSIP/trunk-00000000", context: "c", exten: "500"))
        floor.advance(0)
        #expect(floor.world.currentStatistics.callsNow == 0)
        #expect(!floor.names.contains("AgentComplete"))
        floor.dial("PJSIP/2@trunk", id: "ext") { $0.target = .dialplan(context: "a", exten: "1") }
        floor.advance(4)
        #expect(floor.world.redirect(channel: "PJSIP/trunk-00000002", context: "c", exten: "500"))
        floor.advance(4)
        #expect(floor.world.currentStatistics.callsNow == 1)
        floor.advance(4)
        #expect(floor.messages.last?["Context"] == "c")
        #expect(!floor.world.redirect(channel: "PJSIP/nobody", context: "c", exten: "500"))
    }
}
