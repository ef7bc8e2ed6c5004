import DialerModel
import Foundation
import OrderedCollections
import Testing

/// What holds for every line of the results file.
enum ResultsFileCheck {
    /// jade's keys in jade's order, then ours.
    static let keys = [
        "uuid", "name", "status", "action_id", "channel", "res_dial", "res_dial_detail", "res_hangup",
        "res_hangup_detail", "uuid_camp", "uuid_plan", "uuid_dlma", "uuid_dest", "uuid_dl_list", "dial_channel",
        "dial_addr", "dial_index", "dial_trycnt", "dial_timeout", "dial_type", "dial_context", "dial_exten",
        "dial_priority", "dial_application", "dial_data", "dial_variables", "tm_create", "tm_delete", "tm_update",
        "answered", "abandoned", "agent", "queue", "wait_seconds", "talk_seconds", "pbx", "tm_dial_begin",
        "tm_answer", "tm_queue", "tm_agent", "tm_end", "live", "machine", "amd_status", "amd_cause", "diverted_to",
    ]

    /// The line, as text, has exactly these keys in this order, each once.
    static func expectShape(of text: String?, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let text = try #require(text, sourceLocation: sourceLocation)
        #expect(text.hasPrefix("{") && text.hasSuffix("}"), sourceLocation: sourceLocation)
        guard case .object(let members) = try JSONValue.parse(Array(text.utf8)) else {
            throw TestFailure("a line that is no object: \(text)")
        }
        #expect(Array(members.keys) == Self.keys, sourceLocation: sourceLocation)
        for key in Self.keys {
            #expect(text.ranges(of: "\"\(key)\":").count == 1, "\(key)", sourceLocation: sourceLocation)
        }
    }

    /// These times are all there, and none is before the one ahead of it.
    static func expectOrder(
        _ keys: [String], in line: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let times = try keys.map { try self.time($0, in: line) }
        for (index, pair) in zip(times, times.dropFirst()).enumerated() {
            #expect(
                pair.0 <= pair.1, "\(keys[index + 1]) is before \(keys[index])", sourceLocation: sourceLocation)
        }
    }

    static func seconds(from start: String, to end: String, in line: JSONValue) throws -> Double {
        (try self.time(end, in: line) - self.time(start, in: line)) / .seconds(1)
    }

    private static func time(_ key: String, in line: JSONValue) throws -> Timestamp {
        guard let text = line[key]?.text, let time = Timestamp(wire: text) else {
            throw TestFailure("\(key) is no time: \(line)")
        }
        return time
    }
}

extension ServiceUnderTest {
    /// The results file's lines as they stand there.
    func resultTexts() throws -> [String] {
        let text = try String(contentsOf: self.resultsFile, encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }
}

extension JSONValue {
    /// A number, with or without a fraction.
    var decimal: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }
}
