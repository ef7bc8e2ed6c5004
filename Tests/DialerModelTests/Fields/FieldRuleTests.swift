import DialerModel
import Testing

/// Every field's rule: what is taken (and as what), what is refused (and in which words).
@Suite struct FieldRuleTests {
    struct Accepted: CustomTestStringConvertible, Sendable {
        var kind: ResourceKind
        var field: String
        var given: String
        var stored: String

        init(_ kind: ResourceKind, _ field: String, _ given: String, _ stored: String? = nil) {
            self.kind = kind
            self.field = field
            self.given = given
            self.stored = stored ?? given
        }

        var testDescription: String { "\(self.kind).\(self.field) = \(self.given.prefix(60))" }
    }

    static let uuid = "\"50fd1e1f-920b-477a-b84c-afe58928dadc\""

    static func long(_ count: Int, _ character: Character = "x") -> String {
        "\"\(String(repeating: character, count: count))\""
    }

    static let accepted: [Accepted] = [
        Accepted(.plan, "name", "\"O'Brien's plan\""), Accepted(.plan, "name", "null"), Accepted(.plan, "name", "\"\""),
        Accepted(.plan, "name", "\"{\\\"a\\\":1}\""), Accepted(.plan, "name", long(255)),
        Accepted(.plan, "name", long(255, "é")),
        Accepted(.plan, "detail", "\"two\\nlines\""), Accepted(.plan, "detail", long(1023)),
        Accepted(.plan, "variables", "null"), Accepted(.plan, "variables", "{}"),
        Accepted(.plan, "variables", "{\"a\":\"b\",\"_n\":5,\"B2\":true,\"f\":1.5,\"e\":null}"),
        Accepted(.plan, "dial_mode", "0"), Accepted(.plan, "dial_mode", "5"),
        Accepted(.plan, "dial_mode", "\"3\"", "3"),
        Accepted(.plan, "dial_timeout", "1000"), Accepted(.plan, "dial_timeout", "600000"),
        Accepted(.plan, "dial_timeout", "\"45000\"", "45000"), Accepted(.plan, "dial_timeout", "45000.0", "45000"),
        Accepted(.plan, "dial_timeout", "4.5e4", "45000"),
        Accepted(.plan, "caller_id", "\"\\\"Sales\\\" <+4930123>\""), Accepted(.plan, "caller_id", "null"),
        Accepted(.plan, "dl_end_handle", "0"), Accepted(.plan, "dl_end_handle", "1"),
        Accepted(.plan, "retry_delay", "0"), Accepted(.plan, "retry_delay", "31536000"),
        Accepted(.plan, "trunk_name", "\"my-trunk.1\""), Accepted(.plan, "trunk_name", "\"\""),
        Accepted(.plan, "tech_name", "\"sip\""), Accepted(.plan, "tech_name", "\"PJSIP/\""),
        Accepted(.plan, "tech_name", "\"DAHDI\""), Accepted(.plan, "tech_name", "null"),
        Accepted(.plan, "service_level", "0"), Accepted(.plan, "service_level", "10000"),
        Accepted(.plan, "early_media", "\"true\""), Accepted(.plan, "early_media", "true", "\"true\""),
        Accepted(.plan, "codecs", "\"alaw,ulaw, g722\""), Accepted(.plan, "codecs", "\"!all,opus\""),
        Accepted(.plan, "max_retry_cnt_1", "0"), Accepted(.plan, "max_retry_cnt_8", "1000"),
        Accepted(.plan, "pacing_ratio", "1.5"), Accepted(.plan, "pacing_ratio", "2", "2.0"),
        Accepted(.plan, "pacing_ratio", "\"0.5\"", "0.5"),
        Accepted(.destination, "type", "1"), Accepted(.destination, "type", "\"0\"", "0"),
        Accepted(.destination, "context", "\"from-internal\""), Accepted(.destination, "exten", "\"s\""),
        Accepted(.destination, "exten", "100", "\"100\""), Accepted(.destination, "priority", "1", "\"1\""),
        Accepted(.destination, "priority", "\"start\""), Accepted(.destination, "application", "\"queue\""),
        Accepted(.destination, "data", "\"sales_1,t,,,60\""), Accepted(.destination, "data", "null"),
        Accepted(.dlma, "name", "\"list\""), Accepted(.dlma, "variables", "{\"list\":\"a\"}"),
        Accepted(.dlma, "dial_order", "\"upload\""), Accepted(.dlma, "dial_order", "\"random\""),
        Accepted(.dlma, "order_seed", "0"), Accepted(.dlma, "order_seed", "2147483647"),
        Accepted(.dl, "priority", "9"), Accepted(.dl, "priority", "\"3\"", "3"),
        Accepted(.dl, "name", "\"Zoë\""), Accepted(.dl, "status", "0"), Accepted(.dl, "status", "2"),
        Accepted(.dl, "resv_target", "\"agent-01\""), Accepted(.dl, "ukey", "4711", "\"4711\""),
        Accepted(.dl, "number_1", "\"+4930123456\""), Accepted(.dl, "number_1", "300", "\"300\""),
        Accepted(.dl, "number_8", "\"1010500@customers\""), Accepted(.dl, "number_2", "\"\"", "null"),
        Accepted(.dl, "number_3", "null"), Accepted(.dl, "number_4", "\"g1/300\""),
        Accepted(.dl, "number_5", "9007199254740993", "\"9007199254740993\""),
        Accepted(.dl, "email", "\"a@example.com\""),
        Accepted(.campaign, "status", "0"), Accepted(.campaign, "status", "30"),
        Accepted(.campaign, "status", "\"11\"", "11"),
        Accepted(.campaign, "plan", uuid), Accepted(.campaign, "plan", "null"),
        Accepted(.campaign, "dest", "\"\"", "null"),
        Accepted(.campaign, "dlma", "\"50FD1E1F-920B-477A-B84C-AFE58928DADC\"", uuid),
        Accepted(.campaign, "next_campaign", uuid), Accepted(.campaign, "sc_mode", "1"),
        Accepted(.campaign, "sc_mode", "true", "1"),
        Accepted(.campaign, "sc_date_start", "\"2018-01-01\""), Accepted(.campaign, "sc_date_end", "\"\"", "null"),
        Accepted(.campaign, "sc_date_list", "\"2016-11-16, 2016-11-17\""),
        Accepted(.campaign, "sc_date_list_except", "\"2016-11-16\""),
        Accepted(.campaign, "sc_time_start", "\"15:00:00\""), Accepted(.campaign, "sc_time_end", "\"23:59:59\""),
        Accepted(.campaign, "sc_day_list", "\"0, 1, 3, 4\""), Accepted(.campaign, "sc_time_zone", "\"Europe/Berlin\""),
        Accepted(.campaign, "sc_time_zone", "\"UTC\""), Accepted(.campaign, "sc_time_zone", "\"\"", "null"),
    ]

