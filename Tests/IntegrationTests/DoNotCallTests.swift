import AsyncHTTPClient
import DialerModel
import Foundation
import NIOCore
import TestSupport
import Testing

extension RealAsteriskTests {
    /// The do-not-call list as a client and a real Asterisk see it.
    @Suite("The do-not-call list")
    struct DoNotCallTests {
        @Test("Asterisk is asked for no listed number; each contact has its line, in one shape, and /metrics counts")
        func campaign() async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let (busy, listed) = (TestCustomer.busy().number, "300")
                let walk = try await Walk.create(on: service, numbers: [listed, busy, listed])
                let added = try await service.post("/dnc", #"{"number": "\#(listed)", "reason": "asked by letter"}"#)
                #expect(added.status == 200, "\(added.body)")
                try await walk.start()
                try await walk.waitUntilStopped()
                let lines = try await service.waitForResultLines(3)
                #expect(lines.count == 3)
                for text in try service.resultTexts() { try ResultsFileCheck.expectShape(of: text) }
                let blocked = lines.filter { $0["status"] == .integer(20) }
                #expect(blocked.map { $0["dial_addr"] } == [.string(listed), .string(listed)])
                #expect(Set(blocked.compactMap { $0["uuid_dl_list"]?.text }) == [walk.contacts[0], walk.contacts[2]])
                #expect(lines.filter { $0["dial_addr"] == .string(busy) }.map { $0["res_dial"] } == [.integer(5)])

                let figures = try await service.get("/campaigns/\(walk.campaign)/stats").result
                #expect(figures["blocked"] == .integer(2))
                #expect(figures["dialed"] == .integer(1))
                let request = HTTPClientRequest(url: service.baseURL + "/metrics")
                let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
                let metrics = String(buffer: try await answer.body.collect(upTo: 1 << 20))
                #expect(metrics.contains("\noutpace_blocked_total 2\n"), "\(metrics)")
            }
        }
    }
}
