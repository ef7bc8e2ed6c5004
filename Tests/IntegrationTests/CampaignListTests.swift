import DialerModel
import TestSupport
import Testing

/// A campaign over several lists, through the service, on the floor of `outpace floor`.
@Suite("Several lists of a campaign in the service", .serialized)
struct CampaignListTests {
    @Test(
        "lists are dialed to the end of all of them, and each result names its own", arguments: ["sequence", "mixed"])
    func walk(mode: String) async throws {
        let (floor, port) = try await CommandTests.floor(
            "--setup", "0.1", "--rule", "1* answer ring=0.2 talk=0.5 patience=300")
        let service = try await ServiceUnderTest.start(
            in: ServiceUnderTest.makeFolder(), asteriskPort: port, username: "outpace", secret: "change-me",
            databaseURL: TestDatabase.create().url
        )
        defer { service.tearDown() }
        // The first list stays the only one until the others are given.
        let walk = try await Walk.create(
            on: service, numbers: ["110", "111", "112"],
            target: #""type": 1, "application": "playback", "data": "we-are-sorry""#,
            planFields: #""max_retry_cnt_1": 1, "dial_mode": 4"#, technology: "PJSIP", trunk: "trunk")
        let other = try await service.create("/dlmas", #"{"name": "other"}"#)
        _ = try await service.create("/dls", #"{"dlma_uuid": "\#(other)", "number_1": "120"}"#)
        let changed = try await service.put(
            "/campaigns/\(walk.campaign)",
            #"{"lists": [{"dlma": "\#(walk.dlma)", "weight": 3}, {"dlma": "\#(other)"}], "list_mode": "\#(mode)"}"#)
        #expect(changed.status == 200, "\(changed.body)")
        try await walk.start()
        let lines = try await service.waitForResultLines(4)
        try await walk.waitUntilStopped()
        let statistics = try await service.get("/campaigns/\(walk.campaign)/stats").result
        await floor.stop()
        #expect(lines.count == 4)
        for line in lines {
            let list = line["dial_addr"]?.text == "120" ? other : walk.dlma
            #expect(line["uuid_dlma"] == .string(list), "\(line)")
            #expect(line["res_dial"] == .integer(4))
        }
        #expect(Set(lines.compactMap { $0["dial_addr"]?.text }) == ["110", "111", "112", "120"])
        #expect(statistics["list_total"] == .integer(4))
        #expect(statistics["list_left"] == .integer(0))
        #expect(statistics["answered"] == .integer(4))
    }
}
