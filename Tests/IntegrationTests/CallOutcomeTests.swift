import DialerModel
import Foundation
import TestSupport
import Testing

extension RealAsteriskTests {
    /// Every way a call can end, on a real Asterisk.
    @Suite("Outcomes")
    struct CallOutcomeTests {
        /// What one number does and what must stand in the results file.
        struct Case: Sendable, CustomTestStringConvertible {
            var name: String
            var number: String
            var technology = "Local"
            var trunk = TestCustomer.context
            var status: Int
            var dialResult: Int
            var hangupCause: Int

            var testDescription: String { self.name }
        }

        static let cases: [Case] = [
            Case(name: "busy", number: TestCustomer.busy().number, status: 13, dialResult: 5, hangupCause: 17),
            Case(
                name: "congestion", number: TestCustomer.congested().number, status: 13, dialResult: 8, hangupCause: 34),
            Case(
                name: "no answer", number: TestCustomer.neverAnswers.number, status: 13, dialResult: 3, hangupCause: 19),
            Case(
                name: "refused with cause 17", number: TestCustomer.refuses(cause: 17).number, status: 13,
                dialResult: 5,
                hangupCause: 17),
            Case(
                name: "refused with cause 34", number: TestCustomer.refuses(cause: 34).number, status: 13,
                dialResult: 8,
                hangupCause: 34),
            Case(
                name: "unallocated number", number: TestCustomer.refuses(cause: 1).number, status: 13, dialResult: 0,
                hangupCause: 1),
            Case(name: "no such extension", number: "nosuch", status: 13, dialResult: 0, hangupCause: 0),
            Case(
                name: "unknown technology", number: "300", technology: "NoSuchTech", trunk: "trunk",
                status: 13, dialResult: 0, hangupCause: 0
            ),
            Case(
                name: "unknown endpoint", number: "300", technology: "PJSIP", trunk: "nobody",
                status: 13, dialResult: 0, hangupCause: 0
            ),
        ]

        @Test("a call that is not answered ends with jade's numbers", arguments: cases)
        func notAnswered(_ outcome: Case) async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let walk = try await Walk.create(
                    on: service,
                    numbers: [outcome.number],
                    planFields: #""max_retry_cnt_1": 1, "dial_timeout": 2000"#,
                    technology: outcome.technology,
                    trunk: outcome.trunk
                )
                try await walk.start()
                let lines = try await service.waitForResultLines(1)
                try await walk.waitUntilStopped()
                #expect(lines.count == 1)
                let line = try #require(lines.first)
                #expect(line["status"] == .integer(Int64(outcome.status)), "\(line)")
                #expect(line["res_dial"] == .integer(Int64(outcome.dialResult)), "\(line)")
                #expect(line["res_hangup"] == .integer(Int64(outcome.hangupCause)), "\(line)")
                #expect(line["answered"] == .bool(false))
                #expect(line["abandoned"] == .bool(false))
                let entry = try await service.get("/dls/\(walk.contacts[0])").result
                #expect(entry["res_dial"] == .integer(Int64(outcome.dialResult)))
                #expect(entry["res_hangup"] == .integer(Int64(outcome.hangupCause)))
                #expect(entry["trycnt_1"] == .integer(1))
                #expect(entry["status"] == .integer(0))
            }
        }

        @Test("a stop by force hangs every live call up and ends the campaign")
        func forcedStop() async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let walk = try await Walk.create(
                    on: service,
                    numbers: (0..<5).map { _ in TestCustomer.answersAndStays().number }
                        + (0..<3).map { _ in TestCustomer.neverAnswers.number }
                )
                try await walk.start()
                try await eventually("five calls are answered and three ring") {
                    let statistics = try await service.get("/campaigns/\(walk.campaign)/stats").result
                    return statistics["connected"] == .integer(5) && statistics["ringing"] == .integer(3)
                }
                try await walk.setStatus(30)
                try await walk.waitUntilStopped()
                let lines = try await service.waitForResultLines(8)
                #expect(lines.count == 8)
                #expect(lines.count { $0["res_dial"] == .integer(4) } == 5)
                #expect(Set(lines.compactMap { $0["uuid"]?.text }).count == 8)
                #expect(try await service.get("/dialings").result["list"] == .array([]))
            }
        }

        @Test("DELETE on a dialing hangs it up, also while it rings")
        func hangUpWhileRinging() async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let walk = try await Walk.create(on: service, numbers: [TestCustomer.neverAnswers.number])
                try await walk.start()
                var ringing: String?
                try await eventually("the call rings") {
                    let dialings = try await service.get("/dialings").result["list"]
                    guard case .array(let list) = dialings, let dialing = list.first, dialing["channel"]?.text != nil
                    else {
                        return false
                    }
                    ringing = dialing["uuid"]?.text
                    return true
                }
                let uuid = try #require(ringing)
                let answer = try await service.delete("/dialings/\(uuid)")
                #expect(answer.status == 200)
                #expect(answer.body["result"] == nil)
                let line = try #require(try await service.waitForResultLines(1).first)
                #expect(line["uuid"] == .string(uuid))
                #expect(line["status"] == .integer(13))
                #expect(try await service.delete("/dialings/\(uuid)").status == 404)
            }
        }

        @Test("nobody in the queue takes the call: abandoned")
        func abandoned() async throws {
            let deaf = AsteriskServer.Configuration(
                queues: [AsteriskServer.Queue("sales_1", agents: AsteriskServer.Agent.crew(1, .neverAnswers))]
            )
            try await AsteriskServer.with(deaf) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let walk = try await Walk.create(
                    on: service,
                    numbers: [TestCustomer.answers(talking: .seconds(4)).number],
                    queue: "sales_1"
                )
                try await walk.start()
                let line = try #require(try await service.waitForResultLines(1).first)
                #expect(line["status"] == .integer(7))
                #expect(line["res_dial"] == .integer(4))
                #expect(line["answered"] == .bool(true))
                #expect(line["abandoned"] == .bool(true))
                #expect(line["agent"] == .some(.null))
            }
        }

        @Test("numbers are tried in order, each as often as the plan says")
        func retries() async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let walk = try await Walk.create(
                    on: service,
                    numbers: [],
                    planFields: #""max_retry_cnt_1": 2, "max_retry_cnt_2": 3, "retry_delay": 0"#
                )
                let busy = TestCustomer.busy().number
                let contact = try await service.create(
                    "/dls",
                    #"{"dlma_uuid": "\#(walk.dlma)", "number_1": "\#(busy)", "number_2": "300"}"#
                )
                try await walk.start()
                let lines = try await service.waitForResultLines(3)
                try await walk.waitUntilStopped()
                #expect(try service.resultLines().count == 3)
                #expect(lines.map { $0["dial_index"] } == [.integer(1), .integer(1), .integer(2)])
                #expect(lines.map { $0["dial_trycnt"] } == [.integer(1), .integer(2), .integer(1)])
                #expect(lines.map { $0["res_dial"] } == [.integer(5), .integer(5), .integer(4)])
                let entry = try await service.get("/dls/\(contact)").result
                #expect(entry["trycnt_1"] == .integer(2))
                #expect(entry["trycnt_2"] == .integer(1))
            }
        }
    }
}
