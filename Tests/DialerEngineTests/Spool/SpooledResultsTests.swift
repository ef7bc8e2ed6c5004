import DialerModel
import DialerStore
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import PostgresClient
import Telephony
import TestSupport
import Testing

import class Foundation.FileManager
import struct Foundation.UUID

@testable import DialerEngine

/// What becomes of results while PostgreSQL does not take them, and the engine ends before it does.
@Suite("Results kept on the disk", .timeLimit(.minutes(10)))
struct SpooledResultsTests {
    private func spooled(_ bed: EngineBed) async throws -> [FinishedDialing] {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        var found: [FinishedDialing] = []
        let folder = try #require(bed.configuration.spoolFolder)
        let file = SpoolFile(folder: folder, pool: pool)
        _ = try await file.read(batch: 1000) { found += $0 }
        try await pool.shutdownGracefully()
        return found
    }

    private func hasFile(_ bed: EngineBed) -> Bool {
        FileManager.default.fileExists(atPath: (bed.configuration.spoolFolder ?? "") + "/results")
    }

    /// Each of these results has its row and its line, with what the call came to.
    private func expectTrueResults(_ bed: EngineBed, count: Int) async throws {
        try await bed.expectOneResultPerClaim()
        #expect(bed.lines().count == count)
        let wrong = bed.lines().filter { !$0.contains(#""res_dial":5"#) || $0.contains(#""status":10"#) }
        #expect(wrong.isEmpty, "\(wrong)")
        #expect(!self.hasFile(bed))
    }

    @Test("killed while the database is away, the engine's next start writes every result, once, as it was")
    func killed() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            _ = try await bed.campaign(contacts: 40)
            let driver = ScriptedTelephony(pbx)
            let store = FaultyStore(bed.store)
            store.disturb { $0 == .finish ? .notReached : .none }
            let engine = bed.engine(store: store, drivers: [driver])
            let running = Task { try await engine.run() }
            try await eventually("all ring") { pbx.orders.count == 40 }
            for order in pbx.orders { pbx.busy(order.dialing) }
            try await eventually("all results are on the disk") { try await self.spooled(bed).count == 40 }
            store.kill()
            driver.cut()
            running.cancel()
            try await running.value
            #expect(try await bed.store.dialings.open().count == 40)
            #expect(bed.lines().isEmpty)

            // The first look at the database fails too, in the middle of the replay: nothing is done by halves.
            let second = FaultyStore(bed.store)
            let tries = NIOLockedValueBox(0)
            second.disturb { operation in
                guard operation == .finish else { return .none }
                let number = tries.withLockedValue { tries in
                    tries += 1
                    return tries
                }
                return number == 1 ? .notReached : number == 2 ? .answerLost : .none
            }
            try await bed.withEngine(store: second) { _ in
                try await eventually("they are written") { bed.lines().count == 40 }
            }
            try await self.expectTrueResults(bed, count: 40)
            #expect(pbx.orders.count == 40)
        }
    }

