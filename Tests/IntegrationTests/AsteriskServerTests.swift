import TestSupport
import Testing

extension RealAsteriskTests {
    @Suite("The test's Asterisk")
    struct AsteriskServerTests {
        @Test("boots, shows the tutorial's three agents, and stops")
        func bootsAndStops() async throws {
            try await AsteriskServer.with { asterisk in
                let session = try await ManagerSession.login(
                    port: asterisk.port, username: asterisk.username, secret: asterisk.secret
                )
                try session.send(["Action": "QueueStatus", "ActionID": "q"])
                let list = try await session.collect { $0["Event"] == "QueueStatusComplete" }
                let members = list.filter { $0["Event"] == "QueueMember" }
                #expect(members.map { $0["Name"] } == ["agent-01", "agent-02", "agent-03"])
                #expect(members.map { $0["Location"] } == (1...3).map { "Local/agent-0\($0)@agents/n" })
                #expect(members.allSatisfy { $0["Status"] == "1" && $0["Queue"] == "sales_1" })

                try await asterisk.stop()
                await #expect(throws: AsteriskServerError.self) { try await asterisk.session() }
            }
        }

        @Test(
            "has customers of every kind",
            arguments: [
                (TestCustomer.busy(), "Failure", "5"),
                (.congested(), "Failure", "8"),
                (.refuses(cause: 27), "Failure", "0"),
                (.neverAnswers, "Failure", "3"),
                (.answers(talking: .milliseconds(200)), "Success", "4"),
                (.tutorial(300), "Success", "4"),
            ]
        )
        func customers(_ customer: TestCustomer, response: String, reason: String) async throws {
            try await AsteriskServer.with { asterisk in
                let session = try await asterisk.session()
                try session.send([
                    "Action": "Originate", "Channel": customer.channel, "Application": "Park", "Timeout": "1000",
                    "Async": "true", "ChannelId": "00000000-0000-4000-8000-000000000001",
                ])
                let answer = try await session.next { $0["Event"] == "OriginateResponse" }
                #expect(answer["Response"] == response)
                #expect(answer["Reason"] == reason)
            }
        }

        @Test("hands an answered customer to an agent, who hangs up first")
        func agentHangsUp() async throws {
            let crew = AsteriskServer.Agent.crew(1, .answersAndHangsUp(talking: .milliseconds(300)))
            try await AsteriskServer.with(.init(queues: [.init("support", agents: crew)])) { asterisk in
                let session = try await asterisk.session()
                let channel = "00000000-0000-4000-8000-000000000001"
                try session.send([
                    "Action": "Originate", "Channel": TestCustomer.answersAndStays().channel,
                    "Context": "destinations", "Exten": "queue_support", "Priority": "1", "Async": "true",
                    "ChannelId": channel,
                ])
                let complete = try await session.next { $0["Event"] == "AgentComplete" }
                #expect(complete["MemberName"] == "agent-01")
                #expect(complete["Reason"] == "agent")
                // Asterisk leaves the caller's headers out when his channel was gone at that moment.
                #expect(complete["Uniqueid"] ?? channel == channel)
            }
        }

        @Test(
            "sends the dialer's user what the filters of config/ let through, and nothing else",
            arguments: [true, false])
        func filters(filtersEvents: Bool) async throws {
            try await AsteriskServer.with(.init(filtersEvents: filtersEvents)) { asterisk in
                let session = try await ManagerSession.login(
                    port: asterisk.port, username: asterisk.username, secret: asterisk.secret
                )
                try session.send([
                    "Action": "Originate", "Channel": TestCustomer.answers(talking: .milliseconds(500)).channel,
                    "Application": "Queue", "Data": "sales_1", "Async": "true",
                    "ChannelId": "00000000-0000-4000-8000-000000000001",
                ])
                var messages = try await session.collect {
                    $0["Event"] == "Hangup" && $0["Uniqueid"] == "00000000-0000-4000-8000-000000000001"
                }
                // app_queue tells of the end of the talk on its own: before the caller's Hangup, or after it.
                if !messages.contains(where: { $0["Event"] == "AgentComplete" }) {
                    messages += try await session.collect { $0["Event"] == "AgentComplete" }
                }
                let names = Set(messages.compactMap { $0["Event"] })
                let needed: Set = [
                    "Newchannel", "DialBegin", "DialEnd", "OriginateResponse", "QueueCallerJoin", "QueueCallerLeave",
                    "AgentCalled", "AgentConnect", "AgentComplete", "QueueMemberStatus", "Hangup",
                ]
                #expect(needed.subtracting(names).isEmpty)
                #expect(names.isDisjoint(with: ["Newstate", "BridgeEnter", "LocalBridge"]) == filtersEvents)
            }
        }

        @Test("may be killed and started again at the same port, beside another one")
        func restarts() async throws {
            try await AsteriskServer.with { first in
                try await AsteriskServer.with { second in
                    #expect(first.port != second.port)
                    let watcher = try await second.session()
                    try await first.restart(killing: true)
                    _ = try await first.session()
                    try await first.restart()
                    _ = try await first.session()
                    try watcher.send(["Action": "Ping"])
                    _ = try await watcher.next { $0["Ping"] == "Pong" }
                }
            }
        }
    }
}
