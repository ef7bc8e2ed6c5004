import OrderedCollections

/// Reads one JSON text (RFC 8259) from contiguous bytes.
///
/// Bounded in depth; refuses what JSON does not have (NaN, comments, lone surrogates, broken UTF-8) and numbers that
/// would lose digits silently (integers beyond 64 bits).
struct JSONParser {
    /// How deep arrays and objects may be nested.
    static let maximumDepth = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func parseDocument() throws(JSONParseError) -> JSONValue {
        self.skipSpace()
        let value = try self.parseValue()
        self.skipSpace()
        guard self.position == self.bytes.count else { throw self.error("unexpected text after the value") }
        return value
    }

    private mutating func parseValue() throws(JSONParseError) -> JSONValue {
        guard let byte = self.peek() else { throw self.error("the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return try self.parseObject()
        case UInt8(ascii: "["): return try self.parseArray()
        case UInt8(ascii: "\""): return .string(try self.parseString())
        case UInt8(ascii: "t"): return try self.parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try self.parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try self.parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.parseNumber()
        default: throw self.error("expected a value, found \(Self.name(byte))")
        }
    }

    private mutating func parseObject() throws(JSONParseError) -> JSONValue {
        try self.enter()
        var members = OrderedDictionary<String, JSONValue>()
        self.position += 1
        self.skipSpace()
        if self.take(UInt8(ascii: "}")) {
            self.depth -= 1
            return .object(members)
        }
        while true {
            self.skipSpace()
            guard self.peek() == UInt8(ascii: "\"") else { throw self.error("expected a key in double quotes") }
            let key = try self.parseString()
            self.skipSpace()
            guard self.take(UInt8(ascii: ":")) else { throw self.error("expected ':' after the key") }
            self.skipSpace()
            members[key] = try self.parseValue()
            self.skipSpace()
            if self.take(UInt8(ascii: ",")) { continue }
            guard self.take(UInt8(ascii: "}")) else { throw self.error("expected ',' or '}'") }
            self.depth -= 1
            return .object(members)
        }
    }

    private mutating func parseArray() throws(JSONParseError) -> JSONValue {
        try self.enter()
        var elements: [JSONValue] = []
        self.position += 1
        self.skipSpace()
        if self.take(UInt8(ascii: "]")) {
            self.depth -= 1
            return .array(elements)
        }
        while true {
            self.skipSpace()
            elements.append(try self.parseValue())
            self.skipSpace()
            if self.take(UInt8(ascii: ",")) { continue }
            guard self.take(UInt8(ascii: "]")) else { throw self.error("expected ',' or ']'") }
            self.depth -= 1
            return .array(elements)
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        let length = word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { expected in
            self.position + length <= self.bytes.count
                && self.bytes[self.position..<self.position + length].elementsEqual(expected)
        }
        guard matches else { throw self.error("expected a value, found an unknown word") }
        self.position += length
        return value
    }

    private mutating func parseNumber() throws(JSONParseError) -> JSONValue {
        let start = self.position
        let isNegative = self.take(UInt8(ascii: "-"))
        guard let first = self.peek(), Self.isDigit(first) else { throw self.error("expected a digit after '-'") }
        var magnitude: UInt64 = 0
        var overflows = false
        if first == UInt8(ascii: "0") {
            self.position += 1
            if let next = self.peek(), Self.isDigit(next) {
                throw self.error("a number may not begin with 0; send it as a string if the zero matters")
            }
        } else {
            while let digit = self.peek(), Self.isDigit(digit) {
                let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, carried) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
                overflows = overflows || tooLarge || carried
                magnitude = sum
                self.position += 1
            }
        }

        var isInteger = true
        if self.take(UInt8(ascii: ".")) {
            isInteger = false
            try self.skipDigits("expected a digit after '.'")
        }
        if let byte = self.peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isInteger = false
            self.position += 1
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.skipDigits("expected a digit in the exponent")
        }

        if isInteger {
            let limit: UInt64 = isNegative ? 1 << 63 : (1 << 63) - 1
            guard !overflows, magnitude <= limit else {
                throw JSONParseError(offset: start, problem: "an integer beyond 64 bits; send it as a string")
            }
            return .integer(isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude))
        }
        let text = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw JSONParseError(offset: start, problem: "a number out of range")
        }
        return .number(value)
    }

    private mutating func skipDigits(_ problem: String) throws(JSONParseError) {
        guard let first = self.peek(), Self.isDigit(first) else { throw self.error(problem) }
        while let digit = self.peek(), Self.isDigit(digit) { self.position += 1 }
    }

    private mutating func parseString() throws(JSONParseError) -> String {
        let opening = self.position
        self.position += 1
        let start = self.position
        while let byte = self.peek() {
            switch byte {
            case UInt8(ascii: "\""):
                let text = String(validating: self.bytes[start..<self.position], as: UTF8.self)
                self.position += 1
                guard let text else { throw JSONParseError(offset: opening, problem: "a string that is not UTF-8") }
                return text
            case UInt8(ascii: "\\"):
                return try self.parseEscapedString(opening: opening, start: start)
            case 0..<0x20:
                throw self.error("a control character inside a string; escape it")
            default:
                self.position += 1
            }
        }
        throw JSONParseError(offset: opening, problem: "a string without its closing quote")
    }

    /// The slow path: from the first backslash on, the text is copied.
    private mutating func parseEscapedString(opening: Int, start: Int) throws(JSONParseError) -> String {
        var buffer = Array(self.bytes[start..<self.position])
        while let byte = self.peek() {
            self.position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: buffer, as: UTF8.self) else {
                    throw JSONParseError(offset: opening, problem: "a string that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                try self.parseEscape(into: &buffer)
            case 0..<0x20:
                self.position -= 1
                throw self.error("a control character inside a string; escape it")
            default:
                buffer.append(byte)
            }
        }
        throw JSONParseError(offset: opening, problem: "a string without its closing quote")
    }

    private mutating func parseEscape(into buffer: inout [UInt8]) throws(JSONParseError) {
        let start = self.position - 1
        guard let byte = self.peek() else { throw self.error("the text ends inside an escape") }
        self.position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            var unit = try self.parseHexUnit()
            if (0xD800..<0xDC00).contains(unit) {
                guard self.take(UInt8(ascii: "\\")), self.take(UInt8(ascii: "u")) else {
                    throw JSONParseError(offset: start, problem: "half of a surrogate pair")
                }
                let second = try self.parseHexUnit()
                guard (0xDC00..<0xE000).contains(second) else {
                    throw JSONParseError(offset: start, problem: "half of a surrogate pair")
                }
                unit = 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else {
                throw JSONParseError(offset: start, problem: "half of a surrogate pair")
            }
            buffer.append(contentsOf: String(Character(scalar)).utf8)
        default:
            throw JSONParseError(offset: start, problem: "an unknown escape")
        }
    }

    private mutating func parseHexUnit() throws(JSONParseError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.error("expected four hexadecimal digits after \\u")
            }
            unit = unit << 4 | UInt32(digit)
            self.position += 1
        }
        return unit
    }

    private mutating func enter() throws(JSONParseError) {
        self.depth += 1
        guard self.depth <= Self.maximumDepth else {
            throw self.error("nested deeper than \(Self.maximumDepth) levels")
        }
    }

    private mutating func skipSpace() {
        while let byte = self.peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.position += 1
        }
    }

    private func peek() -> UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.peek() == byte else { return false }
        self.position += 1
        return true
    }

    private func error(_ problem: String) -> JSONParseError {
        JSONParseError(offset: self.position, problem: problem)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func name(_ byte: UInt8) -> String {
        (0x21..<0x7F).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
}