    @Test("an orderly stop while the database is away keeps every result, and says so; dialing ends are not lost")
    func orderlyStop() async throws {
        try await EngineBed.with { bed in
            var bed = bed
            bed.configuration.shutdownTime = .seconds(1)
            let pbx = bed.pbx
            _ = try await bed.campaign(contacts: 30)
            let store = FaultyStore(bed.store)
            let log = RecordedLog()
            try await bed.withEngine(store: store, logger: log.logger) { _ in
                try await eventually("all ring") { pbx.orders.count == 30 }
                store.disturb { _ in .notReached }
                for order in pbx.orders { pbx.busy(order.dialing) }
                try await eventually("their ends are seen") { pbx.liveCalls.isEmpty }
            }
            #expect(
                log.messages.contains { $0.hasPrefix("stopped with results not written; they are kept on the disk") })
            #expect(try await self.spooled(bed).count == 30)
            let second = RecordedLog()
            try await bed.withEngine(logger: second.logger) { _ in
                try await eventually("they are written") { bed.lines().count == 30 }
            }
            #expect(second.messages.contains("wrote the results the last process kept on the disk"))
            try await self.expectTrueResults(bed, count: 30)
        }
    }

    @Test(
        "a database that hangs is not waited for: what waits longer than a second is on the disk, and goes when written"
    )
    func hanging() async throws {
        try await EngineBed.with { bed in
            var bed = bed
            bed.configuration.spoolDelay = .milliseconds(50)
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 10)
            // Whoever writes results waits for this row.
            try await bed.client.withTransaction { transaction in
                _ = try await transaction.query("SELECT last FROM result_sequence FOR UPDATE")
                let engine = bed.engine()
                let running = Task { try await engine.run() }
                try await eventually("all ring") { pbx.orders.count == 10 }
                for order in pbx.orders { pbx.busy(order.dialing) }
                try await eventually("they are on the disk") { try await self.spooled(bed).count == 10 }
                running.cancel()
                try await running.value
            }
            try await bed.withEngine { _ in
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
            }
            try await self.expectTrueResults(bed, count: 10)
        }
    }

    @Test("when the database is back the results are written and the file goes, while the engine runs on")
    func recovery() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 20)
            let store = FaultyStore(bed.store)
            let log = RecordedLog()
            try await bed.withEngine(store: store, logger: log.logger) { engine in
                try await eventually("all ring") { pbx.orders.count == 20 }
                store.disturb { $0 == .finish ? .notReached : .none }
                for order in pbx.orders { pbx.busy(order.dialing) }
                try await eventually("they are on the disk") { try await self.spooled(bed).count == 20 }
                #expect(await engine.health().contains { $0.component == "spool" && $0.isHealthy })
                store.disturb { _ in .none }
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
                try await eventually("the file is gone") { !self.hasFile(bed) }
            }
            #expect(log.messages.contains("the database has every result that was kept on the disk"))
            try await self.expectTrueResults(bed, count: 20)
        }
    }

    @Test("as long as the database takes results promptly nothing is put on the disk")
    func nothingInGoodTimes() async throws {
        let pbx = ScriptedPBX { pbx, order in pbx.busy(order.dialing) }
        try await EngineBed.with([pbx]) { bed in
            var bed = bed
            // However slow this machine is, only failures may bring it about here.
            bed.configuration.spoolDelay = .seconds(600)
            let campaign = try await bed.campaign(contacts: 200)
            try await bed.withEngine { _ in
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
                #expect(!self.hasFile(bed))
            }
            try await self.expectTrueResults(bed, count: 200)
        }
    }

    @Test("a disk that cannot keep results is told, and they are written from memory all the same")
    func diskFull() async throws {
        try await EngineBed.with { bed in
            let pbx = bed.pbx
            let campaign = try await bed.campaign(contacts: 5)
            let path = try #require(bed.configuration.spoolFolder) + "/results"
            let store = FaultyStore(bed.store)
            try await bed.withEngine(store: store) { engine in
                try await eventually("all ring") { pbx.orders.count == 5 }
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
                store.disturb { $0 == .finish ? .notReached : .none }
                for order in pbx.orders { pbx.busy(order.dialing) }
                try await eventually("the trouble is told") {
                    await engine.health().contains {
                        $0.component == "spool" && $0.detail?.contains("No space") == true
                    }
                }
                store.disturb { _ in .none }
                try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
                try await eventually("all is well") { await engine.health().allSatisfy { $0.isHealthy } }
                try FileManager.default.removeItem(atPath: path)
            }
            try await self.expectTrueResults(bed, count: 5)
        }
    }

    @Test("a damaged record is told and kept for a look; its dialing ends with status 10, the others as they did")
    func damaged() async throws {
        try await EngineBed.with { bed in
            var bed = bed
            bed.configuration.shutdownTime = .milliseconds(100)
            _ = try await self.leaveThree(bed, by: FaultyStore(bed.store))
            let path = try #require(bed.configuration.spoolFolder) + "/results"
            var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
            bytes[100] ^= 4
            #expect(FileManager.default.createFile(atPath: path, contents: .init(bytes)))
            let log = RecordedLog()
            try await bed.withEngine(logger: log.logger) { _ in
                try await eventually("all have their lines") { bed.lines().count == 3 }
            }
            try await bed.expectOneResultPerClaim()
            #expect(bed.lines().count { $0.contains(#""res_dial":5"#) } == 2)
            #expect(bed.lines().count { $0.contains(#""status":10"#) } == 1)
            #expect(log.messages.contains { $0.contains("is damaged") })
            let left = try FileManager.default.contentsOfDirectory(atPath: bed.configuration.spoolFolder ?? "")
            #expect(left.count { $0.hasPrefix("damaged-") } == 1)
        }
    }

    @Test(
        "a result the database refuses at the start stays, ends nobody's dialing with 10, and is written when it may be"
    )
    func refused() async throws {
        try await EngineBed.with { bed in
            var bed = bed
            bed.configuration.shutdownTime = .milliseconds(100)
            let (campaign, odd) = try await self.leaveAnOddOne(bed)
            try await bed.withEngine { engine in
                try await eventually("the others are written") { bed.lines().count == 2 }
                #expect(await engine.liveState(of: odd) == nil)
                #expect(try await self.spooled(bed).map(\.dialing) == [odd])
            }
            #expect(try await self.spooled(bed).map(\.dialing) == [odd])
            try await bed.withEngine { _ in
                try await eventually("it is held") { try await bed.store.dialings.open().map(\.uuid) == [odd] }
                try await self.expectAllWritten(bed, campaign: campaign)
            }
        }
    }

    /// Whoever stops gives its leases back, for others to have them at once; and a result is written under the lease its call was made
    /// under, or by nobody.
    @Test("an engine that stops before its results are written keeps its leases, and its next start writes them")
    func leasesAreKept() async throws {
        try await EngineBed.with { bed in
            var bed = bed
            bed.configuration.shutdownTime = .milliseconds(100)
            let store = FaultyStore(bed.store)
            _ = try await self.leaveThree(bed, by: store) { $0 == .finish ? .notReached : .none }
            #expect(store.count(.retire) == 0)
            let next = FaultyStore(bed.store)
            try await bed.withEngine(store: next) { _ in
                try await eventually("all have their lines") { bed.lines().count == 3 }
            }
            #expect(next.count(.retire) == 1)
            try await self.expectTrueResults(bed, count: 3)
        }
    }

    /// An engine ends with three results on the disk.
    ///
    /// - Returns: the campaign.
    private func leaveThree(
        _ bed: EngineBed, by store: FaultyStore,
        fault: @escaping @Sendable (FaultyStore.Operation) -> FaultyStore.Fault = { _ in .notReached }
    ) async throws -> UUID {
        let pbx = bed.pbx
        let campaign = try await bed.campaign(contacts: 3)
        try await bed.withEngine(store: store) { _ in
            try await eventually("all ring") { pbx.orders.count == 3 }
            store.disturb(fault)
            for order in pbx.orders { pbx.busy(order.dialing) }
            try await eventually("they are on the disk") { try await self.spooled(bed).count == 3 }
        }
        return campaign.uuid
    }

    /// The same, and the database refuses one of them.
    ///
    /// - Returns: the campaign, and whose result is refused.
    private func leaveAnOddOne(_ bed: EngineBed) async throws -> (campaign: UUID, odd: UUID) {
        let campaign = try await self.leaveThree(bed, by: FaultyStore(bed.store))
        let odd = bed.pbx.orders[1].dialing
        _ = try await bed.client.execute(
            "ALTER TABLE dialing_result ADD CONSTRAINT odd CHECK (dialing <> '\(unescaped: odd.uuidString)')")
        return (campaign, odd)
    }

    /// Once the database takes the odd one, all have their true results.
    private func expectAllWritten(_ bed: EngineBed, campaign: UUID) async throws {
        _ = try await bed.client.execute("ALTER TABLE dialing_result DROP CONSTRAINT odd")
        try await eventually("the list ends") { try await bed.status(campaign) == .stop }
        try await eventually("the file is gone") { !self.hasFile(bed) }
        try await self.expectTrueResults(bed, count: 3)
    }

    @Test(
        "a start that fails after it took the former process's place and goes on loses no result the database refused",
        arguments: 1...2)
    func refusedAtAStartThatFails(failure: Int) async throws {
        try await EngineBed.with { bed in
            var bed = bed
            bed.configuration.shutdownTime = .milliseconds(100)
            let (campaign, odd) = try await self.leaveAnOddOne(bed)
            let store = FaultyStore(bed.store)
            // The engine is registered by then.
            store.disturb { $0 == .renewLeases && store.count(.renewLeases) == failure ? .notReached : .none }
            try await bed.withEngine(store: store) { _ in
                try await eventually("it has started after all") { store.count(.renewLeases) > failure + 1 }
                try await eventually("it is held") { try await bed.store.dialings.open().map(\.uuid) == [odd] }
                try await self.expectAllWritten(bed, campaign: campaign)
            }
        }
    }

    @Test(
        "a start that ends after it took the former process's place leaves what was not written to the next",
        arguments: [true, false])
    func refusedAtAStartThatEnds(isKilled: Bool) async throws {
        try await EngineBed.with { bed in
            var bed = bed
            bed.configuration.shutdownTime = .milliseconds(100)
            let (campaign, odd) = try await self.leaveAnOddOne(bed)
            let store = FaultyStore(bed.store)
            store.disturb { $0 == .renewLeases || (isKilled && $0 == .retire) ? .notReached : .none }
            try await bed.withEngine(store: store) { _ in
                try await eventually("it is registered") { store.count(.renewLeases) > 0 }
            }
            #expect(try await self.spooled(bed).map(\.dialing) == [odd])
            try await bed.withEngine { _ in
                try await eventually("it is held") { try await bed.store.dialings.open().map(\.uuid) == [odd] }
                try await self.expectAllWritten(bed, campaign: campaign)
            }
        }
    }

    @Test("two engines do not share a results file or a spool")
    func oneEngine() async throws {
        try await EngineBed.with { bed in
            let first = bed.engine()
            try first.takeFiles()
            #expect(throws: OtherWriterError.resultsFile(bed.file)) { try bed.engine().takeFiles() }
            var other = bed
            other.configuration.resultsFile = bed.file + ".other"
            let folder = try #require(bed.configuration.spoolFolder)
            await #expect(throws: OtherWriterError.spool(folder)) { try await other.engine().run() }
            try first.takeFiles()
            withExtendedLifetime(first) {}
        }
    }
}
