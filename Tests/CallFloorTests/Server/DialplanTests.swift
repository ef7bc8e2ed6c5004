import Testing

@testable import CallFloor

@Suite("The dialplan over AMI")
struct DialplanTests {
    /// A message without what tells one session from another.
    private func bare(_ message: WireMessage) -> [WireMessage.Header] {
        message.headers.filter { $0.name != "ActionID" }
    }

    @Test("ShowDialPlan tells the context as a real Asterisk with config/outpace-dialplan.conf does")
    func list() async throws {
        let recorded = try Recording.received("c16").filter { $0["ActionID"] == "c16_move_into_dialplan-2" }
        try await withFloor { _, port in
            let client = try await FloorClient.login(port: port)
            try await client.send("Action: ShowDialPlan\nContext: outpace\nActionID: d")
            let inbox = try await client.wait { !$0.events("ShowDialPlanComplete").isEmpty }
            let ours = inbox.messages.filter { $0["ActionID"] == "d" }
            #expect(recorded.count > 10)
            #expect(ours.map(self.bare) == recorded.map(self.bare))
            let missing = try await client.ask("Action: ShowDialPlan\nContext: nosuch", id: "n")
            #expect(missing["Message"] == "Did not find context nosuch")
        }
    }

    @Test("ShowDialPlan and Setvar need the classes they need in Asterisk")
    func permissions() async throws {
        try await withFloor {
            $0.write = [.originate, .agent]
        } _: { _, port in
            let client = try await FloorClient.login(port: port)
            for action in ["ShowDialPlan\nContext: outpace", "Setvar\nVariable: A\nValue: 1"] {
                #expect(
                    try await client.ask("Action: \(action)", id: "\(action.count)")["Message"] == "Permission denied")
            }
        }
    }

    @Test("An application is run with the data of the variable, whatever stands in that")
    func variables() async throws {
        try await withFloor { server, port in
            let client = try await FloorClient.login(port: port)
            let place = "Action: Originate\nContext: outpace\nPriority: 1\nAsync: true\nTimeout: 30000\nExten:"
            #expect(
                try await client.ask("\(place) system\nChannel: PJSIP/1@trunk", id: "s")["Message"]
                    == "Extension does not exist.")
            try await client.ask(
                "\(place) playback\nChannel: PJSIP/1@trunk\nChannelId: a\nVariable: A=1\n"
                    + #"Variable: OUTPACE_DATA="a,\"b\" ${EXTEN} \\c""#, id: "o")
            try await server.advance(by: 4)
            try await client.send("Action: CoreShowChannels\nActionID: c")
            let shown = try await client.wait { !$0.events("CoreShowChannelsComplete").isEmpty }
            let channel = try #require(shown.events("CoreShowChannel").first)
            #expect(channel["Application"] == "Playback")
            #expect(channel["ApplicationData"] == #"a,"b" ${EXTEN} \c"#)
            let name = channel["Channel"] ?? ""
            #expect(
                try await client.ask("Action: Setvar\nChannel: \(name)\nVariable: X\nValue: it's \"a\"?", id: "v")[
                    "Message"]
                    == "Variable Set")
            for (variable, value) in [("X", "it's \"a\"?"), ("A", "1"), ("CONTEXT", "outpace"), ("NONE", "")] {
                let asked = try await client.ask(
                    "Action: Getvar\nChannel: \(name)\nVariable: \(variable)", id: variable)
                #expect(asked["Value"] ?? "" == value)
            }
            let set = try #require(try await client.wait { !$0.events("VarSet").isEmpty }.events("VarSet").first)
            #expect(set["Value"] == #"it\'s \"a\"\?"#)
            #expect(
                try await client.ask("Action: Setvar\nChannel: PJSIP/none\nVariable: X\nValue: 1", id: "w")["Message"]
                    == "No such channel")
        }
    }

    @Test("A filter for some variables lets those through and looks at no other event")
    func filter() async throws {
        var filters = EventFilters()
        let isGood = filters.add(expression: "Variable: AMD(STATUS|CAUSE)")
        #expect(isGood)
        #expect(filters.possibleKinds == EventKinds(.varSet))
        #expect(filters.passes(.varSet, text: "Event: VarSet\r\nVariable: AMDCAUSE\r\nValue: x\r\n\r\n"))
        #expect(!filters.passes(.varSet, text: "Event: VarSet\r\nVariable: QUEUEWAIT\r\nValue: x\r\n\r\n"))
        var loose = EventFilters()
        let isLooseGood = loose.add(expression: "Variable: A|Hangup")
        #expect(isLooseGood)
        #expect(loose.possibleKinds == .all)
    }
}
