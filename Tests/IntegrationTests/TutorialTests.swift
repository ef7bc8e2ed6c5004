import DialerModel
import Foundation
import OrderedCollections
import TestSupport
import Testing

extension RealAsteriskTests {
    /// The two walks of jade's tutorial, request by request, against a real Asterisk: the same fields, the same final values.
    @Suite("jade's tutorial")
    struct TutorialTests {
        @Test("the basic walk: the customer answers and is parked")
        func basicWalk() async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }

                let plan = try await service.create(
                    "/plans",
                    #"{"name":"basic tutorial plan", "detail":"test plan for basic tutorial", "tech_name": "Local", "trunk_name": "customers", "dial_mode":1}"#
                )
                let destination = try await service.create(
                    "/destinations",
                    #"{"name": "basic tutorial destination", "detail":"test pln for basic tutorial", "type":1, "application": "park"}"#
                )
                let dlma = try await service.create(
                    "/dlmas",
                    #"{"name": "basic tutorial dlma", "detail": "test dlma for basic tutorial"}"#
                )
                let contact = try await service.create(
                    "/dls",
                    #"{"dlma_uuid": "\#(dlma)", "name": "basic tutorial test customer 1", "detail": "test customer for basic tutorial", "number_1": "300"}"#
                )
                let campaign = try await service.create(
                    "/campaigns",
                    #"{"name": "basic tutorial campaign", "detail": "test campaign for basic tutorial", "plan": "\#(plan)", "dest": "\#(destination)", "dlma": "\#(dlma)"}"#
                )
                let started = try await service.put("/campaigns/\(campaign)", #"{"status": 1}"#)
                #expect(started.status == 200)
                #expect(started.result["status"] == .integer(1))

                let lines = try await service.waitForResultLines(1)
                try await service.waitForStatus(0, ofCampaign: campaign)
                #expect(try service.resultLines().count == 1)

                let entry = try await service.get("/dls/\(contact)").result
                #expect(entry["res_dial"] == .integer(4))
                #expect(entry["res_dial_detail"] == .string("Remote end has answered"))
                #expect(entry["res_hangup"] == .integer(16))
                #expect(entry["res_hangup_detail"] == .string("Normal Clearing"))
                #expect(entry["trycnt_1"] == .integer(1))
                #expect(entry["status"] == .integer(0))
                #expect(entry["dialing_uuid"] == .null)
                #expect(entry["dialing_camp_uuid"] == .null)
                #expect(entry["dialing_plan_uuid"] == .null)
                #expect(entry["tm_last_dial"]?.text != nil)
                #expect(entry["tm_last_hangup"]?.text != nil)

                let line = try #require(lines.first)
                try ResultsFileCheck.expectShape(of: try service.resultTexts().first)
                let uuid = try #require(line["uuid"]?.text)
                #expect(UUID(uuidString: uuid) != nil)
                #expect(line["name"] == .some(.null))
                #expect(line["status"] == .integer(7))
                #expect(line["action_id"]?.text?.isEmpty == false)
                #expect(line["channel"]?.text?.wholeMatch(of: /Local\/300@customers-[0-9a-f]{8};1/) != nil)
                #expect(line["res_dial"] == .integer(4))
                #expect(line["res_dial_detail"] == .string("Remote end has answered"))
                #expect(line["res_hangup"] == .integer(16))
                #expect(line["res_hangup_detail"] == .string("Normal Clearing"))
                #expect(line["uuid_camp"] == .string(campaign))
                #expect(line["uuid_plan"] == .string(plan))
                #expect(line["uuid_dlma"] == .string(dlma))
                #expect(line["uuid_dest"] == .string(destination))
                #expect(line["uuid_dl_list"] == .string(contact))
                #expect(line["dial_channel"] == .string("Local/300@customers/n"))
                #expect(line["dial_addr"] == .string("300"))
                #expect(line["dial_index"] == .integer(1))
                #expect(line["dial_trycnt"] == .integer(1))
                #expect(line["dial_timeout"] == .integer(30_000))
                #expect(line["dial_type"] == .integer(1))
                #expect(line["dial_application"] == .string("park"))
                #expect(line["dial_data"] == .string(""))
                #expect(line["dial_variables"] == .object([:]))
                for absent in [
                    "dial_context", "dial_exten", "dial_priority", "tm_delete", "agent", "queue", "wait_seconds",
                    "talk_seconds", "tm_queue", "tm_agent",
                ] {
                    #expect(line[absent] == .some(.null), "\(absent)")
                }
                #expect(line["answered"] == .bool(true))
                #expect(line["abandoned"] == .bool(false))
                #expect(line["pbx"] == .string("pbx1"))
                try ResultsFileCheck.expectOrder(
                    ["tm_create", "tm_dial_begin", "tm_answer", "tm_end", "tm_update"], in: line)
                #expect(line["tm_update"] == line["tm_end"])
                let talk = try ResultsFileCheck.seconds(from: "tm_answer", to: "tm_end", in: line)
                #expect((2.5...60).contains(talk), "the customer stays three seconds, not \(talk)")
                #expect(entry["tm_last_hangup"] == line["tm_end"])
                #expect(try await service.get("/dialings").result["list"] == .array([]))
            }
        }

        @Test("the queue walk: three customers, three agents, each talks to one of them")
        func queueWalk() async throws {
            // rrmemory rings one agent a caller, so the three callers are served side by side. ringall would ring all agents for the
            // first caller and let the others wait for it.
            let floor = AsteriskServer.Configuration(queues: [
                AsteriskServer.Queue("sales_1", agents: AsteriskServer.Agent.crew(3), strategy: "rrmemory")
            ])
            try await AsteriskServer.with(floor) { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let numbers = ["300", "301", "302"]
                let walk = try await Walk.create(on: service, numbers: numbers, queue: "sales_1")
                try await walk.start()

                let lines = try await service.waitForResultLines(3)
                try await walk.waitUntilStopped()
                #expect(try service.resultLines().count == 3)
                for text in try service.resultTexts() { try ResultsFileCheck.expectShape(of: text) }
                #expect(lines.compactMap { $0["dial_addr"]?.text }.sorted() == numbers)
                #expect(Set(lines.compactMap { $0["uuid"]?.text }).count == 3)
                for line in lines { try self.expectQueueLine(line, of: walk) }
                let crew = AsteriskServer.Agent.crew(3).map(\.interface)
                #expect(lines.compactMap { $0["agent"]?.text }.sorted() == crew)

                for contact in walk.contacts {
                    let entry = try await service.get("/dls/\(contact)").result
                    let line = lines.first { $0["uuid_dl_list"] == .string(contact) }
                    #expect(entry["res_dial"] == .integer(4))
                    #expect(entry["res_hangup"] == .integer(16))
                    #expect(entry["trycnt_1"] == .integer(1))
                    #expect(entry["tm_last_hangup"] == line?["tm_end"])
                }

                let statistics = try await service.get("/campaigns/\(walk.campaign)/stats").result
                #expect(statistics["dialed"] == .integer(3))
                #expect(statistics["answered"] == .integer(3))
                #expect(statistics["talked"] == .integer(3))
                #expect(statistics["abandoned"] == .integer(0))
                let abandoned = lines.count { $0["abandoned"] == .bool(true) }
                #expect(statistics["abandoned"] == .integer(Int64(abandoned)))
            }
        }

        /// Every field of a line of the queue walk.
        private func expectQueueLine(_ line: JSONValue, of walk: Walk) throws {
            let number = try #require(line["dial_addr"]?.text)
            #expect(line["name"] == .some(.null))
            #expect(line["status"] == .integer(7))
            #expect(line["action_id"]?.text?.isEmpty == false)
            #expect(line["channel"]?.text?.hasPrefix("Local/\(number)@customers-") == true)
            #expect(line["res_dial"] == .integer(4))
            #expect(line["res_dial_detail"] == .string("Remote end has answered"))
            #expect(line["res_hangup"] == .integer(16))
            #expect(line["res_hangup_detail"] == .string("Normal Clearing"))
            #expect(line["uuid_camp"] == .string(walk.campaign))
            #expect(line["uuid_plan"] == .string(walk.plan))
            #expect(line["uuid_dlma"] == .string(walk.dlma))
            #expect(line["uuid_dest"] == .string(walk.destination))
            #expect(walk.contacts.contains { line["uuid_dl_list"] == .string($0) })
            #expect(line["dial_channel"] == .string("Local/\(number)@customers/n"))
            #expect(line["dial_index"] == .integer(1))
            #expect(line["dial_trycnt"] == .integer(1))
            #expect(line["dial_timeout"] == .integer(30_000))
            #expect(line["dial_type"] == .integer(1))
            for absent in ["dial_context", "dial_exten", "dial_priority", "tm_delete"] {
                #expect(line[absent] == .some(.null), "\(absent)")
            }
            #expect(line["dial_application"] == .string("queue"))
            #expect(line["dial_data"] == .string("sales_1"))
            #expect(line["dial_variables"] == .object([:]))
            #expect(line["answered"] == .bool(true))
            #expect(line["queue"] == .string("sales_1"))
            #expect(line["pbx"] == .string("pbx1"))
            #expect(line["tm_update"] == line["tm_end"])
            try ResultsFileCheck.expectOrder(
                ["tm_create", "tm_dial_begin", "tm_answer", "tm_queue", "tm_agent", "tm_end"], in: line)
            // Whole milliseconds of the very times beside them.
            let wait = try #require(line["wait_seconds"]?.decimal)
            let talk = try #require(line["talk_seconds"]?.decimal)
            let waited = try ResultsFileCheck.seconds(from: "tm_answer", to: "tm_agent", in: line)
            let talked = try ResultsFileCheck.seconds(from: "tm_agent", to: "tm_end", in: line)
            #expect(abs(wait - waited) < 0.0011)
            #expect(talk > 0 && talk < talked + 0.0011)
            #expect((0...2).contains(wait), "an agent is free for each caller, who waited \(wait) s")
            #expect(line["abandoned"] == .bool(false))
            #expect((2.5...60).contains(waited + talked), "the customer stays three seconds, not \(waited + talked)")
        }
    }
}
