import AsteriskManager
import Foundation
import NIOCore

/// Bytes recorded from a real Asterisk 22, by name (`b05_busy`).
package struct Transcript: Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package var description: String { self.name }

    /// Every recorded session.
    package static let all: [Transcript] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".recv.raw") }.sorted().map { Transcript(String($0.dropLast(9))) }
    }()

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/ami-transcripts")

    /// What Asterisk sent, its greeting first.
    package func received() throws -> [UInt8] {
        try Array(Data(contentsOf: Self.folder.appending(path: self.name + ".recv.raw")))
    }

    /// What the client sent.
    package func sent() throws -> [UInt8] {
        try Array(Data(contentsOf: Self.folder.appending(path: self.name + ".send.raw")))
    }

    /// The recorded events only, without answers, lists and the greeting, as text in which the recorded ids are replaced.
    package func events(replacing ids: [String: String] = [:]) throws -> String {
        let text = String(decoding: try self.received(), as: UTF8.self)
        let body = text.drop { $0 != "\r\n" && $0 != "\n" }
        let events = body.components(separatedBy: "\r\n\r\n").compactMap { block -> String? in
            let message = block.trimmingCharacters(in: .newlines)
            guard message.hasPrefix("Event: "), !message.hasPrefix("Event: FullyBooted") else { return nil }
            let isListItem = message.contains("\r\nActionID: ") && !message.hasPrefix("Event: OriginateResponse")
            return isListItem ? nil : message + "\r\n\r\n"
        }
        var result = events.joined()
        // Longer ids first: one may begin another.
        for (old, new) in ids.sorted(by: { $0.key.count > $1.key.count }) {
            result = result.replacingOccurrences(of: ": \(old)\r\n", with: ": \(new)\r\n")
            result = result.replacingOccurrences(of: ": \(old);2\r\n", with: ": \(new);2\r\n")
        }
        return result
    }
}

/// Cuts bytes into pieces of random size.
package func randomChunks(
    _ bytes: some Collection<UInt8>,
    upTo most: Int,
    using random: inout some RandomNumberGenerator
) -> [ByteBuffer] {
    var chunks: [ByteBuffer] = []
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let count = Int.random(in: 1...most, using: &random)
        chunks.append(ByteBuffer(bytes: rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return chunks
}

/// A random number generator whose every run can be had again (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
