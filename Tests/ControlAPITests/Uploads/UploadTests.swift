import DialerModel
import DialerStore
import HTTPTypes
import PostgresClient
import Testing

@Suite struct UploadTests {
    private func rows(_ count: Int, from first: Int = 0) -> String {
        (first..<first + count).map { "Name \($0);\(100_000 + $0)\n" }.joined()
    }

    @Test func aCSVFileBecomesContactsInItsOrder() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let answer = try await api.client(
                .post, "/dlmas/\(list)/dls?name=crm.csv",
                "\u{FEFF}Name;Phone;Kundennummer;Town\r\nAda;300;k1;\"Bad \"\"X\"\"\r\nBonn\"\r\nBob;301;k2;Köln\r\n",
                headers: [.contentType: "text/csv"]
            )
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.result["status"] == "done")
            #expect(answer.result["name"] == "crm.csv")
            #expect(answer.result["rows_read"] == 2)
            #expect(answer.result["rows_loaded"] == 1)
            #expect(answer.result["rows_rejected"] == 1)
            #expect(answer.result["rejects"]?.arrayValue?.first?["line"] == 2)
            let contacts = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(contacts.map { $0["name"] } == ["Bob"])
            #expect(contacts.first?["number_1"] == "301")
            #expect(contacts.first?["ukey"] == "k2")
            #expect(contacts.first?["variables"] == ["Town": "Köln"])
            #expect(contacts.first?["status"] == 0)
        }
    }

    @Test func ndjsonAndArraysAreTaken() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            for (body, type) in [
                ("{\"number_1\":\"300\"}\n{\"number_1\":\"301\"}\n", "application/x-ndjson"),
                ("[{\"number_1\":\"302\"},{\"number_1\":303}]", "application/json"),
                ("number_1\n304\n", "application/x-www-form-urlencoded"),
            ] {
                let answer = try await api.client(.post, "/dlmas/\(list)/dls", body, headers: [.contentType: type])
                #expect(answer.result["status"] == "done", "\(answer.text)")
            }
            let contacts = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(contacts.map { $0["number_1"] } == ["300", "301", "302", "303", "304"])
        }
    }

    @Test func aLargeFileKeepsItsOrderThroughEveryPiece() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let body = "name;number_1\n" + self.rows(40_000)
            let answer = try await api.client(.post, "/dlmas/\(list)/dls?async=0", body)
            #expect(answer.result["rows_loaded"] == 40_000, "\(answer.text)")
            let first = try await api.client(.get, "/dls?dlma_uuid=\(list)&limit=3")
            #expect(first.list.map { $0["number_1"] } == ["100000", "100001", "100002"])
            var last: JSONValue?
            var cursor = first.nextCursor
            while let from = cursor {
                let page = try await api.client(.get, "/dls?dlma_uuid=\(list)&limit=10000&cursor=\(from)")
                for contact in page.list {
                    #expect((last?.stringValue ?? "") < contact["number_1"]?.stringValue ?? "")
                    last = contact["number_1"]
                }
                cursor = page.nextCursor
            }
            #expect(last == "139999")
        }
    }

    @Test func aFileGivesPrioritiesAndTheListPlaces() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"dial_order":"random","order_seed":5}"#)
            let answer = try await api.client(
                .post, "/dlmas/\(list)/dls", "phone,Priority\n300,9\n301,\n302,ten\n303,3\n")
            #expect(answer.result["rows_loaded"] == 3, "\(answer.text)")
            let contacts = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(contacts.map { $0["priority"] } == [9, 0, 3])
            let placed = try await api.postgres.query(
                "SELECT count(*) FROM dial_list_entry WHERE rank = contact_rank('random', 5, uuid)")[0]
            #expect(try placed.decode(Int.self, at: 0) == 3)
            let file = try await api.client(.get, "/dlmas/\(list)/dls?columns=number_1,priority")
            #expect(file.text == "number_1,priority\n300,9\n301,0\n303,3\n")
        }
    }

    /// The order changes while rows are on their way into the list, where whoever changes it cannot see them.
    @Test func anOrderThatChangesDuringALoadHoldsForItsRows() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"dial_order":"random"}"#)
            let body = "number_1\n" + (0..<2_000).map { "\(100_000 + $0)\n" }.joined()
            try await withThrowingTaskGroup(of: Answer.self) { group in
                try await api.postgres.withTransaction { transaction in
                    try await transaction.query("LOCK TABLE dial_list_entry IN SHARE MODE")
                    group.addTask { try await api.client(.post, "/dlmas/\(list)/dls?async=0", body) }
                    // It has read the list's order, and wants to insert.
                    _ = try await Poll.until {
                        try await api.postgres.query(
                            """
                            SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                            WHERE d.datname = current_database() AND l.relation = 'dial_list_entry'::regclass AND NOT l.granted
                            """
                        ).count
                    } holds: {
                        $0 > 0
                    }
                    _ = try await api.client(.put, "/dlmas/\(list)", #"{"order_seed":77}"#)
                }
                for try await answer in group { #expect(answer.result["rows_loaded"] == 2_000, "\(answer.text)") }
            }
            while try await api.store.dlmas.rearrange() {}
            let placed = try await api.postgres.query(
                "SELECT count(*) FROM dial_list_entry WHERE rank = contact_rank('random', 77, uuid)")[0]
            #expect(try placed.decode(Int.self, at: 0) == 2_000)
        }
    }

    @Test func numbersAreCleanedByTheListsRegion() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let answer = try await api.client(
                .post, "/dlmas/\(list)/dls", "phone,name\n030 / 90 18 20,A\n110,B\n0900 1234567,C\n+1 202-456-1111,D\n")
            #expect(answer.result["rows_loaded"] == 2)
            let reasons = answer.result["rejects"]?.arrayValue?.compactMap { $0["reason"]?.stringValue } ?? []
            #expect(reasons == ["\"110\" is an emergency number in DE", "\"0900 1234567\" is a premium rate number"])
            let contacts = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(contacts.map { $0["number_1"] } == ["+4930901820", "+12024561111"])
            #expect(contacts.first?["number_originals"] == ["1": "030 / 90 18 20"])
            let one = try await api.client(.post, "/dls", #"{"dlma_uuid":"\#(list)","number_1":"030/901820"}"#)
            #expect(one.result["number_1"] == "+4930901820")
            let refused = try await api.client(.put, "/dls/\(one.uuid)", #"{"number_2":"112"}"#)
            #expect(refused.status == 400)
            #expect(refused.message == "number_2: \"112\" is an emergency number in DE")
        }
    }

    @Test func aRegionThatIsNoneIsRefused() async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.post, "/dlmas", #"{"default_region":"XQ"}"#)
            #expect(answer.status == 400)
            #expect(answer.message.hasPrefix("default_region: no numbers are known of \"XQ\""))
            let list = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            #expect(try await api.client(.put, "/dlmas/\(list)", #"{"default_region":"ZZ"}"#).status == 400)
            #expect(try await api.client(.put, "/dlmas/\(list)", #"{"number_format":"pretty"}"#).status == 400)
            #expect(try await api.client(.put, "/dlmas/\(list)", #"{"default_region":null}"#).status == 200)
        }
    }

    @Test func abortLoadsNothingUnlessAllIsGood() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let bad = try await api.client(.post, "/dlmas/\(list)/dls?on_error=abort", "number_1\n300\n30 1\n")
            #expect(bad.status == 422)
            #expect(bad.message.contains("1 of 2 rows are refused"))
            #expect(bad.message.contains("line 3: number_1:"))
            #expect(bad.result["status"] == "failed")
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
            let good = try await api.client(.post, "/dlmas/\(list)/dls?on_error=abort", "number_1\n300\n301\n")
            #expect(good.result["rows_loaded"] == 2)
        }
    }

    @Test func aDryRunReportsAndLoadsNothing() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let answer = try await api.client(.post, "/dlmas/\(list)/dls?dry_run=1", "number_1\n300\n30 1\n")
            #expect(answer.status == 200)
            #expect(answer.result["rows_read"] == 2)
            #expect(answer.result["rows_rejected"] == 1)
            #expect(answer.result["rows_loaded"] == 0)
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
        }
    }

    @Test(arguments: [
        ("format=xml", "", "one of csv, ndjson, json"), ("delimiter=x", "", "comma, semicolon, tab or pipe"),
        ("on_error=stop", "", "skip, abort"), ("map=phone", "", "COLUMN:FIELD"),
        ("duplicates=merge", "", "skip, update, error"),
        ("duplicate_key=ukey", "", "duplicates is missing"), ("async=maybe", "", "0 or 1"),
        ("", "name,town\nA,B\n", "no column holds a number"), ("", "", "the file is empty"),
        ("", "[{\"number_1\":\"300\"}", "not closed"), ("format=json", "number_1\n300\n", "expected the array's ["),
    ])
    func whatIsWrongIsSaid(query: String, body: String, reason: String) async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let answer = try await api.client(.post, "/dlmas/\(list)/dls?\(query)", body)
            #expect(answer.status == 400)
            #expect(answer.message.contains(reason), "\(answer.message)")
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)").list.isEmpty)
            #expect(try await api.stagingTables() == 0)
        }
    }

    @Test func aListThatIsNotThereTakesNoFile() async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(
                .post, "/dlmas/6cdb2c8e-1c80-4a55-ae6c-7bb9a9c07a3c/dls", "number_1\n300\n")
            #expect(answer.status == 404)
            #expect(try await api.client(.post, "/dlmas/x/dls", "number_1\n300\n").status == 404)
            let list = try await api.client.create("/dlmas")
            let encoded = try await api.client(
                .post, "/dlmas/\(list)/dls", "number_1\n300\n", headers: [.contentEncoding: "br"])
            #expect(encoded.status == 415)
        }
    }

    @Test func nothingOfAnUploadIsLeftBehindButItsReport() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let answer = try await api.client(.post, "/dlmas/\(list)/dls", "number_1\n300\n30 1\n")
            let report = try await api.client(.get, "/uploads/\(answer.uuid)")
            #expect(report.result["rows_loaded"] == 1)
            #expect(report.result["rejects"] == answer.result["rejects"])
            #expect(try await api.client(.get, "/uploads").list.map { $0["uuid"]?.stringValue } == [answer.uuid])
            #expect(try await api.client(.get, "/uploads/6cdb2c8e-1c80-4a55-ae6c-7bb9a9c07a3c").status == 404)
            #expect(try await api.stagingTables() == 0)
        }
    }
}
