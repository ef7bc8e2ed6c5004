import AsyncHTTPClient
import DialerModel
import Foundation
import NIOCore
import PostgresClient
import TestSupport
import Testing

/// PostgreSQL killed under a running campaign, and the service after it: what became of each call is known all the same.
@Suite("PostgreSQL lost", .serialized, .timeLimit(.minutes(15)))
struct DatabaseLossTests {
    /// A server whose commits survive being killed, a floor where everybody answers and talks until hung up, a service between.
    private func withService(
        _ body: (PostgresTestServer, _ service: ServiceUnderTest, _ restart: () async throws -> ServiceUnderTest)
            async throws -> Void
    ) async throws {
        let server = try await PostgresTestServer.start(settings: ["synchronous_commit = on"])
        let (floor, port) = try await CommandTests.floor("--setup", "0.1", "--rule", "* answer ring=0.1 talk=3600")
        let folder = ServiceUnderTest.makeFolder()
        @Sendable func start() async throws -> ServiceUnderTest {
            try await ServiceUnderTest.start(
                in: folder, asteriskPort: port, username: "outpace", secret: "change-me", databaseURL: server.url())
        }
        let service = try await start()
        defer { service.tearDown() }
        try await body(server, service, start)
        await floor.stop()
        await server.remove()
    }

    /// Starts a campaign and returns its calls once all are connected.
    private func calls(_ count: Int, on service: ServiceUnderTest) async throws -> (walk: Walk, dialings: [String]) {
        let walk = try await Walk.create(
            on: service, numbers: (0..<count).map { "1\($0)" }, technology: "PJSIP", trunk: "trunk")
        try await walk.start()
        try await eventually("all are connected") {
            try await service.get("/campaigns/\(walk.campaign)/stats").result["connected"] == .integer(Int64(count))
        }
        let list = try await service.get("/dialings").result["list"]?.elements ?? []
        return (walk, list.compactMap { $0["uuid"]?.text })
    }

    private func metric(_ name: String, of service: ServiceUnderTest) async throws -> Int? {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: service.baseURL + "/metrics"), timeout: .seconds(30))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }.map { Int($0) }
    }

    private func waitForSpool(_ count: Int, of service: ServiceUnderTest) async throws {
        try await eventually("\(count) results are on the disk (log: \(service.tail()))") {
            try await self.metric("outpace_results_spooled", of: service) == count
        }
    }

    /// Each of these calls has one line, and it says that the call was answered and hung up.
    private func expectTrueLines(_ dialings: [String], in service: ServiceUnderTest) throws {
        let lines = try service.resultLines()
        #expect(lines.compactMap { $0["uuid"]?.text }.sorted() == dialings.sorted())
        #expect(lines.allSatisfy { $0["status"] == .integer(7) && $0["res_dial"] == .integer(4) }, "\(lines)")
    }

    @Test("killed, and the service killed too: at the next start every call has its one line with its true result")
    func bothKilled() async throws {
        try await self.withService { server, first, restart in
            let (walk, dialings) = try await self.calls(12, on: first)
            #expect(dialings.count == 12)
            try await server.stop(.kill)
            for dialing in dialings.prefix(10) {
                #expect(try await first.delete("/dialings/\(dialing)").status == 200)
            }
            try await self.waitForSpool(10, of: first)
            let ready = try await first.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready.body["error"]?["message"]?.text?.hasPrefix("postgresql: ") == true)
            let components = ready.result["components"]?.elements ?? []
            let names = components.compactMap { $0["component"]?.text }
            let down = components.filter { $0["healthy"] == .bool(false) }.compactMap { $0["component"]?.text }
            #expect(down == ["postgresql"])
            #expect(names == ["postgresql", "asterisk:pbx1", "results", "spool"])
            await first.kill()

            try await server.restart()
            let second = try await restart()
            defer { second.tearDown() }
            #expect(try await second.waitForResultLines(10).count == 10)
            // The other two calls go on.
            try await eventually("two are followed on") {
                try await second.get("/campaigns/\(walk.campaign)/stats").result["in_progress"] == .integer(2)
            }
            for dialing in dialings.suffix(2) {
                try await eventually("it can be hung up") {
                    try await second.delete("/dialings/\(dialing)").status == 200
                }
            }
            _ = try await second.waitForResultLines(12)
            try await second.waitForStatus(0, ofCampaign: walk.campaign)
            try self.expectTrueLines(dialings, in: second)
            #expect(!FileManager.default.fileExists(atPath: second.folder.path + "/data/spool/results"))
        }
    }

    @Test("an orderly stop while it is away loses nothing, and says where the results are")
    func orderlyStop() async throws {
        try await self.withService { server, first, restart in
            let (_, dialings) = try await self.calls(5, on: first)
            try await server.stop(.immediate)
            for dialing in dialings {
                #expect(try await first.delete("/dialings/\(dialing)").status == 200)
            }
            try await self.waitForSpool(5, of: first)
            await first.stop()
            #expect(first.tail(60).contains("stopped with results not written; they are kept on the disk"))
            try await server.restart()
            let second = try await restart()
            defer { second.tearDown() }
            #expect(try await second.waitForResultLines(5).count == 5)
            try self.expectTrueLines(dialings, in: second)
        }
    }

    @Test("read-only, as a standby is: calls end, their results wait, and are written once it takes them")
    func readOnly() async throws {
        try await self.withService { server, service, _ in
            let (walk, dialings) = try await self.calls(4, on: service)
            try await TestDatabase.withClient(url: server.url()) { client in
                let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                try await client.execute("ALTER SYSTEM SET default_transaction_read_only = on")
                try await client.query("SELECT pg_reload_conf()")
                try await client.query("\(unescaped: others) AND backend_type = 'client backend'")
                for dialing in dialings {
                    #expect(try await service.delete("/dialings/\(dialing)").status == 200)
                }
                try await self.waitForSpool(4, of: service)
                let refused = try await service.post("/plans", "{}")
                #expect(refused.status == 503, "\(refused.body)")
                #expect(try service.resultLines().isEmpty)
            }
            // Settings of a server that was told to be read-only can be taken back by a session that says otherwise.
            try await TestDatabase.withClient(url: server.url() + "&options=-c%20default_transaction_read_only%3Doff") {
                try await $0.execute("ALTER SYSTEM RESET default_transaction_read_only")
                try await $0.query("SELECT pg_reload_conf()")
            }
            #expect(try await service.waitForResultLines(4).count == 4)
            try await service.waitForStatus(0, ofCampaign: walk.campaign)
            try self.expectTrueLines(dialings, in: service)
            try await self.waitForSpool(0, of: service)
        }
    }
}
