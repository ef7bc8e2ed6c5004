import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Cuts a stream of bytes into ``AMIMessage``s, however the stream is chunked.
///
/// Works for both directions: a client reads a greeting line and then events and responses, a server reads actions. Lines may end in
/// CR LF or a bare LF; blank lines between messages are skipped. What was scanned of a partial message is not scanned again. A message
/// cut off by the end of the stream is dropped: Asterisk closes a slow reader's connection in the middle of a message.
public struct AMIMessageDecoder: NIOSingleStepByteToMessageDecoder, Sendable {
    public typealias InboundOut = AMIMessage

    /// The limits messages are held to.
    public let limits: AMIDecodingLimits

    private var expectsGreeting: Bool
    /// Bytes after the reader index that hold no line end that was not seen.
    private var scanned = 0
    private var lineStarts: [UInt32] = []
    /// Most messages of a stream are alike; a new index starts with room for as many lines as the last one had.
    private var lastLineCount = 24

    /// - Parameters:
    ///   - expectsGreeting: Whether the first line of the stream is a message of its own, as every server sends it.
    ///   - limits: How long a message may be.
    public init(expectsGreeting: Bool = false, limits: AMIDecodingLimits = AMIDecodingLimits()) {
        self.expectsGreeting = expectsGreeting
        self.limits = limits
    }

    /// - Throws: ``AMIDecodingError``
    public mutating func decode(buffer: inout ByteBuffer) throws -> AMIMessage? {
        try self.next(&buffer)
    }

    /// - Throws: ``AMIDecodingError``
    public mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> AMIMessage? {
        if let message = try self.next(&buffer) { return message }
        buffer.moveReaderIndex(to: buffer.writerIndex)
        self.scanned = 0
        self.lineStarts.removeAll()
        return nil
    }

    private enum Scan {
        case needMore
        /// Length of the message with its closing blank line.
        case message(Int)
        /// Line ends before the first line of a message.
        case blank(Int)
    }

    private mutating func next(_ buffer: inout ByteBuffer) throws(AMIDecodingError) -> AMIMessage? {
        while buffer.readableBytes > 0 {
            switch try self.scan(buffer) {
            case .needMore:
                return nil
            case .blank(let length):
                buffer.moveReaderIndex(forwardBy: length)
                self.scanned = 0
                self.lineStarts.removeAll(keepingCapacity: true)
            case .message(let length):
                let starts = self.lineStarts
                self.lastLineCount = starts.count
                self.lineStarts = []
                self.scanned = 0
                guard let slice = buffer.readSlice(length: length) else { return nil }
                return AMIMessage(buffer: slice, lineStarts: starts)
            }
        }
        return nil
    }

    private mutating func scan(_ buffer: ByteBuffer) throws(AMIDecodingError) -> Scan {
        if self.lineStarts.isEmpty {
            self.lineStarts.reserveCapacity(self.lastLineCount)
            self.lineStarts.append(0)
        }
        let result: Result<Scan, AMIDecodingError> = buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { return .success(.needMore) }
            var lineStart = Int(self.lineStarts[self.lineStarts.count - 1])
            while true {
                guard let found = memchr(base + self.scanned, 0x0A, bytes.count - self.scanned) else {
                    self.scanned = bytes.count
                    if bytes.count - lineStart > self.limits.maxLineBytes + 1 {
                        return .failure(.lineTooLong(limit: self.limits.maxLineBytes))
                    }
                    if bytes.count > self.limits.maxMessageBytes {
                        return .failure(.messageTooLong(limit: self.limits.maxMessageBytes))
                    }
                    return .success(.needMore)
                }
                let lineFeed = base.distance(to: UnsafeRawPointer(found))
                let next = lineFeed + 1
                self.scanned = next
                var length = lineFeed - lineStart
                if length > 0, bytes[lineFeed - 1] == 0x0D { length -= 1 }
                if length == 0 {
                    return .success(self.lineStarts.count == 1 ? .blank(next) : .message(next))
                }
                if length > self.limits.maxLineBytes { return .failure(.lineTooLong(limit: self.limits.maxLineBytes)) }
                if next > self.limits.maxMessageBytes {
                    return .failure(.messageTooLong(limit: self.limits.maxMessageBytes))
                }
                if self.lineStarts.count > self.limits.maxHeaders {
                    return .failure(.tooManyHeaders(limit: self.limits.maxHeaders))
                }
                self.lineStarts.append(UInt32(truncatingIfNeeded: next))
                lineStart = next
                if self.expectsGreeting {
                    self.expectsGreeting = false
                    return .success(.message(next))
                }
            }
        }
        return try result.get()
    }
}