    @Test("a right value is stored, by POST and by PUT", arguments: accepted)
    func accepts(_ row: Accepted) throws {
        func check<R: Resource>(_: R.Type) throws {
            let body = try Samples.json("{\(Self.required(row.kind))\"\(row.field)\":\(row.given)}")
            let created = try R.decodeNew(from: body, uuid: Samples.uuid(7), now: Samples.start)
            let stored = try Samples.json(row.stored)
            #expect(created.json[row.field] == stored)
            var updated = try R.decodeNew(
                from: try Samples.json("{\(Self.required(row.kind).dropLast())}"), uuid: Samples.uuid(7),
                now: Samples.start
            )
            try updated.apply(try Samples.json("{\"\(row.field)\":\(row.given)}"), now: Samples.start + .seconds(1))
            #expect(updated.json[row.field] == stored)
            #expect(updated.updatedAt == Samples.start + .seconds(1))
            #expect(try R(json: created.json) == created)
        }
        try check(Self.type(of: row.kind))
    }

    struct Refused: CustomTestStringConvertible, Sendable {
        var kind: ResourceKind
        var field: String
        var given: String
        var words: String

        init(_ kind: ResourceKind, _ field: String, _ given: String, _ words: String) {
            self.kind = kind
            self.field = field
            self.given = given
            self.words = words
        }

        var testDescription: String { "\(self.kind).\(self.field) = \(self.given.prefix(60))" }
    }

