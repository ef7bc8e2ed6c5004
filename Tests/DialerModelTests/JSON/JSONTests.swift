import DialerModel
import Testing

import struct Foundation.Data
import class Foundation.JSONDecoder

@Suite struct JSONTests {
    @Test(
        "well-formed text is read exactly",
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("42", 42),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("1.5", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25), ("\"\"", ""),
            ("\"a\\\"b\\\\c\\/\\b\\f\\n\\r\\t\"", "a\"b\\c/\u{8}\u{c}\n\r\t"),
            ("\"\\u00e9\\ud83d\\ude00\"", "é😀"), ("\"é😀\"", "é😀"), ("[]", []), ("[1, [2] ,{}]", [1, [2], [:]]),
            ("{\"b\":1,\"a\":{\"c\":null}}", ["b": 1, "a": ["c": nil]]), ("{\"a\":1,\"a\":2}", ["a": 2]),
            ("\t\r\n{ \"a\" : 1 }\n", ["a": 1]), ("\"\\u0000\"", "\0"),
        ] as [(String, JSONValue)]
    )
    func parses(text: String, value: JSONValue) throws {
        #expect(try Samples.json(text) == value)
    }

    @Test("object keys keep their order")
    func keyOrder() throws {
        let value = try Samples.json("{\"z\":1,\"a\":2,\"m\":3}")
        #expect(value.pairs.map(\.key) == ["z", "a", "m"])
    }

    @Test(
        "malformed text is refused with its position",
        arguments: [
            ("", 0), ("  ", 2), ("nul", 0), ("truex", 4), ("NaN", 0), ("Infinity", 0), ("-", 1), ("-a", 1), ("01", 1),
            ("1.", 2),
            ("1e", 2), ("1e999", 0), ("9223372036854775808", 0), ("-9223372036854775809", 0),
            ("123456789012345678901234567890", 0), ("+1", 0), (".5", 0), ("\"", 0), ("\"a", 0), ("\"\\", 2),
            ("\"\\x\"", 1),
            ("\"\\u12g4\"", 5), ("\"\\ud800\"", 1), ("\"\\ud800\\u0041\"", 1), ("\"\\udc00\"", 1), ("\"a\nb\"", 2),
            ("[1,]", 3), ("[1", 2), ("[1 2]", 3), ("{", 1), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{a:1}", 1),
            ("{\"a\":1,}", 7),
            ("{\"a\":1", 6), ("1 1", 2), ("'a'", 0), ("/*x*/1", 0), ("\u{FEFF}1", 0),
        ]
    )
    func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONParseError.self) { try JSONValue.parse(Array(text.utf8)) }
        #expect(error?.offset == offset, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("not valid JSON at byte \(offset): ") == true)
    }

    @Test(
        "bytes that are no UTF-8 are refused", arguments: [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF8, 0x88]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONParseError.self) { try JSONValue.parse([0x22] + bytes + [0x22]) }
        #expect(throws: JSONParseError.self) { try JSONValue.parse(Array("\"\\n".utf8) + bytes + [0x22]) }
    }

    @Test("64 levels are read, 65 refused, a million do no harm")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
        }
        _ = try JSONValue.parse(nested(64))
        #expect(throws: JSONParseError.self) { try JSONValue.parse(nested(65)) }
        #expect(throws: JSONParseError.self) { try JSONValue.parse(nested(1_000_000)) }
        // Depth is given back on the way out.
        _ = try Samples.json("[" + Array(repeating: "[[]]", count: 100).joined(separator: ",") + "]")
    }

    @Test("bytes that do not lie in one piece are read as well")
    func discontiguous() throws {
        #expect(try JSONValue.parse("[1,2]".utf8.lazy.map { $0 }) == [1, 2])
    }

    @Test("what is written is read back, hostile texts included", arguments: 1...20)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<200 {
            let value = Self.randomValue(depth: 0, using: &generator)
            var writer = JSONWriter()
            writer.value(value)
            #expect(try JSONValue.parse(writer.bytes) == value, "seed \(seed): \(writer.text)")
            #expect(!writer.bytes.contains { $0 < 0x20 }, "seed \(seed)")
            let decoded = try JSONDecoder().decode(JSONValue.self, from: Data("[\(writer.text)]".utf8))
            #expect(
                try Self.sorted(JSONValue.parse(Array("[\(writer.text)]".utf8))) == Self.sorted(decoded), "seed \(seed)"
            )
        }
    }

    @Test("random bytes are read or refused, never worse", arguments: 1...20)
    func randomBytes(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let alphabet = Array("{}[]\":,\\u0123456789eE+-.truefalsn \n\u{e9}".utf8) + [0, 0xFF, 0xD8]
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            do throws(JSONParseError) {
                let value = try JSONValue.parse(bytes)
                let again = try JSONValue.parse(Array(value.text.utf8))
                #expect(again == value)
            } catch {
                #expect((0...bytes.count).contains(error.offset), "seed \(seed): \(bytes)")
            }
        }
    }

    @Test("the writer places separators and escapes")
    func writer() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("int", -7)
        writer.field("wide", Int64.min)
        writer.field("text", "a\"b\\c\n\r\t\u{1}\u{1f}\u{7f}é")
        writer.field("none", String?.none)
        writer.field("flag", true)
        writer.field("number", 0.1)
        writer.field("nan", Double.nan)
        writer.field("uuid", Samples.uuid(1))
        writer.field("time", Samples.start)
        writer.beginArray("list")
        writer.value(1)
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.endArray()
        writer.beginObject("inner")
        writer.field("a", [1, "x"] as JSONValue)
        writer.endObject()
        writer.key("raw")
        writer.rawValue("[1]".utf8)
        writer.nullField("last")
        writer.endObject()
        #expect(
            writer.text == #"""
                {"int":-7,"wide":-9223372036854775808,"text":"a\"b\\c\n\r\t\u0001\u001f\#u{7f}é","none":null,"flag":true,\#
                "number":0.1,"nan":null,"uuid":"a0000000-0000-4000-8000-000000000001",\#
                "time":"2027-01-15T08:00:00.000000000Z","list":[1,{},null],"inner":{"a":[1,"x"]},"raw":[1],"last":null}
                """#
        )
    }

    @Test("lines of one writer are texts of their own")
    func lines() {
        var writer = JSONWriter()
        for number in 1...2 {
            writer.beginObject()
            writer.field("n", number)
            writer.endObject()
            writer.newline()
        }
        #expect(writer.text == "{\"n\":1}\n{\"n\":2}\n")
        writer.removeAll()
        #expect(writer.bytes.isEmpty)
    }

    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(Self.sorted))
        case .object:
            JSONValue(pairs: value.pairs.sorted { $0.key < $1.key }.map { ($0.key, Self.sorted($0.value)) })
        // A decoder cannot tell 1.0 from 1.
        case .number(let number): Int64(exactly: number).map { .integer($0) } ?? value
        case .null, .bool, .integer, .string: value
        }
    }

    private static func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 6 : 8), using: &generator) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: return .number(Double.random(in: -1e9...1e9, using: &generator))
        case 4: return .integer(Int64.random(in: -9...9, using: &generator))
        case 5: return .string(Self.randomText(using: &generator))
        case 6:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                    Self.randomValue(depth: depth + 1, using: &generator)
                })
        default:
            let pairs = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                (Self.randomText(using: &generator), Self.randomValue(depth: depth + 1, using: &generator))
            }
            return JSONValue(pairs: pairs)
        }
    }

    private static func randomText(using generator: inout SeededGenerator) -> String {
        let pieces = [
            "\"", "\\", "\n", "\r", "\0", "\u{1f}", "\u{7f}", "é", "😀", "\u{2028}", "a", "{", "\\u0041", "</script>",
            "\u{10FFFF}",
        ]
        return (0..<Int.random(in: 0...6, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }
}
