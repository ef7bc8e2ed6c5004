import DialerModel
import DialerStore
import NIOPosix
import Testing

import class Foundation.FileHandle
import class Foundation.FileManager
import struct Foundation.UUID

@testable import DialerEngine

@Suite("The spool's file", .timeLimit(.minutes(5)))
struct SpoolFileTests {
    private func withFile(_ body: (SpoolFile, NIOThreadPool) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/outpace-spool-\(UUID().uuidString)"
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = SpoolFile(folder: folder + "/a/b", pool: pool)
        try await body(file, pool)
        file.close()
        try await pool.shutdownGracefully()
    }

    private func results(_ count: Int) -> [FinishedDialing] {
        var generator = SeededGenerator(seed: UInt64(count))
        return (0..<count).map { _ in FinishedDialing.random(using: &generator) }
    }

    private func read(_ file: SpoolFile, batch: Int = 1000) async throws -> ([FinishedDialing], SpoolFile.Reading) {
        var found: [FinishedDialing] = []
        let reading = try await file.read(batch: batch) { part in
            #expect(part.count <= batch)
            found += part
        }
        return (found, reading)
    }

    @Test("appended, read in batches, rewritten and removed")
    func life() async throws {
        try await self.withFile { file, _ in
            let all = self.results(2_500)
            #expect(try await self.read(file).1 == SpoolFile.Reading())
            try await file.append(Array(all.prefix(10)))
            try await file.append(Array(all.dropFirst(10)))
            let (found, reading) = try await self.read(file, batch: 200)
            #expect(found == all)
            #expect(reading.records == all.count)
            try await file.replace(with: Array(all.suffix(3)))
            #expect(try await self.read(file).0 == all.suffix(3))
            try await file.append([all[0]])
            #expect(try await self.read(file).0 == all.suffix(3) + [all[0]])
            try await file.replace(with: [])
            #expect(try await self.read(file).0.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: file.folder + "/results"))
        }
    }

    @Test("a second owner is refused as long as the first lives, and finds what that one left, without the torn end")
    func oneOwner() async throws {
        try await self.withFile { file, pool in
            let all = self.results(3)
            try file.lock()
            try await file.append(all)
            let second = SpoolFile(folder: file.folder, pool: pool)
            #expect(throws: OtherWriterError.spool(file.folder)) { try second.lock() }
            file.close()
            try second.lock()
            let path = file.folder + "/results"
            let size = try #require(FileManager.default.contents(atPath: path)).count
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.truncate(atOffset: UInt64(size - 5))
            try handle.close()
            let (found, reading) = try await self.read(second)
            #expect(found == Array(all.prefix(2)))
            #expect(reading.tornBytes > 0)
            #expect(!reading.isDamaged)
            second.close()
        }
    }

    @Test("on a full disk nothing half stays, and the error names the file")
    func fullDisk() async throws {
        try await self.withFile { file, _ in
            try file.lock()
            try FileManager.default.createSymbolicLink(
                atPath: file.folder + "/results", withDestinationPath: "/dev/full")
            let error = await #expect(throws: ResultsFileError.self) { try await file.append(self.results(1)) }
            #expect(error?.description.contains("\(file.folder)/results: No space left") == true)
        }
    }
}
