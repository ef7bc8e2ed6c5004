import DialerModel
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import PostgresClient
import TestSupport
import Testing

@Suite("Exports")
struct ExportTests {
    /// Contacts with everything that quoting and spreadsheets stumble over.
    private func hostileList(_ api: APIHarness) async throws -> String {
        let list = try await api.client.create("/dlmas")
        for body in [
            #"{"name":"=cmd|' /C calc'!A0","number_1":"+4930123","ukey":"a,b;\"c\"","detail":"two\r\nlines"}"#,
            #"{"name":"Ünï 漢字 😀","number_2":"300","email":"-1","variables":{"A":"x \"y\"","B":"=1"}}"#,
            #"{"name":"'quoted'","priority":6,"number_1":"+=1","number_8":"*21#","resv_target":"@me","detail":"\\ \t \\N \\."}"#,
        ] {
            _ = try await api.client.create(
                "/dls", body.replacing("{\"name\"", with: "{\"dlma_uuid\":\"\(list)\",\"name\"", maxReplacements: 1))
        }
        return list
    }

    @Test("NDJSON has the objects of GET /dls, field for field")
    func sameObjects() async throws {
        try await APIHarness.run { api in
            let list = try await self.hostileList(api)
            try await api.postgres.execute(
                """
                UPDATE dial_list_entry SET tm_last_hangup = '2026-03-01 08:00:00.25+01', res_dial = 3, trycnt_2 = 2,
                    number_originals = '{"2":"0 300"}', res_dial_detail = 'no answer' WHERE number_2 = '300'
                """
            )
            let file = try await api.client(.get, "/dlmas/\(list)/dls?format=ndjson")
            #expect(file.status == 200)
            #expect(file.headers[.contentType] == "application/x-ndjson")
            let objects = try file.text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8)) }
            let shown = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(shown.count == 3)
            #expect(objects == shown)
        }
    }

    @Test("what is exported as CSV can be uploaded again, and nothing in it is a formula")
    func roundTrip() async throws {
        try await APIHarness.run { api in
            let list = try await self.hostileList(api)
            let file = try await api.client(.get, "/ob/dlmas/\(list)/dls")
            #expect(file.status == 200)
            #expect(file.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(file.headers[.contentDisposition] == "attachment; filename=\"contacts-\(list).csv\"")
            #expect(file.text.hasPrefix("uuid,dlma_uuid,in_use,name,detail,status,"))
            #expect(file.text.contains("'=cmd|"))
            #expect(file.text.contains(",+4930123,"))
            #expect(file.text.contains(",'+=1,"))
            let copy = try await api.client.create("/dlmas")
            let upload = try await api.client(.post, "/dlmas/\(copy)/dls?on_error=abort", file.text)
            #expect(upload.result["rows_loaded"] == 3, "\(upload.text)")
            let before = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            let after = try await api.client(.get, "/dls?dlma_uuid=\(copy)").list
            let fields = [
                "name", "ukey", "email", "resv_target", "variables", "number_1", "number_2", "number_8", "priority",
            ]
            for (old, new) in zip(before, after) {
                for field in fields { #expect(old[field] == new[field], "\(field)") }
            }
            #expect(before.map { $0["detail"] } == after.map { $0["detail"] })
        }
    }

    @Test("columns are those asked for, in that order; an empty list is its heading")
    func columns() async throws {
        try await APIHarness.run { api in
            let list = try await self.hostileList(api)
            let two = try await api.client(.get, "/dlmas/\(list)/dls?columns=number_8,number_1&status=0&tried=0")
            #expect(two.text == "number_8,number_1\n,+4930123\n,\n*21#,'+=1\n")
            let none = try await api.client(.get, "/dlmas/\(list)/dls?columns=ukey&tried=1")
            #expect(none.text == "ukey\n")
            let json = try await api.client(
                .get, "/dlmas/\(list)/dls?columns=number_1&res_dial=0", headers: [.accept: "application/x-ndjson"])
            #expect(json.text == "{\"number_1\":\"+4930123\"}\n{\"number_1\":null}\n{\"number_1\":\"+=1\"}\n")
        }
    }

    @Test("what is wrong with a request is named")
    func mistakes() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            for (query, word) in [
                ("format=xml", "format"), ("columns=number_9", "number_9"), ("columns=", "columns"),
                ("status=a", "status"), ("status=1,,2", "status"), ("res_dial=-1", "res_dial"),
                ("res_hangup=99999", "res_hangup"), ("since=yesterday", "since"), ("until=2026-02-30", "until"),
                ("since=2026-03-02&until=2026-03-01", "until"), ("tried=2", "tried"), ("status=0&status=1", "status"),
                ("status=" + String(repeating: "1,", count: 200) + "1", "status"),
            ] {
                let answer = try await api.client(.get, "/dlmas/\(list)/dls?\(query)")
                #expect(answer.status == 400, "\(query)")
                #expect(answer.message.contains(word), "\(answer.message)")
            }
            #expect(try await api.client(.get, "/results?campaign_uuid=1").status == 400)
            #expect(try await api.client(.get, "/results?abandoned=x").status == 400)
            #expect(try await api.client(.get, "/dlmas/nothing/dls").status == 404)
            #expect(try await api.client(.get, "/dlmas/\(UUID().wire)/dls").status == 404)
        }
    }

    @Test("results are told apart by campaign, time and result")
    func results() async throws {
        try await APIHarness.run { api in
            let campaigns = [UUID(), UUID()]
            for number in 1...6 {
                let line =
                    #"{"uuid":"\#(number)","dial_addr":"+49\#(number)","res_dial_detail":"=\#(number)","answered":true}"#
                try await api.postgres.execute(
                    """
                    INSERT INTO dialing_result (
                        sequence, dialing, snapshot, campaign, plan, dlma, destination, entry, status, res_dial, res_hangup,
                        is_abandoned, tm_claim, tm_end, line, wait_seconds
                    ) VALUES (
                        \(number), gen_random_uuid(), 1, \(campaigns[number % 2]), gen_random_uuid(), gen_random_uuid(),
                        gen_random_uuid(), gen_random_uuid(), 10, \(3 + number % 3), 16, \(number == 6), '2026-03-01',
                        timestamptz '2026-03-01 00:00Z' + \(number) * interval '1 hour', \(line), 1.5
                    )
                    """
                )
            }
            func column(_ query: String) async throws -> String {
                let answer = try await api.client(.get, "/v1/ob/results?columns=dial_addr&\(query)")
                #expect(answer.status == 200, "\(answer.text)")
                return answer.text.split(separator: "\n").dropFirst().joined(separator: " ")
            }
            #expect(try await column("") == "+491 +492 +493 +494 +495 +496")
            #expect(try await column("campaign_uuid=\(campaigns[0].wire)") == "+492 +494 +496")
            #expect(try await column("abandoned=1") == "+496")
            #expect(try await column("abandoned=0&res_dial=3") == "+493")
            #expect(try await column("since=2026-03-01T04:00:00Z&until=2026-03-01T06:00:00Z") == "+494 +495")
            #expect(try await column("since=2026-03-02") == "")
            let lines = try await api.client(.get, "/results?format=ndjson&res_dial=4")
            #expect(
                lines.text.split(separator: "\n").map { String($0.prefix(11)) } == [#"{"uuid":"1""#, #"{"uuid":"4""#])
            let all = try await api.client(.get, "/results?abandoned=1")
            let rows = all.text.split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
            #expect(rows.count == 2)
            #expect(rows[0].count == rows[1].count)
            let row = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
            #expect(row["res_dial_detail"] == "'=6")
            #expect(row["answered"] == "true")
            #expect(row["wait_seconds"] == "1.5")
            #expect(row["tm_end"] == "2026-03-01T06:00:00.000000000Z")
        }
    }

    @Test("when PostgreSQL goes away in the middle, the file has no proper end")
    func brokenOff() async throws {
        let server = try await PostgresTestServer.start()
        try await APIHarness.run(.live, databaseURL: server.url()) { api in
            let list = try await api.client.create("/dlmas")
            try await api.postgres.execute(
                """
                INSERT INTO dial_list_entry (uuid, dlma_uuid, number_1, detail)
                SELECT gen_random_uuid(), \(list)::uuid, i::text, repeat('x', 900) FROM generate_series(1, 60000) i
                """
            )
            let port = try #require(api.port)
            let answer = try await RawConnection.run(port: port) { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(string: "GET /dlmas/\(list)/dls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                var answer = ByteBuffer()
                for try await part in inbound {
                    if answer.readableBytes == 0 { try await server.stop(.fast) }
                    answer.writeImmutableBuffer(part)
                }
                return answer
            }
            #expect(answer.readableBytesView.starts(with: "HTTP/1.1 200 OK".utf8))
            #expect(answer.readableBytes < 50_000_000)
            #expect(!answer.readableBytesView.suffix(5).elementsEqual("0\r\n\r\n".utf8))
        }
        await server.remove()
    }
}
