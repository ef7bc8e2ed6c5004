import Chance
import Testing

@testable import CallFloor

@Suite("Calls over AMI")
struct CallTests {
    static let originate = "Action: Originate\nApplication: Queue\nData: sales_1\nAsync: true\nTimeout: 30000"

    @Test("An originate is acknowledged, then its events come with the ChannelId, and the totals agree")
    func wholeCall() async throws {
        try await withFloor { server, port in
            let client = try await FloorClient.login(port: port)
            let answer = try await client.ask(
                "\(Self.originate)\nChannel: PJSIP/100@trunk\nChannelId: id-1\nCallerID: \"Campaign One\" <5550100>",
                id: "o"
            )
            #expect(answer.names == ["Response", "ActionID", "Message"])
            #expect(answer["Message"] == "Originate successfully queued")
            try await server.advance(by: 100)
            let inbox = try await client.wait {
                $0.events("Hangup").count == 2 && $0.events("QueueMemberStatus").count == 3
            }
            let response = try #require(inbox.events("OriginateResponse").first)
            #expect(response["ActionID"] == "o")
            #expect(response["Uniqueid"] == "id-1")
            #expect(response["CallerIDNum"] == "5550100")
            #expect(response["CallerIDName"] == "Campaign One")
            #expect(inbox.events("AgentComplete").first?["TalkTime"] == "5")
            let statistics = try await client.ask("Action: FloorStats", id: "s")
            #expect(statistics["Originates"] == "1")
            #expect(statistics["Connected"] == "1")
            #expect(statistics["AgentsBusyNow"] == "0")
            #expect(try await server.statistics().ended == 1)
        }
    }

    @Test(
        "Mistakes in an originate are told as recorded",
        arguments: [
            ("Action: Originate\nApplication: Queue", "Channel not specified"),
            ("Action: Originate\nChannel: nonsense\nApplication: Queue", "Invalid channel"),
            ("Action: Originate\nChannel: PJSIP/1\nTimeout: soon", "Invalid timeout"),
            ("Action: Originate\nChannel: PJSIP/1\nPriority: first", "Invalid priority"),
            ("Action: Originate\nChannel: PJSIP/1\nContext: here\nExten: 9\nPriority: 1", "Extension does not exist."),
            (
                "Action: Originate\nChannel: PJSIP/1\nApplication: System\nData: rm",
                "Originate Access Forbidden: app or data blacklisted"
            ),
            (
                "Action: Originate\nChannel: PJSIP/1\nApplication: Queue\nData: ${SHELL(id)}",
                "Originate Access Forbidden: app or data blacklisted"
            ),
            (
                "Action: Originate\nChannel: PJSIP/1\nApplication: Queue\nChannelId: \(String(repeating: "x", count: 150))",
                "Uniqueid length exceeds maximum of 149"
            ),
            ("Action: Hangup\nChannel: PJSIP/none-00000000", "No such channel"),
            ("Action: QueuePause\nInterface: Local/0@agents\nPaused: true", "Interface not found"),
            (
                "Action: QueueAdd\nQueue: nope\nInterface: Local/1@agents",
                "Unable to add interface to queue: No such queue"
            ),
            ("Action: QueueAdd\nQueue: sales_1\nInterface: PJSIP/1001", "Unable to add interface: Already there"),
            ("Action: QueueRemove\nQueue: sales_1\nInterface: PJSIP/9", "Unable to remove interface: Not there"),
        ])
    func mistakes(action: String, message: String) async throws {
        try await withFloor {
            $0.world.extensions = ["here": ["1"]]
        } _: { _, port in
            let client = try await FloorClient.login(port: port)
            let answer = try await client.ask(action, id: "x")
            #expect(answer["Response"] == "Error")
            #expect(answer["Message"] == message)
        }
    }

    @Test(
        "Caller ids in every notation",
        arguments: [
            ("\"Campaign One\" <5550100>", "Campaign One", "5550100"), ("5550100", nil, "5550100"),
            ("Ann <1>", "Ann", "1"), ("<1>", nil, "1"), ("Ann", "Ann", nil), ("", nil, nil),
        ] as [(String, String?, String?)])
    func callerIDs(text: String, name: String?, number: String?) {
        let parsed = FloorHub.callerID(text)
        #expect(parsed.name == name)
        #expect(parsed.number == number)
    }

