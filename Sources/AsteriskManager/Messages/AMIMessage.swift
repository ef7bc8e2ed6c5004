import NIOCore

/// One AMI message as it came from the wire: an event, a response, an action, or the server's greeting line.
///
/// The bytes are kept as they are, beside the offsets of the lines; a value becomes a `String` only when it is asked for. Header names
/// are compared without regard to case, as Asterisk does; when a header repeats, the subscript gives the first and ``values(of:)`` all.
///
/// > Note: A message shares storage with the read it came from. Keep ``Header`` strings, not messages, for longer than a moment.
public struct AMIMessage: Sendable {
    /// What sort of message this is.
    public enum Kind: Sendable, Hashable {
        /// `Event: name`
        case event(String)
        /// `Response: status`
        case response(String)
        /// `Action: name`
        case action(String)
        /// The line a server sends first; it has no headers.
        case greeting(String)
        /// None of the known first headers is there.
        case unknown
    }

    /// One `Name: value` line.
    public struct Header: Sendable, Hashable {
        /// The name as it was spelt on the wire.
        public let name: String
        /// The value without leading blanks and without the line end.
        public let value: String
    }

    let buffer: ByteBuffer
    /// Offset of each line's first byte within `buffer`, and at the end the offset after the last line.
    let lineStarts: [UInt32]

    init(buffer: ByteBuffer, lineStarts: [UInt32]) {
        self.buffer = buffer
        self.lineStarts = lineStarts
    }

    /// The message's bytes with their line ends, the closing blank line included.
    public var rawBytes: ByteBuffer { self.buffer }

    /// How many lines the message has, the closing blank line not counted.
    public var headerCount: Int { self.lineStarts.count - 1 }

    /// What sort of message this is, with its name as a `String`.
    public var kind: Kind {
        if let name = self["Event"] { return .event(name) }
        if let status = self["Response"] { return .response(status) }
        if let name = self["Action"] { return .action(name) }
        if let line = self.greeting { return .greeting(line) }
        return .unknown
    }

    /// The whole line, when this is the server's greeting (`Asterisk Call Manager/11.0.0`).
    public var greeting: String? {
        guard self.headerCount == 1 else { return nil }
        return self.withUnsafeLine(0) { line in
            line.contains(UInt8(ascii: ":")) ? nil : String(decoding: line, as: UTF8.self)
        }
    }

    /// The event's name, `nil` when this is no event.
    public var eventName: String? { self["Event"] }

    /// The action's name, `nil` when this is no action.
    public var actionName: String? { self["Action"] }

    /// The `ActionID` header.
    public var actionID: String? { self["ActionID"] }

    /// Whether this is the event of that name (bytes compared, no `String` made).
    public func isEvent(_ name: StaticString) -> Bool { self.value("Event", equals: name) }

    /// Whether this is a response with that status (`Success`, `Error`, `Goodbye`).
    public func isResponse(_ status: StaticString) -> Bool { self.value("Response", equals: status) }

    /// Whether this is the action of that name; action names are compared without regard to case.
    public func isAction(_ name: StaticString) -> Bool {
        self.withUnsafeValue(of: "Action") { value in
            value.count == name.utf8CodeUnitCount && asciiCaseInsensitiveEqual(value.baseAddress, name)
        } ?? false
    }

    /// The first value of a header, `nil` when the message has no such header. An empty value is `""`.
    public subscript(_ name: StaticString) -> String? {
        self.withUnsafeValue(of: name) { String(decoding: $0, as: UTF8.self) }
    }

    /// The first value of a header whose name is known only at run time.
    @_disfavoredOverload
    public subscript(_ name: String) -> String? {
        for index in 0..<self.headerCount {
            let header = self.header(at: index)
            if header.name.utf8.count == name.utf8.count, header.name.lowercased() == name.lowercased() {
                return header.value
            }
        }
        return nil
    }

    /// Every value of a header that may repeat (`Output`, `Variable`), in order.
    public func values(of name: StaticString) -> [String] {
        var values: [String] = []
        self.buffer.withUnsafeReadableBytes { bytes in
            for index in 0..<self.headerCount {
                if let range = self.valueRange(ofLine: index, named: name, in: bytes) {
                    values.append(String(decoding: bytes[range], as: UTF8.self))
                }
            }
        }
        return values
    }

    /// The value as a decimal integer; `nil` when the header is missing or holds anything else.
    public func integer(_ name: StaticString) -> Int? {
        self.withUnsafeValue(of: name) { bytes in
            var index = 0
            var isNegative = false
            if bytes.count > 1, bytes[0] == UInt8(ascii: "-") {
                isNegative = true
                index = 1
            }
            // 18 digits always fit.
            guard index < bytes.count, bytes.count - index <= 18 else { return nil }
            var number = 0
            while index < bytes.count {
                let digit = bytes[index] &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                number = number &* 10 &+ Int(digit)
                index += 1
            }
            return isNegative ? -number : number
        } ?? nil
    }

