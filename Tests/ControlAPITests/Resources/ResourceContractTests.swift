import DialerModel
import HTTPTypes
import OrderedCollections
import Testing

@testable import ControlAPI

@Suite("The resources on the wire")
struct ResourceContractTests {
    private static let envelope = #"{"api_ver":"0.1","timestamp":"T","statuscode":200,"result":"#

    private static let plan =
        #"{"uuid":"U","name":null,"detail":null,"in_use":1,"variables":null,"dial_mode":1,"dial_timeout":30000,"#
        + #""caller_id":null,"dl_end_handle":1,"retry_delay":60,"trunk_name":null,"tech_name":"PJSIP","service_level":0,"#
        + #""early_media":null,"codecs":null,"max_retry_cnt_1":5,"max_retry_cnt_2":5,"max_retry_cnt_3":5,"#
        + #""max_retry_cnt_4":5,"max_retry_cnt_5":5,"max_retry_cnt_6":5,"max_retry_cnt_7":5,"max_retry_cnt_8":5,"#
        + #""tm_create":"T","tm_delete":null,"tm_update":null,"pacing_ratio":1.0,"pacing":"predictive","#
        + #""abandon_target":0.03,"abandon_grace":2.0,"abandon_dest":null,"machine_handle":"connect","machine_dest":null}"#

    private static let destination =
        #"{"uuid":"U","name":null,"detail":null,"in_use":1,"type":0,"context":null,"exten":null,"priority":null,"#
        + #""application":null,"data":null,"variables":null,"tm_create":"T","tm_delete":null,"tm_update":null,"#
        + #""queue":null}"#

    private static let dlma =
        #"{"uuid":"U","name":null,"detail":null,"dl_table":"V","variables":null,"in_use":1,"tm_create":"T","#
        + #""tm_delete":null,"tm_update":null,"default_region":null,"number_format":null,"#
        + #""dial_order":"least_tried","order_seed":0}"#

    private static let entry =
        #"{"uuid":"U","dlma_uuid":"U","in_use":1,"name":null,"detail":null,"status":0,"resv_target":null,"ukey":null,"#
        + #""variables":null,"dialing_uuid":null,"dialing_camp_uuid":null,"dialing_plan_uuid":null,"number_1":null,"#
        + #""number_2":null,"number_3":null,"number_4":null,"number_5":null,"number_6":null,"number_7":null,"#
        + #""number_8":null,"email":null,"trycnt_1":0,"trycnt_2":0,"trycnt_3":0,"trycnt_4":0,"trycnt_5":0,"#
        + #""trycnt_6":0,"trycnt_7":0,"trycnt_8":0,"res_dial":0,"res_dial_detail":null,"res_hangup":0,"#
        + #""res_hangup_detail":null,"tm_create":"T","tm_delete":null,"tm_update":null,"tm_last_dial":null,"#
        + #""tm_last_hangup":null,"number_originals":null,"priority":0}"#

    private static let campaign =
        #"{"uuid":"U","detail":null,"name":null,"status":0,"in_use":1,"variables":null,"next_campaign":null,"#
        + #""plan":null,"dlma":null,"dest":null,"sc_mode":0,"sc_date_start":null,"sc_date_end":null,"#
        + #""sc_date_list":null,"sc_date_list_except":null,"sc_time_start":null,"sc_time_end":null,"#
        + #""sc_day_list":null,"tm_create":"T","tm_delete":null,"tm_update":null,"sc_time_zone":null,"#
        + #""lists":null,"list_mode":"sequence"}"#

