import DialerModel
import DialerStore
import HTTPTypes
import Testing

import struct Foundation.UUID

@Suite("The do-not-call list")
struct DoNotCallTests {
    @Test("A number is added, shown, changed and taken off", arguments: ["", "/ob", "/v1/ob"])
    func life(prefix: String) async throws {
        try await APIHarness.run { api in
            let added = try await api.client(
                .post, prefix + "/dnc",
                #"{"number":"030 / 90 18 20","region":"DE","reason":"asked by letter","expire":"2019-01-31"}"#)
            #expect(added.status == 200, "\(added.text)")
            let entry =
                #"{"number":"+4930901820","reason":"asked by letter","expire":"2019-01-31T00:00:00.000000000Z","#
                + #""tm_create":"2018-03-08T01:42:40.600000000Z","tm_update":null}"#
            #expect(
                added.text
                    == #"{"api_ver":"0.1","timestamp":"2018-03-08T01:42:40.600000000Z","statuscode":200,"result":"#
                    + entry + "}")
            for path in ["+4930901820", "%2B4930901820", "+49%2030%20901820", "030901820?region=DE"] {
                let found = try await api.client(.get, "\(prefix)/dnc/\(path)")
                #expect(found.result == added.result, "\(path): \(found.text)")
            }
            let again = try await api.client(.post, prefix + "/dnc", #"{"number":"+49 30 901820","reason":null}"#)
            #expect(again.result["number"] == "+4930901820")
            #expect(again.result["reason"] == .null)
            #expect(again.result["expire"] == .null)
            #expect(again.result["tm_update"] == "2018-03-08T01:42:40.600000000Z")
            // What was answered may be sent back.
            let back = try await api.client(.post, prefix + "/dnc", again.result.text)
            #expect(back.status == 200, "\(back.text)")

            #expect(try await api.client(.get, prefix + "/dnc").list == [back.result])
            let removed = try await api.client(.delete, prefix + "/dnc/+4930901820")
            #expect(removed.result == back.result)
            for method in [HTTPRequest.Method.get, .delete] {
                let gone = try await api.client(method, prefix + "/dnc/+4930901820")
                #expect(gone.status == 404)
                #expect(gone.message.contains("+4930901820"))
            }
            #expect(try await api.client(.get, prefix + "/dnc").list.isEmpty)
        }
    }

    @Test("The list is in the order of the numbers, searched by their beginning, and walked page by page")
    func list() async throws {
        try await APIHarness.run { api in
            for number in ["302", "+49151", "300", "+49152", "alice@pbx", "#31#5", "301"] {
                let answer = try await api.client(.post, "/dnc", #"{"number":"\#(number)"}"#)
                #expect(answer.status == 200, "\(answer.text)")
            }
            func numbers(_ query: String) async throws -> [JSONValue?] {
                try await api.client(.get, "/dnc" + query).list.map { $0["number"] }
            }
            let all: [JSONValue?] = ["#31#5", "+49151", "+49152", "300", "301", "302", "alice@pbx"]
            #expect(try await numbers("") == all)
            #expect(try await numbers("?number=30") == ["300", "301", "302"])
            #expect(try await numbers("?number=%2B49") == ["+49151", "+49152"])
            #expect(try await numbers("?number=+49") == ["+49151", "+49152"])
            #expect(try await numbers("?number=%2331%23") == ["#31#5"])
            #expect(try await numbers("?number=%25") == [])
            #expect(try await numbers("?number=") == all)
            var walked: [JSONValue?] = []
            var cursor: String?
            repeat {
                let answer = try await api.client(.get, "/dnc?limit=2" + (cursor.map { "&cursor=\($0)" } ?? ""))
                #expect(answer.list.count <= 2)
                walked += answer.list.map { $0["number"] }
                cursor = answer.nextCursor
            } while cursor != nil
            #expect(walked == all)
            let odd = try await api.client(.get, "/dnc/%2331%235")
            #expect(odd.result["number"] == "#31#5")
        }
    }

    @Test(
        "A body that is wrong is refused with the field's name",
        arguments: [
            ("{}", "number: a number is required"),
            (#"{"number":""}"#, "number: a number is required"),
            (#"{"number":null}"#, "number: a number is required"),
            (#"{"number":"   "}"#, "number: a number is required"),
            (#"{"number":["300"]}"#, "number: expected a text, got an array"),
            (#"{"number":1.5}"#, "number: expected a text, got 1.5"),
            (#"{"number":"030 901820"}"#, "number: \"030 901820\" is no number of digits"),
            (#"{"number":"300; DROP TABLE do_not_call"}"#, "give a region to have it cleaned"),
            (#"{"number":"300\u0000"}"#, "number: a NUL character is not allowed"),
            (#"{"number":"4.9E+12"}"#, "number: \"4.9E+12\" is what a spreadsheet made of a number"),
            (#"{"number":"12","region":"DE"}"#, "number: \"12\" is in no range of numbers in DE"),
            (#"{"number":"300","region":"XX"}"#, "region: no numbers are known of \"XX\""),
            (#"{"number":"300","region":"de"}"#, "region: no numbers are known of \"de\""),
            (#"{"number":"300","region":7}"#, "region: expected a text, got 7"),
            (#"{"number":"300","expire":"soon"}"#, "expire: expected a time like"),
            (#"{"number":"300","expire":"2018-02-30"}"#, "expire: expected a time like"),
            (#"{"number":"300","expire":"2018-03-08"}"#, "expire: 2018-03-08T00:00:00.000000000Z is over already"),
            (#"{"number":"300","expire":0}"#, "expire: expected a text, got 0"),
            (#"{"number":"300","reason":"a\u0000b"}"#, "reason: a NUL character is not allowed"),
            (#"{"number":"300","reason":{}}"#, "reason: expected a text, got an object"),
            (
                #"{"number":"300","raeson":"x"}"#,
                "\"raeson\": unknown field; a number has number, reason, expire, region"
            ),
            ("[]", "the body must be a JSON object"),
            ("", "the body is empty"),
            ("{", "byte"),
        ]
    )
    func refusedBody(body: String, message: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.post, "/dnc", body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer.message.contains(message), "\(answer.message)")
            #expect(try await api.client(.get, "/dnc").list.isEmpty)
        }
    }

    @Test("Long values are bounded")
    func bounds() async throws {
        try await APIHarness.run { api in
            let reason = String(repeating: "ü", count: 255)
            let fits = try await api.client(.post, "/dnc", #"{"number":"1","reason":"\#(reason)"}"#)
            #expect(fits.result["reason"]?.stringValue == reason)
            let long = try await api.client(.post, "/dnc", #"{"number":"2","reason":"\#(reason)x"}"#)
            #expect(long.status == 400)
            #expect(long.message == "reason: expected at most 255 characters, got 256")
            let number = String(repeating: "1", count: 64)
            #expect(try await api.client(.post, "/dnc", #"{"number":"\#(number)"}"#).status == 200)
            #expect(try await api.client(.post, "/dnc", #"{"number":"\#(number)1"}"#).status == 400)
            let huge = try await api.client(
                .post, "/dnc", #"{"number":"3","reason":"\#(String(repeating: "x", count: 1_100_000))"}"#)
            #expect(huge.status == 413)
        }
    }

    @Test(
        "Paths and queries that name no number are refused without harm",
        arguments: [
            (HTTPRequest.Method.get, "/dnc/%00", 404), (.get, "/dnc/%", 404), (.get, "/dnc/%FF%FE", 404),
            (.get, "/dnc/%20", 404), (.get, "/dnc/a%20b", 404), (.delete, "/dnc/'%20OR%20'1'='1", 404),
            (.get, "/dnc/300?region=Germany", 400), (.get, "/dnc/300?region=DE", 404), (.put, "/dnc/300", 405),
            (.post, "/dnc/300", 405), (.get, "/dnc/upload", 405), (.delete, "/dnc", 405), (.get, "/dnc?limit=0", 400),
            (.get, "/dnc?limit=x", 400), (.get, "/dnc?cursor=c1", 400), (.get, "/dnc?cursor=n0", 400),
            (.get, "/dnc?number=1&number=2", 400), (.get, "/dnc/1/2", 404), (.get, "/dnc?number=%00", 200),
            (.get, "/dnc/" + String(repeating: "9", count: 300), 404),
        ]
    )
    func hostilePath(method: HTTPRequest.Method, path: String, status: Int) async throws {
        try await APIHarness.run { api in
            #expect(try await api.client(.post, "/dnc", #"{"number":"keep"}"#).status == 200)
            let answer = try await api.client(method, path, method == .post ? "{}" : nil)
            #expect(answer.status == status, "\(answer.text)")
            if status != 200 { #expect(answer.json["error"]?["code"] == .integer(Int64(status))) }
            #expect(try await api.client(.get, "/dnc").list.map { $0["number"] } == ["keep"])
        }
    }

    @Test("From the answer on no claim dials the number, and the campaign's figures say how often")
    func blocksAtOnce() async throws {
        try await APIHarness.run { api in
            let plan = try await api.client.create("/plans")
            let destination = try await api.client.create("/destinations", #"{"type":1,"application":"park"}"#)
            let dlma = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            _ = try await api.client.create("/dls", #"{"dlma_uuid":"\#(dlma)","number_1":"030901820"}"#)
            let campaign = try await api.client.create(
                "/campaigns", #"{"plan":"\#(plan)","dest":"\#(destination)","dlma":"\#(dlma)"}"#)
            let uuid = try #require(UUID(wire: campaign))
            _ = try await api.store.campaigns.update(uuid) { $0.status = .start }
            #expect(try await api.client(.post, "/dnc", #"{"number":"030901820","region":"DE"}"#).status == 200)
            let request = ClaimRequest(
                campaign: uuid, plan: try #require(UUID(wire: plan)),
                destination: try #require(UUID(wire: destination)),
                dlma: try #require(UUID(wire: dlma)), count: 5, pbx: "pbx1", now: APIHarness.instant
            )
            #expect(try await api.store.claims.claim(request) == Claim(dialings: [], blocked: 1))
            let figures = try await api.client(.get, "/campaigns/\(campaign)/stats").result
            #expect(figures["blocked"] == 1)
            for name in ["dialed", "answered", "abandoned", "no_answer", "failed", "live_24h"] {
                #expect(figures[name] == 0, "\(name)")
            }
        }
    }
}
