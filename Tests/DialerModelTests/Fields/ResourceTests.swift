import DialerModel
import Testing

import struct Foundation.UUID

@Suite struct ResourceTests {
    private static let times = ["tm_create", "tm_delete", "tm_update"]

    @Test("fields come in jade's order, ours after them")
    func order() {
        let tries = (1...8).map { "max_retry_cnt_\($0)" }
        #expect(
            Plan.fields.map(\.name)
                == [
                    "uuid", "name", "detail", "in_use", "variables", "dial_mode", "dial_timeout", "caller_id",
                    "dl_end_handle", "retry_delay", "trunk_name", "tech_name", "service_level", "early_media", "codecs",
                ] + tries + Self.times + [
                    "pacing_ratio", "pacing", "abandon_target", "abandon_grace", "abandon_dest", "machine_handle",
                    "machine_dest",
                ]
        )
        #expect(
            Destination.fields.map(\.name)
                == [
                    "uuid", "name", "detail", "in_use", "type", "context", "exten", "priority", "application", "data",
                    "variables",
                ] + Self.times + ["queue"]
        )
        #expect(
            DialListMaster.fields.map(\.name)
                == ["uuid", "name", "detail", "dl_table", "variables", "in_use"] + Self.times
                + ["default_region", "number_format", "dial_order", "order_seed"]
        )
        #expect(
            DialListEntry.fields.map(\.name)
                == [
                    "uuid", "dlma_uuid", "in_use", "name", "detail", "status", "resv_target", "ukey", "variables",
                    "dialing_uuid", "dialing_camp_uuid", "dialing_plan_uuid",
                ] + (1...8).map { "number_\($0)" } + ["email"] + (1...8).map { "trycnt_\($0)" }
                + ["res_dial", "res_dial_detail", "res_hangup", "res_hangup_detail"] + Self.times
                + ["tm_last_dial", "tm_last_hangup", "number_originals", "priority"]
        )
        #expect(
            Campaign.fields.map(\.name)
                == [
                    "uuid", "detail", "name", "status", "in_use", "variables", "next_campaign", "plan", "dlma", "dest",
                    "sc_mode", "sc_date_start", "sc_date_end", "sc_date_list", "sc_date_list_except", "sc_time_start",
                    "sc_time_end", "sc_day_list",
                ] + Self.times + ["sc_time_zone", "lists", "list_mode"]
        )
    }

    @Test("an empty plan has jade's defaults")
    func planDefaults() throws {
        let plan = try Plan.decodeNew(from: [:], uuid: Samples.uuid(1), now: Samples.start)
        var writer = JSONWriter()
        plan.write(to: &writer)
        let tries = (1...8).map { "\"max_retry_cnt_\($0)\":5" }.joined(separator: ",")
        #expect(
            writer.text == """
                {"uuid":"a0000000-0000-4000-8000-000000000001","name":null,"detail":null,"in_use":1,"variables":null,\
                "dial_mode":1,"dial_timeout":30000,"caller_id":null,"dl_end_handle":1,"retry_delay":60,\
                "trunk_name":null,"tech_name":"PJSIP","service_level":0,"early_media":null,"codecs":null,\(tries),\
                "tm_create":"2027-01-15T08:00:00.000000000Z","tm_delete":null,"tm_update":null,"pacing_ratio":1.0,\
                "pacing":"predictive","abandon_target":0.03,"abandon_grace":2.0,"abandon_dest":null,\
                "machine_handle":"connect","machine_dest":null}
                """
        )
    }

    @Test("the other resources' defaults")
    func otherDefaults() throws {
        let destination = try Destination.decodeNew(from: [:], uuid: Samples.uuid(1), now: Samples.start)
        #expect(destination.json["type"] == 0)
        #expect(destination.json["priority"] == .null)
        let campaign = try Campaign.decodeNew(from: [:], uuid: Samples.uuid(1), now: Samples.start)
        #expect(campaign.json["status"] == 0)
        #expect(campaign.json["sc_mode"] == 0)
        #expect(campaign.json["plan"] == .null)
        let dlma = try DialListMaster.decodeNew(from: [:], uuid: Samples.uuid(1), now: Samples.start)
        #expect(dlma.json["dl_table"] == "a0000000_0000_4000_8000_000000000001")
        let body = try Samples.json("{\"dlma_uuid\":\"\(Samples.uuid(3).wire)\"}")
        let entry = try DialListEntry.decodeNew(from: body, uuid: Samples.uuid(1), now: Samples.start)
        #expect(entry.json["res_dial"] == 0)
        #expect(entry.json["res_dial_detail"] == .null)
        #expect(entry.json["trycnt_8"] == 0)
        #expect(entry.json["number_1"] == .null)
    }

    @Test("the default technology is a parameter")
    func defaultTechName() throws {
        let blank = Plan(blank: Samples.uuid(1), techName: "SIP")
        let plan = try Plan.decodeNew(from: [:], startingWith: blank, now: Samples.start)
        #expect(plan.techName == "SIP")
        let named = try Plan.decodeNew(from: ["tech_name": "sip"], startingWith: blank, now: Samples.start)
        #expect(named.techName == "sip")
    }

    @Test("known fields a client may not set are passed over", arguments: ["POST", "PUT"])
    func readOnlyFields(method: String) throws {
        let body = try Samples.json(
            """
            {"name":"x","uuid":"ffffffff-0000-4000-8000-000000000001","in_use":0,"dl_table":"y","tm_create":5,
             "tm_update":null,"tm_delete":"never"}
            """
        )
        var list = DialListMaster(uuid: Samples.uuid(1))
        list.createdAt = Samples.start
        if method == "POST" {
            list = try DialListMaster.decodeNew(from: body, uuid: Samples.uuid(1), now: Samples.start)
        } else {
            try list.apply(body)
        }
        #expect(list.name == "x")
        #expect(list.uuid == Samples.uuid(1))
        #expect(list.inUse)
        #expect(list.createdAt == Samples.start)
        #expect(list.deletedAt == nil)
    }

    @Test("a contact's tries and results are set by PUT and passed over by POST")
    func updateOnlyFields() throws {
        let results = """
            "trycnt_1":3,"res_dial":4,"res_dial_detail":"x","res_hangup":16,"res_hangup_detail":"y",
            "tm_last_dial":"2026-11-21T10:00:00Z","tm_last_hangup":null,"dialing_uuid":"nonsense"
            """
        let body = try Samples.json("{\"dlma_uuid\":\"\(Samples.uuid(3).wire)\",\(results)}")
        var entry = try DialListEntry.decodeNew(from: body, uuid: Samples.uuid(1), now: Samples.start)
        #expect(entry.tries[1] == 0)
        #expect(entry.dialResult == 0)
        try entry.apply(try Samples.json("{\(results)}"))
        #expect(entry.tries[1] == 3)
        #expect(entry.dialResult == 4)
        #expect(entry.hangupCauseDetail == "y")
        #expect(entry.lastDialAt?.wire == "2026-11-21T10:00:00.000000000Z")
        #expect(entry.dialing == nil)
        #expect(entry.dlma == Samples.uuid(3))
    }

    @Test("a contact needs its list")
    func requiredField() {
        let error = #expect(throws: ValidationError.self) {
            try DialListEntry.decodeNew(from: ["number_1": "300"], uuid: Samples.uuid(1), now: Samples.start)
        }
        #expect(error?.message == "dlma_uuid: is required")
    }

    @Test("a body that is no object is refused", arguments: ["[]", "5", "\"x\"", "null", "true"])
    func notAnObject(text: String) throws {
        let body = try Samples.json(text)
        #expect(throws: ValidationError.self) {
            try Plan.decodeNew(from: body, uuid: Samples.uuid(1), now: Samples.start)
        }
        var plan = Plan(blank: Samples.uuid(1))
        #expect(throws: ValidationError.self) { try plan.apply(body) }
    }

    @Test("too many variables are refused; those of five resources always fit one request")
    func variableCount() throws {
        func variables(_ count: Int) -> JSONValue {
            ["variables": JSONValue(pairs: (0..<count).map { ("v\($0)", 1) })]
        }
        var plan = Plan(blank: Samples.uuid(1))
        try plan.apply(variables(VariableLimits.perResource))
        #expect(throws: ValidationError.self) { try plan.apply(variables(VariableLimits.perResource + 1)) }
        var entry = DialListEntry(blank: Samples.uuid(1))
        try entry.apply(variables(VariableLimits.perContact))
        #expect(throws: ValidationError.self) { try entry.apply(variables(VariableLimits.perContact + 1)) }
        #expect(VariableLimits.merged <= 100)
    }

    @Test("a snapshot is read back whole, states clients may not set included")
    func snapshot() throws {
        var snapshot = Samples.snapshot(numbers: ["300", "301"])
        snapshot.entry.status = .dialing
        snapshot.entry.dialing = Samples.uuid(9)
        snapshot.entry.variables = ["a": 1, "b": "line\nbreak"]
        snapshot.entry.lastDialAt = Samples.start
        snapshot.campaign.schedule.isOn = true
        snapshot.campaign.schedule.timeZone = "Europe/Berlin"
        snapshot.campaign.lists = [ListShare(dlma: Samples.uuid(3), weight: 100), ListShare(dlma: Samples.uuid(6))]
        snapshot.campaign.listMode = .mixed
        snapshot.plan.inUse = false
        snapshot.plan.pacingRatio = 1.25
        var writer = JSONWriter()
        snapshot.write(to: &writer)
        #expect(try Dialing.Snapshot(json: JSONValue.parse(writer.bytes)) == snapshot)
    }

    @Test("a snapshot of another version lacks and adds fields without harm")
    func otherVersions() throws {
        let plan = try Plan(json: ["uuid": .string(Samples.uuid(1).wire), "future_field": 1])
        #expect(plan == Plan(blank: Samples.uuid(1)))
        #expect(throws: ValidationError.self) { try Plan(json: ["name": "x"]) }
        #expect(throws: ValidationError.self) { try Plan(json: ["uuid": .string(Samples.uuid(1).wire), "name": 5]) }
    }

    @Test("every field says what it is, and the schemas carry ranges and choices")
    func schemas() {
        func check<R: Resource>(_: R.Type) {
            for field in R.fields { #expect(!field.schema.description.isEmpty, "\(field.name)") }
            #expect(Set(R.fields.map(\.name)).count == R.fields.count)
        }
        check(Plan.self)
        check(Destination.self)
        check(DialListMaster.self)
        check(DialListEntry.self)
        check(Campaign.self)
        #expect(Plan.fieldTable["dial_timeout"]?.schema.range == 1000...600_000)
        #expect(Plan.fieldTable["dial_timeout"]?.schema.defaultValue == 30_000)
        #expect(Plan.fieldTable["dial_mode"]?.schema.choices.map(\.value) == [0, 1, 2, 3, 4, 5])
        #expect(Plan.fieldTable["name"]?.schema.isNullable == true)
        #expect(DialListEntry.fieldTable["dlma_uuid"]?.isRequired == true)
        #expect(DialListEntry.fieldTable["trycnt_1"]?.access == .updateOnly)
        #expect(Campaign.fieldTable["uuid"]?.access == .readOnly)
    }
}
