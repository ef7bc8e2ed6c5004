import DialerModel
import Testing

@Suite struct DialingWritingTests {
    private static let resultColumns = [
        "status", "action_id", "channel", "res_dial", "res_dial_detail", "res_hangup", "res_hangup_detail", "uuid_camp",
        "uuid_plan", "uuid_dlma", "uuid_dest", "uuid_dl_list",
    ]
    private static let dialColumns = [
        "dial_channel", "dial_addr", "dial_index", "dial_trycnt", "dial_timeout", "dial_type", "dial_context",
        "dial_exten",
        "dial_priority", "dial_application", "dial_data", "dial_variables", "tm_create", "tm_delete", "tm_update",
    ]

    @Test("the API's dialing has jade's columns in table order, snapshots as objects")
    func restForm() throws {
        var dialing = Samples.dialing()
        dialing.pbx = "pbx1"
        var writer = JSONWriter()
        dialing.write(to: &writer)
        let value = try JSONValue.parse(writer.bytes)
        #expect(
            value.pairs.map(\.key)
                == ["uuid"] + Self.resultColumns
                + ["info_camp", "info_plan", "info_dlma", "info_dest", "info_dl_list", "info_dial"] + Self.dialColumns
                + ["name", "pbx"]
        )
        #expect(value["info_plan"] == dialing.snapshot.plan.json)
        #expect(value["info_dl_list"]?["number_1"] == "300")
        #expect(value["info_dial"]?["channelid"] == .string(dialing.uuid.wire))
        #expect(value["info_dial"]?["uuid"] == .string(dialing.entry.wire))
        #expect(value["dial_variables"] == [:])
        #expect(value["pbx"] == "pbx1")
    }

    @Test("the results line has jade's keys in jade's order, then ours, on one line")
    func resultLine() throws {
        var dialing = Samples.dialing()
        dialing.variables = ["ck": "c\r\nv\u{2028}", "num": 5]
        dialing.pbx = "pbx1"
        var result = DialingResult(dialing: dialing.uuid, status: .hangup, endedAt: Samples.start + .seconds(9))
        result.channel = "PJSIP/trunk-00000001"
        result.dialResult = 4
        result.dialResultDetail = "Remote end has answered"
        result.hangupCause = 16
        result.hangupCauseDetail = "Normal\nClearing"
        result.answeredAt = Samples.start + .seconds(1)
        result.agentConnectedAt = Samples.start + .seconds(2)
        result.agent = "PJSIP/agent-01"
        result.waitSeconds = 1
        result.outcome = .kept
        result.machineStatus = "NOTSURE"
        result.machineCause = "TOOLONG-5000"
        result.talkSeconds = 7
        let bytes = ResultLine(dialing: dialing, result: result).bytes
        #expect(!bytes.contains(0x0A) && !bytes.contains(0x0D))
        let value = try JSONValue.parse(bytes)
        #expect(
            value.pairs.map(\.key)
                == ["uuid", "name"] + Self.resultColumns + Self.dialColumns
                + [
                    "answered", "abandoned", "agent", "queue", "wait_seconds", "talk_seconds", "pbx", "tm_dial_begin",
                    "tm_answer", "tm_queue", "tm_agent", "tm_end", "live", "machine", "amd_status",
                    "amd_cause", "diverted_to",
                ]
        )
        #expect(value["name"] == .null)
        #expect(value["status"] == 7)
        #expect(value["channel"] == "PJSIP/trunk-00000001")
        #expect(value["dial_type"] == 1)
        #expect(value["dial_context"] == .null)
        #expect(value["dial_application"] == "queue")
        #expect(value["dial_variables"] == dialing.variables)
        #expect(value["tm_create"] == "2027-01-15T08:00:00.000000000Z")
        #expect(value["tm_delete"] == .null)
        #expect(value["tm_update"] == "2027-01-15T08:00:09.000000000Z")
        #expect(value["answered"] == true)
        #expect(value["abandoned"] == false)
        #expect(value["wait_seconds"] == 1.0)
        #expect(value["live"] == true)
        #expect(value["machine"] == false)
        #expect(value["amd_status"] == "NOTSURE")
        #expect(value["amd_cause"] == "TOOLONG-5000")
        #expect(value["diverted_to"] == .null)
        #expect(value["tm_answer"] == "2027-01-15T08:00:01.000000000Z")
        #expect(value["tm_queue"] == .null)
        #expect(value["tm_end"] == value["tm_update"])
    }
}