    @Test("A new resource has every field, in jade's order, with jade's default; GET and the list show the same")
    func defaults() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let expectations = [
                ("/plans", "{}", Self.plan), ("/destinations", "{}", Self.destination), ("/dlmas", "{}", Self.dlma),
                ("/dls", #"{"dlma_uuid":"\#(list)"}"#, Self.entry), ("/campaigns", "{}", Self.campaign),
            ]
            for (path, body, expected) in expectations {
                let created = try await api.client(.post, path, body)
                #expect(created.status == 200)
                #expect(Wire.normalized(created.text) == Self.envelope + expected + "}")
                #expect(created.headers[.contentType] == "application/json; charset=utf-8")
                #expect(created.headers[.accessControlAllowMethods] == "GET, POST, PUT, DELETE")

                let shown = try await api.client(.get, "\(path)/\(created.uuid)")
                #expect(shown.text == created.text)

                let listed = try await api.client(.get, path == "/dls" ? "/dls?dlma_uuid=\(list)" : path)
                #expect(listed.list.last == created.result)
                #expect(listed.nextCursor == nil)
            }
        }
    }

    /// Every field a PUT may set, with a value that is not its default.
    private static let changes: [(path: String, new: String, body: String)] = [
        (
            "/plans", "{}",
            #"{"name":"n","detail":"d","variables":{"A":"1","b":"x"},"dial_mode":3,"dial_timeout":15000,"#
                + #""caller_id":"\"Sales\" <100>","dl_end_handle":0,"retry_delay":7,"trunk_name":"trunk1","tech_name":"sip","#
                + #""service_level":2,"early_media":"true","codecs":"alaw,ulaw","max_retry_cnt_1":1,"max_retry_cnt_2":2,"#
                + #""max_retry_cnt_3":3,"max_retry_cnt_4":4,"max_retry_cnt_5":0,"max_retry_cnt_6":6,"max_retry_cnt_7":7,"#
                + #""max_retry_cnt_8":8,"pacing_ratio":1.5,"pacing":"jade","abandon_target":0.01,"abandon_grace":1.5,"#
                + #""machine_handle":"hangup"}"#
        ),
        (
            "/destinations", "{}",
            #"{"name":"n","detail":"d","type":1,"context":"c","exten":"100","priority":"2","application":"queue","#
                + #""data":"sales_1","variables":{"X":"y"},"queue":"sales_1"}"#
        ),
        (
            "/dlmas", "{}",
            #"{"name":"n","detail":"d","variables":{"Z":"9"},"dial_order":"random","order_seed":12}"#
        ),
        (
            "/campaigns", "{}",
            #"{"detail":"d","name":"n","variables":{"Q":"r"},"sc_mode":1,"sc_date_start":"2030-01-01","#
                + #""sc_date_end":"2030-12-31","sc_date_list":"2030-02-01, 2030-02-02","sc_date_list_except":"2030-02-03","#
                + #""sc_time_start":"08:00:00","sc_time_end":"20:00:00","sc_day_list":"1, 2","#
                + #""sc_time_zone":"Europe/Berlin","list_mode":"mixed"}"#
        ),
    ]

    @Test(
        "PUT changes what it names, keeps the rest, sets tm_update; a PUT of nothing changes nothing else",
        arguments: 0..<4)
    func update(index: Int) async throws {
        let (path, new, body) = Self.changes[index]
        try await APIHarness.run { api in
            let created = try await api.client(.post, path, new)
            let changed = try await api.client(.put, "\(path)/\(created.uuid)", body)
            #expect(changed.status == 200)
            let wanted = try #require(JSONValue.parse(body.utf8).objectValue)
            for (name, value) in wanted { #expect(changed.result[name] == value, "\(name)") }
            #expect(changed.result["tm_update"]?.stringValue != nil)
            #expect(changed.resultKeys == created.resultKeys)
            let shown = try await api.client(.get, "\(path)/\(created.uuid)")
            #expect(shown.result == changed.result)

            let untouched = try await api.client(.put, "\(path)/\(created.uuid)", "{}")
            for name in wanted.keys { #expect(untouched.result[name] == changed.result[name], "\(name)") }

            // What POST makes of the same body is the same.
            let posted = try await api.client(.post, path, body)
            for (name, value) in wanted { #expect(posted.result[name] == value, "\(name)") }
        }
    }

    @Test(
        "A contact takes numbers as text or digits, an empty one is null, and PUT may reset its results without its list"
    )
    func contacts() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let blank = try await api.client(.post, "/dls", #"{"dlma_uuid":"\#(list)","number_3":"+49 30"}"#)
            #expect(blank.status == 400)
            #expect(blank.message.hasPrefix("number_3:"))
            let contact = try await api.client(
                .post, "/dls", #"{"dlma_uuid":"\#(list)","number_1":300,"number_2":"","ukey":7,"email":"a@b"}"#
            )
            #expect(contact.result["number_1"] == .string("300"))
            #expect(contact.result["number_2"] == .null)
            #expect(contact.result["ukey"] == .string("7"))
            let reset = try await api.client(
                .put, "/dls/\(contact.uuid)",
                #"{"trycnt_1":3,"res_dial":4,"res_dial_detail":"x","res_hangup":16,"res_hangup_detail":"y","status":2,"#
                    + #""resv_target":"agent-01","tm_last_dial":"2018-03-08T02:02:19.5Z","tm_last_hangup":null}"#
            )
            #expect(reset.status == 200)
            #expect(reset.result["trycnt_1"] == .integer(3))
            #expect(reset.result["res_dial"] == .integer(4))
            #expect(reset.result["status"] == .integer(2))
            #expect(reset.result["tm_last_dial"] == .string("2018-03-08T02:02:19.500000000Z"))
            #expect(reset.result["dlma_uuid"] == .string(list))
            #expect(reset.result["tm_update"] != .null)
        }
    }

    @Test("What the server makes itself is ignored in a body, as jade did")
    func generatedFields() async throws {
        try await APIHarness.run { api in
            let wish = "50fd1e1f-920b-477a-b84c-afe58928dadc"
            let body = #"{"uuid":"\#(wish)","in_use":0,"tm_create":"2001-01-01T00:00:00Z","tm_delete":null,"name":"n"}"#
            let created = try await api.client(.post, "/plans", body)
            #expect(created.status == 200)
            #expect(created.uuid != wish)
            #expect(created.result["in_use"] == .integer(1))
            let changed = try await api.client(.put, "/plans/\(created.uuid)", body)
            #expect(changed.uuid == created.uuid)
            #expect(changed.result["in_use"] == .integer(1))
            #expect(changed.result["tm_create"] == created.result["tm_create"])
        }
    }

    @Test("A deleted resource is shown once more, then it is gone: no GET, no list, no PUT, no second DELETE")
    func deletion() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let resources = [
                ("/plans", "{}"), ("/destinations", "{}"), ("/campaigns", "{}"), ("/dls", #"{"dlma_uuid":"\#(list)"}"#),
                ("/dlmas", "{}"),
            ]
            for (path, body) in resources {
                let uuid = try await api.client.create(path, body)
                let deleted = try await api.client(.delete, "\(path)/\(uuid)")
                #expect(deleted.status == 200)
                #expect(deleted.uuid == uuid)
                #expect(deleted.result["in_use"] == .integer(0))
                #expect(deleted.result["tm_delete"]?.stringValue != nil)
                for (method, text) in [(HTTPRequest.Method.get, nil), (.delete, nil), (.put, "{}")] as [(_, String?)] {
                    let gone = try await api.client(method, "\(path)/\(uuid)", text)
                    #expect(gone.status == 404)
                    #expect(gone.message.contains(uuid))
                }
                let listed = try await api.client(.get, path == "/dls" ? "/dls?dlma_uuid=\(list)" : path)
                #expect(!listed.list.contains { $0["uuid"] == .string(uuid) })
            }
        }
    }

    @Test("An upper-case uuid in the path means the same")
    func upperCase() async throws {
        try await APIHarness.run { api in
            let uuid = try await api.client.create("/plans")
            let answer = try await api.client(.get, "/v1/ob/plans/\(uuid.uppercased())/")
            #expect(answer.uuid == uuid)
        }
    }

    @Test("Bodies are JSON whatever the Content-Type")
    func contentTypes() async throws {
        let types = [
            "application/x-www-form-urlencoded", "application/json", "text/plain; charset=latin1", "image/png", "",
        ]
        try await APIHarness.run { api in
            for type in types {
                let headers: HTTPFields = type.isEmpty ? [:] : [.contentType: type]
                let answer = try await api.client(.post, "/plans", #"{"name":"a=b&c=d"}"#, headers: headers)
                #expect(answer.status == 200, "\(type)")
                #expect(answer.result["name"] == .string("a=b&c=d"), "\(type)")
            }
        }
    }

    @Test("Texts come back as they were sent: apostrophes, quotes, other scripts, text that looks like JSON")
    func texts() async throws {
        try await APIHarness.run { api in
            for text in ["O'Neill; DROP TABLE plan;--", #"{"a":1}"#, "\"x\"", "日本語 🎧", "true", "123", "a\nb\tc", "  "] {
                let body = JSONValue.object(["name": .string(text)]).text
                let created = try await api.client(.post, "/plans", body)
                #expect(created.result["name"] == .string(text))
                let shown = try await api.client(.get, "/plans/\(created.uuid)")
                #expect(shown.result["name"] == .string(text))
            }
        }
    }

    @Test("The default tech_name is the configured one")
    func techName() async throws {
        try await APIHarness.run(configure: { $0.defaultTechName = "SIP" }) { api in
            #expect(try await api.client(.post, "/plans", "{}").result["tech_name"] == .string("SIP"))
            let null = try await api.client(.post, "/plans", #"{"tech_name":"Local/"}"#)
            #expect(null.result["tech_name"] == .string("Local/"))
        }
    }
}