    /// Whether the first value of a header is exactly these bytes. Makes no `String`.
    public func value(_ name: StaticString, equals expected: StaticString) -> Bool {
        self.withUnsafeValue(of: name) { value in
            let count = expected.utf8CodeUnitCount
            guard value.count == count else { return false }
            for index in 0..<count where value[index] != expected.utf8Start[index] { return false }
            return true
        } ?? false
    }

    /// Whether the message has that header, empty or not.
    public func has(_ name: StaticString) -> Bool {
        self.withUnsafeValue(of: name) { _ in true } ?? false
    }

    /// Lends the first value's bytes to `body`; `nil` when there is no such header. The bytes must not leave `body`.
    public func withUnsafeValue<Result>(of name: StaticString, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        self.buffer.withUnsafeReadableBytes { bytes in
            for index in 0..<self.headerCount {
                if let range = self.valueRange(ofLine: index, named: name, in: bytes) {
                    return body(UnsafeRawBufferPointer(rebasing: bytes[range]))
                }
            }
            return nil
        }
    }

    /// The header on a line, from 0. A line without a colon is a header without a name.
    public func header(at index: Int) -> Header {
        self.withUnsafeLine(index) { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                return Header(name: "", value: String(decoding: line, as: UTF8.self))
            }
            var start = colon + 1
            while start < line.count, isBlank(line[start]) { start += 1 }
            return Header(
                name: String(decoding: line[..<colon], as: UTF8.self),
                value: String(decoding: line[start...], as: UTF8.self)
            )
        }
    }

    /// Every header in wire order.
    public var headers: [Header] { (0..<self.headerCount).map { self.header(at: $0) } }

    private func withUnsafeLine<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        self.buffer.withUnsafeReadableBytes { bytes in
            let start = Int(self.lineStarts[index])
            return body(UnsafeRawBufferPointer(rebasing: bytes[start..<self.contentEnd(ofLine: index, in: bytes)]))
        }
    }

    /// Where the line's content ends: before LF or CR LF.
    @inline(__always)
    private func contentEnd(ofLine index: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        let start = Int(self.lineStarts[index])
        var end = Int(self.lineStarts[index + 1]) - 1
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return end
    }

    @inline(__always)
    private func valueRange(ofLine index: Int, named name: StaticString, in bytes: UnsafeRawBufferPointer) -> Range<
        Int
    >? {
        let start = Int(self.lineStarts[index])
        let colon = start + name.utf8CodeUnitCount
        // The position of the colon refuses nearly every line before a name is compared.
        guard colon < Int(self.lineStarts[index + 1]), bytes[colon] == UInt8(ascii: ":"),
            asciiCaseInsensitiveEqual(bytes.baseAddress?.advanced(by: start), name)
        else { return nil }
        let end = self.contentEnd(ofLine: index, in: bytes)
        var valueStart = colon + 1
        while valueStart < end, isBlank(bytes[valueStart]) { valueStart += 1 }
        return valueStart..<end
    }
}

extension AMIMessage: CustomStringConvertible {
    /// The kind and the number of headers; no value, because a value may be a secret.
    public var description: String {
        switch self.kind {
        case .event(let name): "event \(name), \(self.headerCount) headers"
        case .response(let status): "response \(status), \(self.headerCount) headers"
        case .action(let name): "action \(name), \(self.headerCount) headers"
        case .greeting(let line): "greeting \(line)"
        case .unknown: "unknown message, \(self.headerCount) headers"
        }
    }
}

@inline(__always)
private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

/// Compares as many bytes as `name` has; the caller has checked that they are there. Header names are letters, digits and `-`.
@inline(__always)
private func asciiCaseInsensitiveEqual(_ pointer: UnsafeRawPointer?, _ name: StaticString) -> Bool {
    guard let pointer else { return name.utf8CodeUnitCount == 0 }
    let expected = name.utf8Start
    for index in 0..<name.utf8CodeUnitCount {
        let left = pointer.load(fromByteOffset: index, as: UInt8.self)
        let right = expected[index]
        if left == right { continue }
        // Only letters differ by the case bit.
        let folded = left | 0x20
        guard folded == right | 0x20, folded >= UInt8(ascii: "a"), folded <= UInt8(ascii: "z") else { return false }
    }
    return true
}

extension AMIMessage: Equatable {
    /// Whether both have the same bytes.
    public static func == (left: AMIMessage, right: AMIMessage) -> Bool { left.buffer == right.buffer }
}