    @Test("A ringing call is hung up by the name its Newchannel told")
    func hangup() async throws {
        try await withFloor { server, port in
            let client = try await FloorClient.login(port: port)
            try await client.ask("\(Self.originate)\nChannel: Local/100@customers/n\nChannelId: id-1", id: "o")
            try await server.advance(by: 2)
            let name = try #require(
                try await client.wait { !$0.events("Newchannel").isEmpty }.events("Newchannel")[0]["Channel"])
            #expect(
                try await client.ask("Action: Hangup\nChannel: \(name)\nCause: 16", id: "h")["Message"]
                    == "Channel Hungup")
            let inbox = try await client.wait { $0.events("Hangup").count == 2 }
            #expect(inbox.events("OriginateResponse").first?["Response"] == "Failure")
            #expect(inbox.events("DialEnd").last?["DialStatus"] == "NOANSWER")
            // The answer to the action comes before what it brought about.
            let order = inbox.messages.compactMap { $0["ActionID"] == "h" ? "answer" : $0.event }
            #expect(order.firstIndex(of: "answer").map { $0 < (order.firstIndex(of: "Hangup") ?? 0) } == true)
        }
    }

    @Test("Lists have the recorded headers: queues, members, callers, channels")
    func lists() async throws {
        try await withFloor {
            $0.world.patience = .constant(100)
        } _: { server, port in
            let client = try await FloorClient.login(port: port, events: "off")
            try await client.ask("\(Self.originate)\nChannel: Local/1@customers\nChannelId: id-1", id: "1")
            try await client.ask("\(Self.originate)\nChannel: Local/2@customers\nChannelId: id-2", id: "2")
            try await server.advance(by: 6)
            try await client.ask("Action: QueueStatus", id: "qs")
            try await client.ask("Action: QueueStatus\nQueue: nope", id: "none")
            try await client.ask("Action: QueueStatus\nQueue: sales_1\nMember: nobody", id: "member")
            try await client.ask("Action: QueueSummary", id: "sum")
            try await client.ask("Action: CoreShowChannels", id: "ch")
            try await client.ask("Action: CoreStatus", id: "status")
            try await client.ask("Action: CoreSettings", id: "settings")
            let inbox = client.inbox
            let recorded = try Recording.received("c09")
            for event in [
                "QueueParams", "QueueMember", "QueueEntry", "QueueStatusComplete", "QueueSummary",
                "QueueSummaryComplete",
                "CoreShowChannel", "CoreShowChannelsComplete",
            ] {
                let ours = try #require(inbox.events(event).first, "\(event)")
                #expect(ours.names == recorded.first { $0.event == event }?.names)
            }
            #expect(inbox.events("QueueStatusComplete").map { $0["ListItems"] } == ["3", "0", "2"])
            #expect(inbox.events("QueueEntry").first?["Uniqueid"] == "id-2")
            #expect(inbox.events("QueueEntry").first?["CallerIDNum"] == "unknown")
            #expect(inbox.events("QueueSummary").first?["Available"] == "0")
            #expect(inbox.events("QueueSummary").first?["Callers"] == "1")
            // Two halves of each customer and one agent's channel.
            #expect(inbox.events("CoreShowChannelsComplete").first?["ListItems"] == "5")
            #expect(Set(inbox.events("CoreShowChannel").compactMap { $0["Linkedid"] }) == ["id-1", "id-2"])
            let misc = try Recording.received("a12")
            #expect(inbox.response("status")?.names == misc.first { $0["CoreStartupDate"] != nil }?.names)
            #expect(
                inbox.response("settings")?.headers.dropFirst(2)
                    == misc.first { $0["AMIversion"] != nil }?.headers.dropFirst(2))
            // Nothing but what was asked for.
            #expect(inbox.events("Newchannel").isEmpty)
        }
    }

    @Test("Members are paused, added and removed with the recorded answers and events")
    func members() async throws {
        try await withFloor { _, port in
            let client = try await FloorClient.login(port: port)
            #expect(
                try await client.ask("Action: QueuePause\nInterface: PJSIP/1001\nPaused: true\nReason: Lunch", id: "1")[
                    "Message"]
                    == "Interface paused successfully"
            )
            #expect(
                try await client.ask("Action: QueuePause\nInterface: PJSIP/1001\nPaused: false", id: "2")["Message"]
                    == "Interface unpaused successfully"
            )
            #expect(
                try await client.ask(
                    "Action: QueueAdd\nQueue: sales_1\nInterface: Local/1201@agents\nMemberName: Dyn", id: "3")[
                        "Message"]
                    == "Added interface to queue"
            )
            #expect(
                try await client.ask("Action: QueueRemove\nQueue: sales_1\nInterface: Local/1201@agents", id: "4")[
                    "Message"]
                    == "Removed interface from queue"
            )
            let inbox = try await client.wait { !$0.events("QueueMemberRemoved").isEmpty }
            #expect(inbox.events("QueueMemberPause").map { $0["PausedReason"] } == ["Lunch", ""])
            #expect(inbox.events("QueueMemberAdded").first?["MemberName"] == "Dyn")
        }
    }

    @Test("Time runs by itself, as fast as asked: ten minutes of floor in a moment")
    func speed() async throws {
        try await withFloor {
            $0.isClockManual = false
            $0.speed = 5000
            $0.world.talk = .constant(600)
        } _: { _, port in
            let client = try await FloorClient.login(port: port)
            try await client.ask("\(Self.originate)\nChannel: PJSIP/100@trunk\nChannelId: id-1", id: "o")
            let inbox = try await client.wait { $0.events("Hangup").count == 2 }
            #expect(inbox.events("AgentComplete").first?["TalkTime"] == "600")
        }
    }
}
