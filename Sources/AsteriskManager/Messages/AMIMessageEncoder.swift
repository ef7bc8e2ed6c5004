import NIOCore

/// Writes messages, and refuses every header that could be read as anything else.
public struct AMIMessageEncoder: Sendable {
    /// What the receiver takes.
    public struct Limits: Sendable, Hashable {
        /// Bytes of a line without its line end.
        public var maxLineBytes: Int
        /// Lines of a message.
        public var maxHeaders: Int

        public init(maxLineBytes: Int, maxHeaders: Int) {
            self.maxLineBytes = maxLineBytes
            self.maxHeaders = maxHeaders
        }

        /// What Asterisk reads of an action: its line buffer has 1025 bytes and it keeps 128 headers (`main/manager.c`).
        public static let actions = Limits(maxLineBytes: 1022, maxHeaders: 128)
        /// What a server may send; the client's decoder takes as much by default.
        public static let events = Limits(maxLineBytes: 64 << 10, maxHeaders: 8192)
    }

    /// What the receiver takes.
    public let limits: Limits

    public init(limits: Limits = .actions) {
        self.limits = limits
    }

    /// Appends an action: `Action`, `ActionID`, then its headers. On an error the buffer is as it was.
    public func encode(
        _ action: AMIAction,
        actionID: String? = nil,
        into buffer: inout ByteBuffer
    ) throws(AMIEncodingError) {
        var leading: [(name: String, value: String)] = [("Action", action.name)]
        if let actionID { leading.append(("ActionID", actionID)) }
        try self.encode(leading + action.headers, into: &buffer)
    }

    /// Appends a message of any kind: its headers and the blank line. On an error the buffer is as it was.
    public func encode(
        _ headers: [(name: String, value: String)],
        into buffer: inout ByteBuffer
    ) throws(AMIEncodingError) {
        guard headers.count <= self.limits.maxHeaders else {
            throw .tooManyHeaders(count: headers.count, limit: self.limits.maxHeaders)
        }
        for header in headers { try self.check(header.name, header.value) }
        for header in headers {
            buffer.writeString(header.name)
            buffer.writeStaticString(": ")
            buffer.writeString(header.value)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    /// Refuses what may not be sent, without writing anything.
    public func check(_ name: String, _ value: String) throws(AMIEncodingError) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isAllowedInName) else { throw .invalidName }
        guard !value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
            throw .forbiddenCharacter(header: name)
        }
        let bytes = name.utf8.count + 2 + value.utf8.count
        guard bytes <= self.limits.maxLineBytes else {
            throw .lineTooLong(header: name, bytes: bytes, limit: self.limits.maxLineBytes)
        }
    }

    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "("), UInt8(ascii: ")"):
            true
        default:
            false
        }
    }
}
