import SystemPackage

/// Reads lines from a file or pipe as they come. A line longer than a bound is passed over, so memory stays flat.
struct LineReader {
    /// What came.
    enum Line {
        case text(ArraySlice<UInt8>)
        /// It was longer than ``LineReader/longest``.
        case tooLong
    }

    /// Bytes of the longest line that is read: a `start` with tens of thousands of agents.
    static let longest = 1 << 20

    private let file: FileDescriptor
    private var buffer: [UInt8] = []
    private var begin = 0
    /// Up to here there is no line break.
    private var searched = 0
    private var isSkipping = false
    private var isAtEnd = false

    init(_ file: FileDescriptor) { self.file = file }

    /// The next line without its line break; nil at the end. Waits for it.
    ///
    /// - Throws: `Errno` of the file.
    mutating func next() throws -> Line? {
        while true {
            if let end = self.buffer[self.searched...].firstIndex(of: 0x0a) {
                let line = self.buffer[self.begin..<end]
                self.begin = end + 1
                self.searched = self.begin
                if self.isSkipping {
                    self.isSkipping = false
                    return .tooLong
                }
                return .text(line)
            }
            self.searched = self.buffer.count
            if self.isAtEnd { return self.last() }
            if self.searched - self.begin > Self.longest {
                self.isSkipping = true
                self.begin = self.searched
            }
            try self.read()
        }
    }

    /// What stands after the last line break.
    private mutating func last() -> Line? {
        let line = self.buffer[self.begin...]
        self.begin = self.buffer.count
        if self.isSkipping {
            self.isSkipping = false
            return .tooLong
        }
        return line.isEmpty ? nil : .text(line)
    }

    private mutating func read() throws {
        self.buffer.removeFirst(self.begin)
        self.searched -= self.begin
        self.begin = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = try chunk.withUnsafeMutableBytes { try self.file.read(into: $0) }
        self.isAtEnd = count == 0
        self.buffer += chunk.prefix(count)
    }
}
