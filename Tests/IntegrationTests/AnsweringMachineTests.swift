import DialerModel
import TestSupport
import Testing

extension RealAsteriskTests {
    /// What Asterisk's AMD finds, and what becomes of it, on a real Asterisk.
    @Suite("Answering machines")
    struct AnsweringMachineTests {
        private static let destination =
            #""type": 0, "context": "destinations", "exten": "amd_sales_1", "priority": "1", "queue": "sales_1""#
        private static let announcement = #""type": 0, "context": "destinations", "exten": "message", "priority": "1""#

        /// Starts a campaign that listens first, and returns its one result line.
        private func line(
            _ customer: TestCustomer,
            handling: String,
            machineDestination: String? = nil,
            pickingUp: Duration = .seconds(8),
            filtersEvents: Bool = true
        ) async throws -> (line: JSONValue, machineDestination: String?, statistics: JSONValue) {
            // Agents who hang up by themselves, so that a call they have ends, and who let it ring as long as a slow machine needs to
            // take a call away from them.
            let crew = AsteriskServer.Agent.crew(
                2, .answersAndHangsUp(after: pickingUp, talking: .seconds(1)))
            let floor = AsteriskServer.Configuration(
                queues: [AsteriskServer.Queue("sales_1", agents: crew, ringSeconds: 30)], filtersEvents: filtersEvents)
            return try await AsteriskServer.with(floor) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                var fields = #""max_retry_cnt_1": 1, "pacing": "progressive", "machine_handle": "\#(handling)""#
                var other: String?
                if let machineDestination {
                    let uuid = try await service.create("/destinations", #"{"name": "note", \#(machineDestination)}"#)
                    fields += #", "machine_dest": "\#(uuid)""#
                    other = uuid
                }
                let walk = try await Walk.create(
                    on: service, numbers: [customer.number], target: Self.destination, planFields: fields)
                try await walk.start()
                let line = try #require(try await service.waitForResultLines(1).first)
                try await walk.waitUntilStopped()
                let statistics = try await service.get("/campaigns/\(walk.campaign)/stats").result
                return (line, other, statistics)
            }
        }

        @Test("a machine is hung up before it reaches an agent", arguments: [true, false])
        func hungUp(filtersEvents: Bool) async throws {
            let (line, _, statistics) = try await self.line(
                .machine(), handling: "hangup", filtersEvents: filtersEvents)
            #expect(line["amd_status"] == .string("MACHINE"), "\(line)")
            #expect(line["amd_cause"] == .string("LONGGREETING-1500-1500"))
            #expect(line["machine"] == .bool(true))
            #expect(line["live"] == .bool(false))
            #expect(line["abandoned"] == .bool(false))
            #expect(line["answered"] == .bool(true))
            #expect(line["agent"] == .some(.null))
            #expect(line["diverted_to"] == .some(.null))
            #expect(line["res_hangup"] == .integer(16))
            #expect(statistics["answered"] == .integer(1))
            #expect(statistics["abandoned"] == .integer(0))
            #expect(statistics["talked"] == .integer(0))
        }

        @Test(
            "a machine is sent to its own destination, which it hears to the end",
            arguments: [announcement, #""type": 1, "application": "Wait", "data": "2""#])
        func diverted(target: String) async throws {
            let (line, destination, _) = try await self.line(
                .machine(), handling: "divert", machineDestination: target)
            #expect(line["machine"] == .bool(true), "\(line)")
            #expect(line["amd_status"] == .string("MACHINE"))
            #expect(line["amd_cause"] == .string("LONGGREETING-1500-1500"))
            #expect(line["diverted_to"] == destination.map { .string($0) })
            #expect(line["abandoned"] == .bool(false))
            #expect(line["agent"] == .some(.null))
            #expect(line["res_hangup"] == .integer(16))
            // AMD listens for two seconds of sound, the message is two seconds long.
            #expect(try ResultsFileCheck.seconds(from: "tm_answer", to: "tm_end", in: line) >= 3.5)
        }

        @Test("a machine is connected like a person where the plan says so, and still is told from one")
        func connected() async throws {
            let (line, _, statistics) = try await self.line(
                .machine(), handling: "connect", pickingUp: .milliseconds(100))
            #expect(line["machine"] == .bool(true), "\(line)")
            #expect(line["live"] == .bool(false))
            #expect(line["amd_status"] == .string("MACHINE"))
            #expect(line["agent"]?.text?.hasPrefix("Local/agent-0") == true)
            #expect(line["diverted_to"] == .some(.null))
            #expect(statistics["talked"] == .integer(1))
        }

        @Test("a person goes to an agent, whatever is done with machines", arguments: ["hangup", "divert"])
        func person(handling: String) async throws {
            let target = handling == "divert" ? Self.announcement : nil
            let (line, _, statistics) = try await self.line(
                .greets(), handling: handling, machineDestination: target, pickingUp: .milliseconds(100))
            #expect(line["amd_status"] == .string("HUMAN"), "\(line)")
            #expect(line["amd_cause"] == .string("HUMAN-800-800"))
            #expect(line["machine"] == .bool(false))
            #expect(line["live"] == .bool(true))
            #expect(line["agent"]?.text?.hasPrefix("Local/agent-0") == true)
            #expect(line["diverted_to"] == .some(.null))
            #expect(statistics["talked"] == .integer(1))
        }
    }
}
