import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An action as it came in: header lines in their order.
struct ReceivedAction {
    private(set) var headers: [(name: String, value: String)] = []

    mutating func append(name: String, value: String) {
        self.headers.append((name, value))
    }

    /// The first header of this name, which is compared without regard to case; later ones don't count.
    subscript(name: StaticString) -> String? {
        self.headers.first { Self.equals($0.name, name) }?.value
    }

    func values(of name: StaticString) -> [String] {
        self.headers.filter { Self.equals($0.name, name) }.map(\.value)
    }

    private static func equals(_ string: String, _ name: StaticString) -> Bool {
        guard string.utf8.count == name.utf8CodeUnitCount else { return false }
        var string = string
        return string.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return true }
            return strncasecmp(
                UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self),
                UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), bytes.count) == 0
        }
    }
}

/// Cuts a byte stream into actions with Asterisk's own limits, and says what Asterisk says when one is broken.
///
/// Differs from the client's decoder where a server must: an over-long message is answered and skipped, the session lives on.
struct ActionReader {
    enum Item {
        case action(ReceivedAction)
        /// A message that could not be read, with its ActionID if that had come before.
        case broken(message: StaticString, actionID: String?)
    }

    /// Asterisk's line buffer takes 1024 bytes, CR and LF included.
    static let longestLine = 1022
    static let mostHeaders = 128

    private var buffer = ByteBuffer()
    private var action = ReceivedAction()
    private var problem: StaticString?
    /// In the middle of a line that is too long.
    private var isSkippingLine = false
    /// The message's end will be seen twice, see below.
    private var endsTwice = false
    private var isOwed = false

    mutating func append(_ bytes: ByteBuffer) {
        if self.buffer.readableBytes == 0 {
            self.buffer = bytes
        } else {
            self.buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole message; nil when more bytes are needed.
    mutating func next() -> Item? {
        if self.isOwed {
            self.isOwed = false
            return .broken(message: "Missing action in request", actionID: nil)
        }
        while let line = self.nextLine() {
            guard line.isEmpty else {
                self.take(line)
                continue
            }
            if let problem = self.problem {
                let id = self.action["ActionID"]
                self.isOwed = self.endsTwice
                self.endsTwice = false
                self.reset()
                return .broken(message: problem, actionID: id)
            }
            guard !self.action.headers.isEmpty else { continue }
            defer { self.reset() }
            return .action(self.action)
        }
        return nil
    }

    private mutating func reset() {
        self.action = ReceivedAction()
        self.problem = nil
    }

    private mutating func take(_ line: Substring.UTF8View) {
        guard self.problem == nil else { return }
        guard self.action.headers.count < Self.mostHeaders else {
            self.problem = "Too many lines in message or allocation failure"
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            self.action.append(name: String(Substring(line)), value: "")
            return
        }
        let value = line[line.index(after: colon)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        self.action.append(name: String(Substring(line[..<colon])), value: String(Substring(value)))
    }

    /// The next line without its end; an over-long one is noted, cut out and reported as a line that isn't empty.
    private mutating func nextLine() -> Substring.UTF8View? {
        while true {
            let length = self.buffer.withUnsafeReadableBytes { bytes -> Int? in
                guard let base = bytes.baseAddress, let end = memchr(base, 0x0A, bytes.count) else { return nil }
                return base.distance(to: UnsafeRawPointer(end))
            }
            guard let length else {
                if self.isSkippingLine || self.buffer.readableBytes > Self.longestLine + 1 {
                    self.isSkippingLine = true
                    self.problem = self.problem ?? "Failed to parse message: line too long"
                    self.buffer.clear()
                }
                return nil
            }
            guard var line = self.buffer.readSlice(length: length) else { return nil }
            self.buffer.moveReaderIndex(forwardBy: 1)
            if self.isSkippingLine {
                self.isSkippingLine = false
                continue
            }
            if line.readableBytesView.last == 0x0D { line.moveWriterIndex(to: line.writerIndex - 1) }
            if line.readableBytes > Self.longestLine {
                if line.readableBytes == Self.longestLine + 1, self.problem == nil {
                    // The carriage return fills the buffer and the line feed left over ends the message; the blank
                    // line then ends an empty one.
                    self.endsTwice = true
                }
                self.problem = self.problem ?? "Failed to parse message: line too long"
                continue
            }
            // C strings end at a NUL.
            let text = line.readString(length: line.readableBytes) ?? ""
            return text.utf8.prefix { $0 != 0 }
        }
    }
}