    static let refused: [Refused] = [
        Refused(.plan, "name", "5", "expected a text, got 5"),
        Refused(.plan, "name", "true", "expected a text, got true"),
        Refused(.plan, "name", "{}", "got an object"), Refused(.plan, "name", "[]", "got an array"),
        Refused(.plan, "name", long(256), "at most 255 characters, got 256"),
        Refused(.plan, "name", "\"a\\u0000b\"", "NUL"), Refused(.plan, "detail", long(1024), "at most 1023"),
        Refused(.plan, "variables", "\"a=b\"", "expected an object"),
        Refused(.plan, "variables", "[]", "expected an object"),
        Refused(.plan, "variables", "{\"CDR(userfield)\":\"x\"}", "CDR(userfield)"),
        Refused(.plan, "variables", "{\"1a\":\"x\"}", "digit"), Refused(.plan, "variables", "{\"\":\"x\"}", "name"),
        Refused(.plan, "variables", "{\"a b\":\"x\"}", "name"), Refused(.plan, "variables", "{\"ä\":\"x\"}", "name"),
        Refused(.plan, "variables", "{\"a\\nAction: Logoff\":\"x\"}", "name"),
        Refused(.plan, "variables", "{\"a\":{\"b\":1}}", "value of a must be"),
        Refused(.plan, "variables", "{\"a\":[1]}", "value of a must be"),
        Refused(.plan, "variables", "{\"a\":\"x\\r\\nAction: Logoff\"}", "line breaks"),
        Refused(.plan, "variables", "{\"a\":\"x\\ny\"}", "line breaks"),
        Refused(.plan, "variables", "{\"a\":\"\\u0000\"}", "control"),
        Refused(.plan, "variables", "{\"a\":\(long(901))}", "900 bytes, got 901"),
        Refused(.plan, "dial_mode", "6", "one of 0 (none), 1 (predictive)"),
        Refused(.plan, "dial_mode", "-1", "one of"),
        Refused(.plan, "dial_mode", "null", "one of"), Refused(.plan, "dial_mode", "1.5", "one of"),
        Refused(.plan, "dial_timeout", "\"abc\"", "expected an integer from 1000 to 600000, got \"abc\""),
        Refused(.plan, "dial_timeout", "999", "from 1000 to 600000, got 999"),
        Refused(.plan, "dial_timeout", "600001", "600000"), Refused(.plan, "dial_timeout", "30000.5", "integer"),
        Refused(.plan, "dial_timeout", "null", "integer"), Refused(.plan, "dial_timeout", "true", "integer"),
        Refused(.plan, "dial_timeout", "\"\"", "integer"), Refused(.plan, "dial_timeout", "1e300", "integer"),
        Refused(.plan, "dial_timeout", "\"+5000\"", "integer"), Refused(.plan, "dial_timeout", "\" 5000\"", "integer"),
        Refused(.plan, "caller_id", "\"1\\r\\nX: y\"", "line breaks"),
        Refused(.plan, "caller_id", "\"a\\u0000\"", "NUL"),
        Refused(.plan, "caller_id", "123", "expected a text"), Refused(.plan, "caller_id", long(129), "at most 128"),
        Refused(.plan, "dl_end_handle", "2", "0 (keep), 1 (stop)"), Refused(.plan, "retry_delay", "-1", "from 0"),
        Refused(.plan, "trunk_name", "\"a b\"", "trunk"), Refused(.plan, "trunk_name", "\"a\\nb\"", "line breaks"),
        Refused(.plan, "trunk_name", "\"a/b\"", "trunk"),
        Refused(.plan, "tech_name", "\"\"", "channel technology"),
        Refused(.plan, "tech_name", "\"PJ SIP\"", "channel technology"),
        Refused(.plan, "tech_name", "\"SIP//\"", "channel technology"),
        Refused(.plan, "tech_name", "1", "expected a text"),
        Refused(.plan, "service_level", "-5", "from 0 to 10000"),
        Refused(.plan, "early_media", "\"maybe\"", "true or false"),
        Refused(.plan, "codecs", "\"alaw,,ulaw\"", "separated by commas"),
        Refused(.plan, "codecs", "\"alaw|ulaw\"", "commas"),
        Refused(.plan, "max_retry_cnt_1", "-1", "from 0 to 1000"), Refused(.plan, "pacing_ratio", "0", "from 0.1"),
        Refused(.plan, "pacing_ratio", "\"nan\"", "a number"), Refused(.plan, "max_retry_cnt_9", "1", "unknown field"),
        Refused(.plan, "no_such", "1", "unknown field; a plan has name, detail"),
        Refused(.destination, "type", "2", "0 (extension), 1 (application)"),
        Refused(.destination, "context", "\"a b\"", "without spaces"),
        Refused(.destination, "exten", "\"1\\n2\"", "line breaks"),
        Refused(.destination, "priority", "1.5", "expected a text"),
        Refused(.destination, "priority", "\"a,b\"", "priority"),
        Refused(.destination, "application", "\"Queue(x)\"", "application's name"),
        Refused(.destination, "data", "\"sales\\r\\n\\r\\nAction: Command\"", "line breaks"),
        Refused(.destination, "data", long(241), "at most 240"),
        Refused(.dlma, "dial_order", "\"oldest\"", "newest"), Refused(.dlma, "dial_order", "1", "got 1"),
        Refused(.dlma, "order_seed", "-1", "from 0 to 2147483647"), Refused(.dlma, "order_seed", "1.5", "integer"),
        Refused(.dl, "priority", "10", "from 0 to 9"), Refused(.dl, "priority", "null", "integer"),
        Refused(.dl, "status", "1", "0 (idle), 2 (reserved)"), Refused(.dl, "status", "3", "0 (idle)"),
        Refused(.dl, "number_1", "\"0171 1234\"", "without spaces"),
        Refused(.dl, "number_1", "\"1&PJSIP\"", "a number of"),
        Refused(.dl, "number_1", "\"1\\r\\nX\"", "line breaks"), Refused(.dl, "number_1", "1.5", "expected a text"),
        Refused(.dl, "number_1", "true", "expected a text"), Refused(.dl, "number_9", "\"1\"", "unknown field"),
        Refused(.dl, "dlma_uuid", "\"abc\"", "a uuid like"), Refused(.dl, "dlma_uuid", "null", "a uuid like"),
        Refused(.campaign, "status", "77", "0 (stop), 1 (start), 2 (pause)"),
        Refused(.campaign, "status", "null", "one of"),
        Refused(.campaign, "plan", "\"x\"", "a uuid"), Refused(.campaign, "plan", "5", "a uuid"),
        Refused(.campaign, "next_campaign", "\"a0000000-0000-4000-8000-000000000007\"", "followed by itself"),
        Refused(.campaign, "sc_mode", "9", "0 or 1"),
        Refused(
            .campaign, "sc_date_start", "\"20180101\"",
            "expected a date as YYYY-MM-DD, here \"2018-01-01\", got \"20180101\""),
        Refused(.campaign, "sc_date_start", "20180101", "expected a text"),
        Refused(.campaign, "sc_date_end", "\"2018-02-30\"", "date"),
        Refused(.campaign, "sc_date_list", "\"2018-01-01,\"", "dates"),
        Refused(.campaign, "sc_date_list_except", "\"x\"", "dates"),
        Refused(.campaign, "sc_time_start", "\"15:00\"", "hh:mm:ss"),
        Refused(.campaign, "sc_time_end", "\"24:00:00\"", "hh:mm:ss"),
        Refused(.campaign, "sc_day_list", "\"7\"", "weekdays"),
        Refused(.campaign, "sc_day_list", "1", "expected a text"),
        Refused(.campaign, "sc_time_zone", "\"Nowhere/Land\"", "IANA time zone"),
    ]

