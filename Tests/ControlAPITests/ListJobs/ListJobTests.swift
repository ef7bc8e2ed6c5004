import DialerModel
import DialerStore
import Foundation
import HTTPTypes
import HummingbirdTesting
import PostgresClient
import Testing

@testable import ControlAPI

@Suite("Jobs of lists")
struct ListJobTests {
    /// A list with contacts whose last calls ended in these ways.
    private func list(_ api: APIHarness, results: [Int]) async throws -> String {
        let list = try await api.client.create("/dlmas")
        for (place, result) in results.enumerated() {
            let contact = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","number_1":"30\#(place)"}"#)
            let body = #"{"res_dial":\#(result),"trycnt_1":2,"tm_last_hangup":"2018-03-0\#(place + 1)T10:00:00"}"#
            let changed = try await api.client(.put, "/dls/\(contact)", body)
            guard changed.status == 200 else { throw UnexpectedAnswer(answer: changed) }
        }
        return list
    }

    /// The numbers of a list's contacts without a try.
    private func fresh(_ api: APIHarness, _ list: String) async throws -> [String] {
        try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            .filter { $0["trycnt_1"] == 0 }.compactMap { $0["number_1"]?.stringValue }
    }

    @Test("A small job is done when it is answered, at every path", arguments: ["", "/ob", "/v1/ob"])
    func answer(prefix: String) async throws {
        try await APIHarness.run { api in
            let list = try await self.list(api, results: [5, 3, 4])
            let answer = try await api.client(
                .post, "\(prefix)/dlmas/\(list)/recycle", #"{"res_dial":["busy",3,"failed"],"until":"2018-03-09"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(
                answer.resultKeys == [
                    "uuid", "kind", "dlma_uuid", "target", "reset", "filter", "status", "contacts_total",
                    "contacts_seen", "contacts_changed", "contacts_waiting", "contacts_per_second", "seconds_left",
                    "message", "tm_create", "tm_start", "tm_end",
                ])
            #expect(answer.result["kind"] == "recycle" && answer.result["reset"] == "tries")
            #expect(answer.result["dlma_uuid"] == .string(list))
            #expect(answer.result["status"] == "done")
            #expect(answer.result["contacts_total"] == 3 && answer.result["contacts_changed"] == 2)
            #expect(
                answer.result["filter"]?.text
                    == #"{"status":null,"res_dial":["no_answer","busy","failed"],"tried":null,"since":null,"#
                    + #""until":"2018-03-09T00:00:00.000000000Z"}"#)
            #expect(try await self.fresh(api, list) == ["300", "301"])
            #expect(try await api.client(.get, "\(prefix)/jobs/\(answer.uuid)").result == answer.result)
            #expect(try await api.client(.get, "\(prefix)/jobs").list == [answer.result])
            let late = try await api.client(.delete, "\(prefix)/jobs/\(answer.uuid)")
            #expect(late.status == 409 && late.message.contains("is done already"))
        }
    }

