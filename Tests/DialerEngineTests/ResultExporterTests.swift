import DialerModel
import DialerStore
import Logging
import NIOPosix
import Telephony
import TestSupport
import Testing

import class Foundation.FileHandle
import class Foundation.FileManager
import struct Foundation.UUID

@testable import DialerEngine

@Suite("The results file", .timeLimit(.minutes(10)))
struct ResultExporterTests {
    /// Dials `count` contacts without writing a file, so that their rows wait for an exporter.
    private func finishedRows(_ count: Int, in bed: EngineBed) async throws -> [ResultRow] {
        var bed = bed
        bed.configuration.resultsFile = "/dev/null"
        bed.pbx.react { pbx, order in pbx.busy(order.dialing) }
        let before = try await bed.results().count
        let campaign = try await bed.campaign(contacts: count)
        try await bed.withEngine { _ in
            try await eventually("the list ends") { try await bed.status(campaign.uuid) == .stop }
        }
        return Array(try await bed.results().dropFirst(before))
    }

    /// Runs an exporter while `body` runs.
    private func withExporter(
        _ bed: EngineBed, file: String? = nil, store: (any EngineStore)? = nil,
        _ body: (ResultExporter) async throws -> Void
    ) async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        var configuration = bed.configuration
        configuration.resultsFile = file ?? bed.file
        configuration.exportBatch = 10
        var logger = Logger(label: "exporter")
        logger.logLevel = .critical
        let leases = LeaseBook(configuration: configuration, clock: bed.clock)
        leases.registered(isFirst: true)
        let exporter = ResultExporter(
            store: store ?? bed.store, leases: leases, configuration: configuration, clock: bed.clock, pool: pool,
            logger: logger)
        let running = Task { await exporter.run() }
        do { try await body(exporter) } catch {
            running.cancel()
            await running.value
            try await pool.shutdownGracefully()
            throw error
        }
        running.cancel()
        await running.value
        try await pool.shutdownGracefully()
    }

    private func write(_ text: String, to file: String) {
        _ = FileManager.default.createFile(atPath: file, contents: text.data(using: .utf8))
    }

    private func text(of rows: some Sequence<ResultRow>) -> String {
        rows.map { String(decoding: $0.line, as: UTF8.self) + "\n" }.joined()
    }

    @Test("rows are appended in order, once, over several runs and batches")
    func inOrder() async throws {
        try await EngineBed.with { bed in
            let first = try await self.finishedRows(25, in: bed)
            try await self.withExporter(bed) { exporter in
                try await eventually("all lines") { bed.lines().count == 25 }
            }
            let second = try await self.finishedRows(5, in: bed)
            try await self.withExporter(bed) { exporter in
                exporter.rowsWritten()
                try await eventually("the rest") { bed.lines().count == 30 }
            }
            #expect(bed.lines().joined(separator: "\n") + "\n" == self.text(of: first + second))
        }
    }

    @Test(
        "a file that is ahead of the remembered position gets no line twice, and a torn last line is repaired",
        arguments: [0, 1, 7, 14])
    func crashBetweenFileAndPosition(whole: Int) async throws {
        try await EngineBed.with { bed in
            let rows = try await self.finishedRows(15, in: bed)
            let torn = String(decoding: rows[whole].line.prefix(41), as: UTF8.self)
            self.write(self.text(of: rows.prefix(whole)) + torn, to: bed.file)
            try await self.withExporter(bed) { _ in
                // The torn line looks like one until it is repaired.
                try await eventually("every row has its one line") {
                    bed.lines().joined(separator: "\n") + "\n" == self.text(of: rows)
                }
            }
        }
    }

    @Test("killed at any point of its work, the exporter leaves one line for each row")
    func killedAnywhere() async throws {
        try await EngineBed.with { bed in
            let rows = try await self.finishedRows(60, in: bed)
            for round in 0..<5 {
                let store = FaultyStore(bed.store)
                store.disturb { operation in
                    guard operation == .saveExportPosition else { return .none }
                    return round.isMultiple(of: 2) ? .notReached : .answerLost
                }
                try await self.withExporter(bed, store: store) { _ in
                    try await eventually("it got to the position") { store.count(.saveExportPosition) > 0 }
                    store.kill()
                }
            }
            try await self.withExporter(bed) { _ in
                try await eventually("all lines") { bed.lines().count == 60 }
            }
            #expect(bed.lines().joined(separator: "\n") + "\n" == self.text(of: rows))
        }
    }

    @Test("renamed or removed under it, the file is made anew, and no line is lost; likewise when told to reopen")
    func rotated() async throws {
        try await EngineBed.with { bed in
            let first = try await self.finishedRows(3, in: bed)
            try await self.withExporter(bed) { exporter in
                try await eventually("first") { bed.lines().count == 3 }
                try FileManager.default.moveItem(atPath: bed.file, toPath: bed.file + ".1")
                let second = try await self.finishedRows(2, in: bed)
                exporter.rowsWritten()
                try await eventually("second") { bed.lines().count == 2 }
                #expect(bed.lines().joined(separator: "\n") + "\n" == self.text(of: second))
                // Lines are seen before they are known to be safe: removed in between, they would go into the next file too.
                await exporter.flush()
                try FileManager.default.removeItem(atPath: bed.file)
                let third = try await self.finishedRows(1, in: bed)
                exporter.reopen()
                try await eventually("third") { bed.lines().count == 1 }
                #expect(bed.lines().joined(separator: "\n") + "\n" == self.text(of: third))
            }
            let rotated = FileManager.default.contents(atPath: bed.file + ".1").map {
                String(decoding: $0, as: UTF8.self)
            }
            #expect(rotated == self.text(of: first))
        }
    }

    @Test("on a full disk the rows wait, the trouble is told, and every line follows when there is room")
    func diskFull() async throws {
        try await EngineBed.with { bed in
            let rows = try await self.finishedRows(4, in: bed)
            // A device that is always full stands in for the disk; its name is taken over by a real file later.
            try FileManager.default.createSymbolicLink(atPath: bed.file, withDestinationPath: "/dev/full")
            try await self.withExporter(bed) { exporter in
                try await eventually("the trouble is told") { exporter.trouble?.contains("write") == true }
                try FileManager.default.removeItem(atPath: bed.file)
                try await eventually("all lines") { bed.lines().count == 4 }
                try await eventually("the trouble is over") { exporter.trouble == nil }
            }
            #expect(bed.lines().joined(separator: "\n") + "\n" == self.text(of: rows))
        }
    }

    @Test("a folder that is missing is made; one that cannot be is told")
    func folder() async throws {
        try await EngineBed.with { bed in
            _ = try await self.finishedRows(1, in: bed)
            let nested = bed.file + ".d/a/b/results.json"
            try await self.withExporter(bed, file: nested) { _ in
                try await eventually("the file is there") {
                    FileManager.default.contents(atPath: nested)?.isEmpty == false
                }
            }
            self.write("no folder", to: bed.file + ".f")
            try await self.withExporter(bed, file: bed.file + ".f/results.json") { exporter in
                try await eventually("the trouble is told") { exporter.trouble != nil }
            }
        }
    }

    @Test("half a batch is cut off again when the rest cannot be written")
    func cutBack() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/outpace-file-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let file = ResultsFile(path: folder + "/r.json", pool: pool)
        _ = try await file.open(windowBytes: 1 << 20)
        let length = try await file.append(Array("{\"a\":1}\n".utf8))
        #expect(length == 8)
        let isReplacedAtFirst = try await file.isReplaced()
        #expect(!isReplacedAtFirst)
        // A second writer of the same file shows as a length nobody here wrote.
        let handle = try #require(FileHandle(forWritingAtPath: folder + "/r.json"))
        try handle.truncate(atOffset: 3)
        let isReplacedAfter = try await file.isReplaced()
        #expect(isReplacedAfter)
        let tail = try await file.open(windowBytes: 1 << 20)
        #expect(tail.repaired == 3)
        #expect(tail.length == 0)
        file.close()
        try await pool.shutdownGracefully()
    }
}