    @Test("a wrong value is refused by POST and PUT, naming the field and the fix", arguments: refused)
    func refuses(_ row: Refused) throws {
        func check<R: Resource>(_: R.Type) throws {
            let required = row.field == "dlma_uuid" ? "" : Self.required(row.kind)
            let body = try Samples.json("{\(required)\"\(row.field)\":\(row.given)}")
            let error = #expect(throws: ValidationError.self) {
                try R.decodeNew(from: body, uuid: Samples.uuid(7), now: Samples.start)
            }
            #expect(error?.field == row.field)
            #expect(error?.message.hasPrefix("\(row.field): ") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(row.words) == true, "\(error?.message ?? "")")

            var existing = R(blank: Samples.uuid(7))
            let before = existing
            // A good field before the bad one must not stay.
            let put = try Samples.json("{\"name\":\"changed\",\"\(row.field)\":\(row.given)}")
            #expect(throws: ValidationError.self) { try existing.apply(put) }
            #expect(existing == before)
        }
        try check(Self.type(of: row.kind))
    }

    private static func required(_ kind: ResourceKind) -> String {
        kind == .dl ? "\"dlma_uuid\":\(self.uuid)," : "\"name\":null,"
    }

    private static func type(of kind: ResourceKind) -> any Resource.Type {
        switch kind {
        case .plan: Plan.self
        case .destination: Destination.self
        case .dlma: DialListMaster.self
        case .dl: DialListEntry.self
        case .campaign: Campaign.self
        }
    }
}