    @Test(
        "Results go by their names, and an answered contact only by its own",
        arguments: [
            (#"["all"]"#, ["300", "301", "302", "304", "305"]), (#""failed""#, ["304", "305"]), ("5", ["300"]),
            (#"["answered"]"#, ["303"]), (#"["all","answered"]"#, ["300", "301", "302", "303", "304", "305"]),
            (#"["congested","no_answer"]"#, ["301", "302"]), ("[7]", ["304"]),
        ])
    func results(names: String, taken: [String]) async throws {
        try await APIHarness.run { api in
            let list = try await self.list(api, results: [5, 3, 8, 4, 7, 0])
            let answer = try await api.client(
                .post, "/dlmas/\(list)/recycle", #"{"res_dial":\#(names),"reset":"all"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try await self.fresh(api, list) == taken)
            let contact = try #require(
                try await api.client(.get, "/dls?dlma_uuid=\(list)").list.first { $0["trycnt_1"] == 0 })
            #expect(contact["tm_last_hangup"] == .null && contact["res_dial"] == 0)
        }
    }

    @Test("Contacts are moved and deleted by what they are")
    func moveAndPurge() async throws {
        try await APIHarness.run { api in
            let list = try await self.list(api, results: [5, 3, 4])
            let target = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let moved = try await api.client(
                .post, "/dlmas/\(list)/move",
                #"{"target":"\#(target)","res_dial":"answered","status":0,"tried":true,"since":"2018-03-03T10:00:00Z"}"#
            )
            #expect(moved.status == 200, "\(moved.text)")
            #expect(moved.result["kind"] == "move" && moved.result["target"] == .string(target))
            #expect(moved.result["contacts_changed"] == 1)
            let there = try await api.client(.get, "/dls?dlma_uuid=\(target)").list
            // As it is dialed, whatever the other list makes of numbers that come to it.
            #expect(there.map { $0["number_1"] } == ["302"])
            #expect(there.map { $0["trycnt_1"] } == [2])
            var purged = try await api.client(.post, "/dlmas/\(list)/purge", #"{"tried":0}"#)
            #expect(purged.status == 200 && purged.result["contacts_changed"] == 0)
            purged = try await api.client(.post, "/dlmas/\(list)/purge", "{}")
            #expect(purged.result["kind"] == "delete" && purged.result["contacts_changed"] == 2)
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
            #expect(try await api.client(.get, "/dlmas/\(list)").status == 200)
        }
    }

    @Test("A wrong request is refused, and the message names the field")
    func errors() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let other = UUID().uuidString.lowercased()
            let cases: [(path: String, body: String, status: Int, text: String)] = [
                ("recycle", "{}", 400, "res_dial: required"),
                ("recycle", "", 400, "the body is empty"),
                ("recycle", #"{"res_dial":[]}"#, 400, "res_dial: expected 1 to 100 values"),
                ("recycle", #"{"res_dial":["busy","lazy"]}"#, 400, "res_dial[1]: expected a whole number"),
                ("recycle", #"{"res_dial":-1}"#, 400, "res_dial: expected a whole number"),
                ("recycle", #"{"res_dial":[true]}"#, 400, "res_dial[0]: expected"),
                ("recycle", #"{"res_dial":5,"reset":"some"}"#, 400, "reset: expected tries or all"),
                ("recycle", #"{"res_dial":5,"target":null}"#, 400, #""target": unknown field"#),
                ("recycle", #"{"res_dial":5,"since":"soon"}"#, 400, "since: expected an instant"),
                (
                    "recycle", #"{"res_dial":5,"since":"2018-03-02","until":"2018-03-02"}"#, 400,
                    "until: must be later than since"
                ),
                ("move", "{}", 400, "target: required"),
                ("move", #"{"target":"x"}"#, 400, "target: expected a list's uuid"),
                ("move", #"{"target":"\#(list)"}"#, 400, "target: the contacts are on this list already"),
                ("move", #"{"target":"\#(other)"}"#, 400, "target: there is no"),
                ("purge", #"{"status":1}"#, 400, "status: expected 0 (idle) or 2 (reserved)"),
                ("purge", #"{"status":[0,"2"]}"#, 400, "status[1]: expected"),
                ("purge", #"{"tried":"yes"}"#, 400, "tried: expected 0 or 1"),
                ("purge", #"{"reset":"all"}"#, 400, #""reset": unknown field"#),
            ]
            for (path, body, status, text) in cases {
                let answer = try await api.client(.post, "/dlmas/\(list)/\(path)", body)
                #expect(answer.status == status, "\(body): \(answer.text)")
                #expect(answer.message.contains(text), "\(body): \(answer.message)")
            }
            for path in ["recycle", "move", "purge"] {
                let body = #"{"res_dial":5\#(path == "move" ? #","target":"\#(list)""# : "")}"#
                let answer = try await api.client(.post, "/dlmas/\(other)/\(path)", body)
                #expect(answer.status == 404, "\(answer.text)")
            }
            for method in [HTTPRequest.Method.get, .delete] {
                let answer = try await api.client(method, "/jobs/\(other)")
                #expect(answer.status == 404 && answer.message.contains("there is no job \(other)"))
            }
            #expect(try await api.client(.get, "/jobs").list.isEmpty)
        }
    }

    /// A contact that is said to be in a call, which the test begins and ends.
    private func setDialing(_ isDialing: Bool, _ api: APIHarness, _ list: String) async throws {
        let uuid = try #require(UUID(wire: list))
        try await api.postgres.execute(
            "UPDATE dial_list_entry SET status = \(isDialing ? 1 : 0)::smallint WHERE dlma_uuid = \(uuid)")
    }

    @Test("A job that has to wait is answered 202, keeps others from the list, and is done in its time")
    func waiting() async throws {
        try await APIHarness.run(.live) { api in
            let list = try await self.list(api, results: [5])
            try await self.setDialing(true, api, list)
            let answer = try await api.client(.post, "/dlmas/\(list)/purge", #"{"res_dial":["busy"]}"#)
            #expect(answer.status == 202)
            #expect(answer.result["status"] == "running" && answer.result["contacts_waiting"] == 1)
            let other = try await api.client(.post, "/dlmas/\(list)/recycle", #"{"res_dial":"all"}"#)
            #expect(other.status == 409)
            #expect(other.message.contains("delete job \(answer.uuid)") && other.message.contains("DELETE /jobs/"))
            try await self.setDialing(false, api, list)
            let done = try await Poll.until {
                try await api.client(.get, "/jobs/\(answer.uuid)").result
            } holds: {
                $0["status"] == "done"
            }
            #expect(done["contacts_changed"] == 1 && done["contacts_waiting"] == 0)
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
        }
    }

    @Test("A job is cancelled, and the list is free for another")
    func cancelling() async throws {
        try await APIHarness.run { api in
            let list = try await self.list(api, results: [5])
            try await self.setDialing(true, api, list)
            let job = try await api.client(.post, "/dlmas/\(list)/purge", "{}")
            #expect(job.status == 202)
            let cancelled = try await api.client(.delete, "/jobs/\(job.uuid)")
            #expect(cancelled.status == 200)
            #expect(cancelled.result["status"] == "cancelled" && cancelled.result["contacts_waiting"] == 0)
            #expect(cancelled.result["message"] == "cancelled on request")
            #expect(try await api.client(.delete, "/jobs/\(job.uuid)").status == 409)
            try await self.setDialing(false, api, list)
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.count == 1)
            #expect(try await api.client(.post, "/dlmas/\(list)/purge", "{}").result["contacts_changed"] == 1)
        }
    }

    @Test("The contacts of a deleted list are gone with it, even one in a call")
    func deletedList() async throws {
        try await APIHarness.run { api in
            let list = try await self.list(api, results: [5])
            let contact = try #require(
                try await api.client(.get, "/dls?dlma_uuid=\(list)").list.first?["uuid"]?.stringValue)
            try await self.setDialing(true, api, list)
            #expect(try await api.client(.delete, "/dlmas/\(list)?delete_dls=1").status == 200)
            #expect(try await api.client(.get, "/dls/\(contact)").status == 404)
            #expect(try await api.client(.put, "/dls/\(contact)", #"{"name":"x"}"#).status == 404)
            #expect(try await api.client(.delete, "/dls/\(contact)").status == 404)
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
            let job = try #require(try await api.client(.get, "/jobs").list.first)
            #expect(job["kind"] == "delete" && job["status"] == "running")
            let refused = try await api.client(.delete, "/jobs/\(job["uuid"]?.stringValue ?? "")")
            #expect(refused.status == 409 && refused.message.contains("deleted list"))
        }
    }

    @Test("The desk folds the counts, goes on with what waits, and ends a job that cannot be done")
    func desk() async throws {
        try await APIHarness.run { api in
            let desk = ListJobDesk(
                jobs: api.store.listJobs, counts: api.store.listCounts, logger: APIHarness.logger)
            let list = try #require(UUID(wire: try await self.list(api, results: [5, 3])))
            let job = try await api.store.listJobs.create(UUID(), .recycle(isWhole: false), of: list)
            #expect(try await !desk.turn())
            let folded = try await api.postgres.query(
                "SELECT sum(contacts)::bigint FROM list_count WHERE dlma = \(list)")[0]
            #expect(try folded.decode(Int.self, at: 0) == 2)
            #expect(try await api.store.listJobs.find(job.uuid)?.status == .done)

            try await api.postgres.execute("ALTER TABLE dial_list_entry ADD CONSTRAINT odd CHECK (in_use)")
            let bad = try await api.store.listJobs.create(UUID(), .delete, of: list)
            _ = try await desk.turn()
            let failed = try #require(try await api.store.listJobs.find(bad.uuid))
            #expect(failed.status == .failed && failed.message != nil && failed.changed == 0)
            #expect(try await !desk.turn())
        }
    }
}
