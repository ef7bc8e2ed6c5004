import DialerModel
import TestSupport
import Testing

extension RealAsteriskTests {
    /// Callers whom no agent takes in time, and where they are sent, on a real Asterisk.
    @Suite("Abandonment")
    struct AbandonmentTests {
        private static let empty = AsteriskServer.Configuration(queues: [AsteriskServer.Queue("empty_1", agents: [])])

        /// From where to where a caller is sent.
        struct Route: Sendable, CustomTestStringConvertible {
            var name: String
            /// The campaign's destination and the plan's `abandon_dest`, as JSON members.
            var destination: String
            var harbour: String

            var testDescription: String { self.name }
        }

        private static let queue = #""type": 1, "application": "queue", "data": "empty_1""#
        private static let queueExtension =
            #""type": 0, "context": "destinations", "exten": "queue_empty_1", "priority": "1", "queue": "empty_1""#
        private static let announcement = #""type": 0, "context": "destinations", "exten": "message", "priority": "1""#

        static let routes = [
            Route(name: "application to extension", destination: Self.queue, harbour: Self.announcement),
            Route(
                name: "application to application", destination: Self.queue,
                harbour: #""type": 1, "application": "Wait", "data": "2""#),
            Route(name: "extension to extension", destination: Self.queueExtension, harbour: Self.announcement),
            Route(
                name: "extension to application", destination: Self.queueExtension,
                harbour: #""type": 1, "application": "Wait", "data": "2""#),
        ]

        /// A plan's members: everybody at once, two seconds of grace.
        private func plan(harbour: String? = nil, mode: Int = 4) -> String {
            #""max_retry_cnt_1": 1, "dial_mode": \#(mode), "abandon_grace": 2"#
                + (harbour.map { #", "abandon_dest": "\#($0)""# } ?? "")
        }

        @Test(
            "a caller nobody takes within the grace time is sent to the safe harbour and hears it to the end",
            arguments: routes)
        func safeHarbour(_ route: Route) async throws {
            try await AsteriskServer.with(Self.empty) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let harbour = try await service.create("/destinations", #"{"name": "sorry", \#(route.harbour)}"#)
                let walk = try await Walk.create(
                    on: service, numbers: [TestCustomer.answersAndStays().number], target: route.destination,
                    planFields: self.plan(harbour: harbour)
                )
                try await walk.start()
                let line = try #require(try await service.waitForResultLines(1).first)
                try await walk.waitUntilStopped()
                #expect(line["abandoned"] == .bool(true), "\(line)")
                #expect(line["live"] == .bool(true))
                #expect(line["machine"] == .bool(false))
                #expect(line["diverted_to"] == .string(harbour))
                #expect(line["queue"] == .string("empty_1"))
                #expect(line["agent"] == .some(.null))
                // The dialplan hung up, not the customer, who would have stayed for ever.
                #expect(line["res_hangup"] == .integer(16))
                let wait = try #require(line["wait_seconds"]?.decimal)
                #expect(wait >= 2)
                #expect(try ResultsFileCheck.seconds(from: "tm_answer", to: "tm_end", in: line) >= wait + 1.9)
                let statistics = try await service.get("/campaigns/\(walk.campaign)/stats").result
                #expect(statistics["answered"] == .integer(1))
                #expect(statistics["abandoned"] == .integer(1))
                #expect(statistics["abandon_rate"]?.decimal == 1)
            }
        }

        @Test("a caller who hangs up within the grace time was not made to wait, and is no abandoned one")
        func leftInTime() async throws {
            try await AsteriskServer.with(Self.empty) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                // A grace time no machine is too slow for: the caller leaves after half a second.
                let walk = try await Walk.create(
                    on: service, numbers: [TestCustomer.answers(talking: .milliseconds(500)).number],
                    target: Self.queue,
                    planFields: #""max_retry_cnt_1": 1, "dial_mode": 4, "abandon_grace": 60"#
                )
                try await walk.start()
                let line = try #require(try await service.waitForResultLines(1).first)
                #expect(line["answered"] == .bool(true), "\(line)")
                #expect(line["abandoned"] == .bool(false))
                #expect(line["live"] == .bool(true))
                #expect(line["queue"] == .string("empty_1"))
                #expect(line["diverted_to"] == .some(.null))
            }
        }

        @Test(
            "a caller who hangs up after the grace time is abandoned; without a safe harbour the call stays in its queue"
        )
        func leftLate() async throws {
            try await AsteriskServer.with(Self.empty) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let walk = try await Walk.create(
                    on: service, numbers: [TestCustomer.answers(talking: .seconds(5)).number], target: Self.queue,
                    planFields: self.plan()
                )
                try await walk.start()
                let line = try #require(try await service.waitForResultLines(1).first)
                #expect(line["abandoned"] == .bool(true), "\(line)")
                #expect(line["diverted_to"] == .some(.null))
                let wait = try #require(line["wait_seconds"]?.decimal)
                #expect(wait >= 4.5)
            }
        }

        @Test("with one agent for two callers the agent keeps one, and the other goes to the safe harbour")
        func oneOfTwo() async throws {
            let floor = AsteriskServer.Configuration(
                queues: [AsteriskServer.Queue("empty_1", agents: AsteriskServer.Agent.crew(1))])
            try await AsteriskServer.with(floor) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let harbour = try await service.create("/destinations", #"{"name": "sorry", \#(Self.announcement)}"#)
                let walk = try await Walk.create(
                    on: service, numbers: (0..<2).map { _ in TestCustomer.answersAndStays().number },
                    target: Self.queue,
                    // Longer than any agent takes to pick up; the agent talks until the end of the test.
                    planFields:
                        #""max_retry_cnt_1": 1, "dial_mode": 4, "abandon_grace": 15, "abandon_dest": "\#(harbour)""#
                )
                try await walk.start()
                let sent = try #require(try await service.waitForResultLines(1).first)
                #expect(sent["abandoned"] == .bool(true), "\(sent)")
                #expect(sent["diverted_to"] == .string(harbour))
                let dialings = try await service.get("/dialings").result["list"]
                guard case .array(let list)? = dialings, let kept = list.first?["uuid"]?.text else {
                    throw TestFailure("the call with the agent is gone: \(String(describing: dialings))")
                }
                _ = try await service.delete("/dialings/\(kept)")
                let line = try #require(try await service.waitForResultLines(2).last)
                #expect(line["uuid"] == .string(kept))
                #expect(line["abandoned"] == .bool(false), "\(line)")
                #expect(line["agent"]?.text == "Local/agent-01@agents/n")
                #expect(line["diverted_to"] == .some(.null))
            }
        }

        @Test(
            "an agent whose phone rings when the grace time is over keeps the caller; when nobody picks up it is sent on"
        )
        func ringing() async throws {
            let floor = AsteriskServer.Configuration(
                queues: [
                    AsteriskServer.Queue(
                        "empty_1", agents: AsteriskServer.Agent.crew(1, .neverAnswers), ringSeconds: 4)
                ])
            try await AsteriskServer.with(floor) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let harbour = try await service.create("/destinations", #"{"name": "sorry", \#(Self.announcement)}"#)
                let walk = try await Walk.create(
                    on: service, numbers: [TestCustomer.answersAndStays().number], target: Self.queue,
                    planFields: self.plan(harbour: harbour)
                )
                try await walk.start()
                let line = try #require(try await service.waitForResultLines(1).first)
                #expect(line["abandoned"] == .bool(true), "\(line)")
                #expect(line["diverted_to"] == .string(harbour))
                #expect(try #require(line["wait_seconds"]?.decimal) >= 3.5)
            }
        }

        @Test("without the dialplan the call is placed and counted as ever, and the log says what to do")
        func noDialplan() async throws {
            var floor = Self.empty
            floor.includesMoveDialplan = false
            try await AsteriskServer.with(floor) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let harbour = try await service.create("/destinations", #"{"name": "sorry", \#(Self.announcement)}"#)
                let walk = try await Walk.create(
                    on: service, numbers: [TestCustomer.answers(talking: .seconds(5)).number], target: Self.queue,
                    planFields: self.plan(harbour: harbour)
                )
                try await walk.start()
                let line = try #require(try await service.waitForResultLines(1).first)
                #expect(line["abandoned"] == .bool(true), "\(line)")
                #expect(line["diverted_to"] == .some(.null))
                // Asterisk would have dropped it at the move.
                #expect(try #require(line["wait_seconds"]?.decimal) >= 4.5)
                #expect(service.tail(200).contains("include config/outpace-dialplan.conf"))
            }
        }

        @Test("a restarted service sends the calls it finds to the safe harbour")
        func afterRestart() async throws {
            try await AsteriskServer.with(Self.empty) { asterisk in
                let folder = ServiceUnderTest.makeFolder()
                let first = try await ServiceUnderTest.start(in: folder, beside: asterisk)
                let harbour = try await first.create("/destinations", #"{"name": "sorry", \#(Self.announcement)}"#)
                let walk = try await Walk.create(
                    on: first, numbers: [TestCustomer.neverAnswers.number], target: Self.queue,
                    planFields: self.plan(harbour: harbour) + #", "dial_timeout": 300000"#
                )
                try await walk.start()
                try await eventually("the call rings") {
                    try await first.get("/campaigns/\(walk.campaign)/stats").result["ringing"] == .integer(1)
                }
                await first.kill()
                let second = try await ServiceUnderTest.start(in: folder, beside: asterisk)
                defer { second.tearDown() }
                try await self.pickUp(TestCustomer.neverAnswers, at: asterisk)
                let line = try #require(try await second.waitForResultLines(1).first)
                #expect(line["answered"] == .bool(true), "\(line)")
                #expect(line["diverted_to"] == .string(harbour), "\(line)")
                #expect(line["abandoned"] == .bool(true))
            }
        }

        /// Makes a customer who lets it ring answer and stay after all.
        private func pickUp(_ customer: TestCustomer, at asterisk: AsteriskServer) async throws {
            let session = try await asterisk.session()
            try session.send(["Action": "CoreShowChannels", "ActionID": "list"])
            let listed = try await session.collect(within: .seconds(30)) { $0["Event"] == "CoreShowChannelsComplete" }
            let channel = try #require(
                listed.compactMap { $0["Channel"] }.first {
                    $0.hasPrefix("Local/\(customer.number)@") && $0.hasSuffix(";2")
                })
            try session.send([
                "Action": "Redirect", "ActionID": "answer", "Channel": channel, "Context": TestCustomer.context,
                "Exten": TestCustomer.answersAndStays(ringing: .zero).number, "Priority": "1",
            ])
            let answer = try await session.next(within: .seconds(30)) { $0["ActionID"] == "answer" }
            #expect(answer["Response"] == "Success", "\(answer)")
        }
    }
}
