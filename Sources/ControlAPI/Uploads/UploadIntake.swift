import DialerModel
import DialerStore
import ListImport

/// Cuts the bytes of one request into blocks of rows.
struct UploadIntake {
    private var bytes: UploadBytes
    private var cutter: Cutter

    init(parsing: ListParser.Options, isCompressed: Bool, maximumBytes: Int, now: Timestamp) throws(FileProblem) {
        self.bytes = try UploadBytes(isCompressed: isCompressed, maximumBytes: maximumBytes)
        self.cutter = Cutter(parser: ListParser(options: parsing), key: ContactKey(now: now))
    }

    /// How many bytes to push at once.
    var pieceSize: Int { self.bytes.pieceSize }
    /// Bytes of the body.
    var bytesRead: Int { self.bytes.count }

    /// Takes the next bytes of the body.
    mutating func push(_ piece: UnsafeBufferPointer<UInt8>) throws(FileProblem) {
        let bytesRead = self.bytes.count + piece.count
        try self.bytes.push(piece) { (plain) throws(FileProblem) in
            try self.cutter.push(plain, bytesRead: bytesRead)
        }
    }

    /// Says that the body ended.
    mutating func finish() throws(FileProblem) {
        try self.bytes.finish()
        try self.cutter.parser.finish()
        self.endBlock()
    }

    /// Ends a block before it has its size.
    mutating func endBlock() {
        self.cutter.endBlock(bytesRead: self.bytes.count)
    }

    /// Hands the ended blocks over.
    mutating func takeBlocks() -> [UploadBlock] {
        defer { self.cutter.blocks.removeAll(keepingCapacity: true) }
        return self.cutter.blocks
    }

    /// What happens to the plain bytes.
    private struct Cutter {
        var parser: ListParser
        var key: ContactKey
        var blocks: [UploadBlock] = []

        /// A block takes so much memory, or a piece of the body more.
        private static let blockBytes = 131_072

        mutating func push(_ plain: UnsafeBufferPointer<UInt8>, bytesRead: Int) throws(FileProblem) {
            try self.parser.push(plain)
            if self.parser.waitingBytes >= Self.blockBytes { self.endBlock(bytesRead: bytesRead) }
        }

        mutating func endBlock(bytesRead: Int) {
            guard let rows = self.parser.takeBlock() else { return }
            self.blocks.append(UploadBlock(rows: rows, key: self.key, bytesRead: bytesRead))
            self.key.advance(by: rows.rowCount)
        }
    }
}
