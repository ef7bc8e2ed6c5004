import Foundation
import NIOCore

@testable import CallFloor

/// One AMI message as its header lines, for comparisons.
struct WireMessage: Sendable, Equatable {
    struct Header: Sendable, Equatable {
        var name: String
        var value: String
    }

    var headers: [Header]

    subscript(name: String) -> String? { self.headers.first { $0.name == name }?.value }

    var event: String? { self["Event"] }
    var names: [String] { self.headers.map(\.name) }

    /// Cuts whole messages out of what came over the wire; a greeting and a cut-off last message are left out.
    static func messages(in text: String) -> [WireMessage] {
        text.components(separatedBy: "\r\n\r\n").compactMap { block in
            let lines = block.components(separatedBy: "\r\n").filter { !$0.isEmpty && $0.contains(": ") }
            guard !lines.isEmpty else { return nil }
            return WireMessage(
                headers: lines.map { line in
                    let parts = line.components(separatedBy: ": ")
                    return Header(name: parts[0], value: parts.dropFirst().joined(separator: ": "))
                }
            )
        }
    }

    /// What the floor would send for these events.
    static func rendered(_ events: [FloorEvent]) -> [WireMessage] {
        let renderer = EventRenderer()
        var out = ByteBuffer()
        for event in events { renderer.render(event, into: &out) }
        return self.messages(in: String(buffer: out))
    }
}

/// The recordings of a real Asterisk 22.
enum Recording {
    static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Fixtures/ami-transcripts")
    }

    /// What the named recording's Asterisk sent.
    static func received(_ name: String) throws -> [WireMessage] {
        let files = try FileManager.default.contentsOfDirectory(atPath: self.folder.path)
        guard let file = files.first(where: { $0.hasPrefix(name + "_") && $0.hasSuffix(".recv.raw") }) else {
            throw CocoaError(.fileNoSuchFile)
        }
        let data = try Data(contentsOf: self.folder.appendingPathComponent(file))
        return WireMessage.messages(in: String(decoding: data, as: UTF8.self))
    }

    /// Every list of header names ever recorded, by event name.
    static func headerNames() throws -> [String: Set<[String]>] {
        var known: [String: Set<[String]>] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: self.folder.path)
        where file.hasSuffix(".recv.raw") {
            let data = try Data(contentsOf: self.folder.appendingPathComponent(file))
            for message in WireMessage.messages(in: String(decoding: data, as: UTF8.self)) {
                guard let event = message.event else { continue }
                known[event, default: []].insert(message.names)
            }
        }
        return known
    }
}
