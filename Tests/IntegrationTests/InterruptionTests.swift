import DialerModel
import Foundation
import TestSupport
import Testing

extension RealAsteriskTests {
    /// What happens to calls when a part goes away while they are in progress.
    @Suite("Interruptions")
    struct InterruptionTests {
        @Test("Asterisk restarted in the middle of a campaign: every call ends in one line, and the campaign goes on")
        func asteriskRestart() async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let numbers =
                    (0..<4).map { _ in TestCustomer.answersAndStays().number }
                    + (0..<2).map { _ in TestCustomer.neverAnswers.number }
                let walk = try await Walk.create(on: service, numbers: numbers)
                try await walk.start()
                try await eventually("six calls are in progress") {
                    try await service.get("/campaigns/\(walk.campaign)/stats").result["connected"] == .integer(4)
                }
                try await asterisk.restart()
                let lines = try await service.waitForResultLines(6)
                #expect(lines.count == 6)
                #expect(Set(lines.compactMap { $0["uuid"]?.text }).count == 6)
                // An answered call stays answered whatever ended it.
                #expect(lines.count { $0["res_dial"] == .integer(4) } == 4)
                try await walk.waitUntilStopped()

                try await eventually("the service is ready again") { try await service.get("/readyz").status == 200 }
                let after = try await Walk.create(on: service, numbers: ["300"])
                try await after.start()
                let all = try await service.waitForResultLines(7)
                #expect(all.last?["res_dial"] == .integer(4))
            }
        }

        @Test("the service killed with calls in progress: adopted at the next start, one line each, none dialed twice")
        func serviceKilled() async throws {
            try await AsteriskServer.with { asterisk in
                let folder = ServiceUnderTest.makeFolder()
                var service = try await ServiceUnderTest.start(in: folder, beside: asterisk)
                let numbers = (0..<3).map { _ in TestCustomer.answersAndStays().number }
                let walk = try await Walk.create(on: service, numbers: numbers)
                try await walk.start()
                try await eventually("three calls are connected") {
                    try await service.get("/campaigns/\(walk.campaign)/stats").result["connected"] == .integer(3)
                }
                await service.kill()
                service = try await ServiceUnderTest.start(in: folder, beside: asterisk)
                defer { service.tearDown() }
                guard case .array(let open) = try await service.get("/dialings").result["list"] else {
                    throw TestFailure("no list of dialings")
                }
                #expect(open.count == 3)
                #expect(try service.resultLines().isEmpty)
                try await Walk(
                    service: service, plan: walk.plan, destination: walk.destination, dlma: walk.dlma,
                    contacts: walk.contacts,
                    campaign: walk.campaign
                )
                .setStatus(30)
                let lines = try await service.waitForResultLines(3)
                #expect(lines.count == 3)
                #expect(lines.allSatisfy { $0["res_dial"] == .integer(4) })
                for contact in walk.contacts {
                    #expect(try await service.get("/dls/\(contact)").result["trycnt_1"] == .integer(1))
                }
            }
        }

        @Test("SIGTERM ends the service and its PostgreSQL in order; the next start finds everything")
        func cleanRestart() async throws {
            try await AsteriskServer.with { asterisk in
                let folder = ServiceUnderTest.makeFolder()
                var service = try await ServiceUnderTest.start(in: folder, beside: asterisk)
                let walk = try await Walk.create(on: service, numbers: ["300"])
                try await walk.start()
                _ = try await service.waitForResultLines(1)
                #expect(await service.stop() == 0)
                #expect(!FileManager.default.fileExists(atPath: folder.path + "/data/postgres/postmaster.pid"))
                service = try await ServiceUnderTest.start(in: folder, beside: asterisk)
                defer { service.tearDown() }
                #expect(try await service.get("/dls/\(walk.contacts[0])").result["res_dial"] == .integer(4))
                #expect(try service.resultLines().count == 1)
            }
        }

        @Test("SIGHUP reopens the results file for logrotate")
        func rotation() async throws {
            try await AsteriskServer.with { asterisk in
                let service = try await ServiceUnderTest.start(beside: asterisk)
                defer { service.tearDown() }
                let first = try await Walk.create(on: service, numbers: ["300"])
                try await first.start()
                _ = try await service.waitForResultLines(1)
                let rotated = service.folder.appending(path: "results.json.1")
                try FileManager.default.moveItem(at: service.resultsFile, to: rotated)
                service.hangUpSignal()
                let second = try await Walk.create(on: service, numbers: ["301"])
                try await second.start()
                let lines = try await service.waitForResultLines(1)
                #expect(lines.count == 1)
                #expect(lines.first?["dial_addr"] == .string("301"))
                #expect(try String(contentsOf: rotated, encoding: .utf8).split(separator: "\n").count == 1)
            }
        }
    }
}
