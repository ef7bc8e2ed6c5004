import DialerModel
import HummingbirdTesting
import Testing

import struct Foundation.UUID

@testable import ControlAPI

@Suite("jade's tutorial, typed into curl")
struct TutorialTests {
    /// `curl -X METHOD url -d body`, with curl's own default Content-Type.
    private func curl(_ method: String, _ url: String, _ body: String? = nil) async throws -> JSONValue {
        let text = try await Curl.run(["-X", method, url] + (body.map { ["-d", $0] } ?? []))
        let answer = try JSONValue.parse(text.utf8)
        #expect(answer["statuscode"] == .integer(200), "\(text)")
        return try #require(answer["result"])
    }

    private func expect(_ result: JSONValue, _ expected: [(String, JSONValue)]) {
        for (name, value) in expected { #expect(result[name] == value, "\(name)") }
    }

    @Test("The basic tutorial from plan to started campaign, every value as printed there")
    func basic() async throws {
        try await APIHarness.run(.live) { api in
            let base = "http://127.0.0.1:\(try #require(api.port))"
            let plan = try await self.curl(
                "POST", base + "/plans",
                #"{"name":"basic tutorial plan", "detail":"test plan for basic tutorial", "tech_name": "sip", "dial_mode":1}"#
            )
            self.expect(
                plan,
                [
                    ("name", .string("basic tutorial plan")), ("tech_name", .string("sip")), ("dial_mode", .integer(1)),
                    ("dial_timeout", .integer(30_000)), ("max_retry_cnt_8", .integer(5)), ("retry_delay", .integer(60)),
                    ("dl_end_handle", .integer(1)), ("service_level", .integer(0)), ("variables", .null),
                    ("in_use", .integer(1)), ("tm_update", .null),
                ]
            )
            let destination = try await self.curl(
                "POST", base + "/destinations",
                #"{"name": "basic tutorial destination", "detail":"test pln for basic tutorial", "type":1, "application": "park"}"#
            )
            self.expect(destination, [("type", .integer(1)), ("application", .string("park")), ("data", .null)])
            let dlma = try await self.curl(
                "POST", base + "/dlmas", #"{"name": "basic tutorial dlma", "detail": "test dlma for basic tutorial"}"#)
            let list = try #require(dlma["uuid"]?.stringValue)
            #expect(dlma["dl_table"] == .string(list.replacing("-", with: "_")))
            let dl = try await self.curl(
                "POST", base + "/dls",
                #"{"dlma_uuid": "\#(list)", "name": "basic tutorial test customer 1", "#
                    + #""detail": "test customer for basic tutorial", "number_1": "300"}"#
            )
            self.expect(
                dl,
                [
                    ("number_1", .string("300")), ("number_2", .null), ("status", .integer(0)),
                    ("res_dial", .integer(0)),
                    ("trycnt_1", .integer(0)), ("dialing_uuid", .null), ("ukey", .null),
                ]
            )
            let planUUID = try #require(plan["uuid"]?.stringValue)
            let destinationUUID = try #require(destination["uuid"]?.stringValue)
            let campaign = try await self.curl(
                "POST", base + "/campaigns",
                #"{"name": "basic tutorial campaign", "detail": "test campaign for basic tutorial", "#
                    + #""plan": "\#(planUUID)", "dest": "\#(destinationUUID)", "dlma": "\#(list)"}"#
            )
            self.expect(
                campaign,
                [
                    ("plan", .string(planUUID)), ("dest", .string(destinationUUID)), ("dlma", .string(list)),
                    ("status", .integer(0)), ("sc_mode", .integer(0)), ("next_campaign", .null), ("tm_update", .null),
                ]
            )
            let uuid = try #require(campaign["uuid"]?.stringValue)
            let started = try await self.curl("PUT", base + "/campaigns/\(uuid)", #"{"status": 1}"#)
            #expect(started["status"] == .integer(1))
            #expect(started["tm_update"]?.stringValue != nil)
            #expect(api.engine.script.nudged.last == UUID(wire: uuid))
            let contact = try await self.curl("GET", base + "/dls/\(try #require(dl["uuid"]?.stringValue))")
            #expect(contact == dl)
        }
    }

    @Test("curl's way with a body over a megabyte gets a 413, not a reset connection")
    func largeUpload() async throws {
        try await APIHarness.run(.live) { api in
            let base = "http://127.0.0.1:\(try #require(api.port))"
            let text = try await Curl.run(
                [
                    "-X", "POST", base + "/plans", "--data-binary", "@/usr/bin/env", "-o", "/dev/null", "-w",
                    "%{http_code}",
                ])
            #expect(text == "400")
            let large = try await Curl.run([
                "-X", "POST", base + "/plans", "-H", "Transfer-Encoding: chunked", "-T", "/proc/self/exe", "-o",
                "/dev/null",
                "-w", "%{http_code}",
            ])
            #expect(large == "400" || large == "413")
        }
    }
}
