import Foundation
import TestSupport
import Testing

@testable import outpace

@Suite("The process's memory")
struct MemoryUpkeepTests {
    private static let piece = 1_000
    private static let pieces = 256_000

    /// Bytes of this process that are in memory and no file's.
    private static func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1024
    }

    @Test(
        "what a peak leaves between pieces that stay is given back",
        .disabled(
            if: ProcessMemory.isSanitized, "memory comes from the sanitizer's allocator, which gives nothing back"))
    func givenBack() async throws {
        var peak = (0..<Self.pieces).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: Self.piece) }
        let most = try Self.residentBytes()
        // One piece in a hundred stays, so that no arena's end is free.
        for index in peak.indices where index % 100 != 0 { peak[index] = [] }
        let upkeep = Task { try await MemoryUpkeep(interval: .milliseconds(20)).run() }
        defer { upkeep.cancel() }
        // Other tests use memory, too: half is enough to tell.
        let half = Self.pieces * Self.piece / 2
        try await eventually("memory falls by \(half) bytes from \(most)") { try Self.residentBytes() < most - half }
        #expect(peak.count { !$0.isEmpty } == Self.pieces / 100)
    }
}
