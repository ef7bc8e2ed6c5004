import DialerModel
import DialerStore
import ListImport

/// Turns the bytes of one request into rows for the staging table. Holds a few megabytes at most: who pushes takes the rows when
/// there are enough.
struct UploadIntake {
    /// Compressed bytes are taken in so small pieces that what they hold, a thousand times as much, stays bounded.
    static let compressedPiece = 2_048
    static let plainPiece = 65_536

    private let maximumBytes: Int
    private let sink: Sink
    private var parser: ListParser
    private var inflater: GzipInflater?
    /// Bytes of the body.
    private(set) var bytesRead = 0
    private var isFirst = true

    init(
        _ upload: Upload, parsing: ListParser.Options, isCompressed: Bool, maximumBytes: Int, now: Timestamp
    ) throws(FileProblem) {
        self.maximumBytes = maximumBytes
        self.parser = ListParser(options: parsing)
        self.inflater = isCompressed ? try GzipInflater(maximumBytes: maximumBytes) : nil
        var generator = SystemRandomNumberGenerator()
        self.sink = Sink(upload: upload, key: ContactKey(now: now, using: &generator))
    }

    /// How many bytes to push at once.
    var pieceSize: Int { self.inflater != nil || self.isFirst ? Self.compressedPiece : Self.plainPiece }

    /// The memory the rows take that were not taken yet.
    var waitingBytes: Int { self.sink.rows.byteCount }

    /// Takes the next bytes of the body.
    mutating func push(_ piece: UnsafeBufferPointer<UInt8>) throws(FileProblem) {
        self.bytesRead += piece.count
        guard self.bytesRead <= self.maximumBytes else {
            throw FileProblem("the file is larger than \(self.maximumBytes) bytes; split it")
        }
        if self.isFirst {
            self.isFirst = false
            // A .gz that was sent without saying so.
            if self.inflater == nil, piece.starts(with: [0x1F, 0x8B]) {
                self.inflater = try GzipInflater(maximumBytes: self.maximumBytes)
            }
        }
        guard let inflater = self.inflater else { return try self.parse(piece) }
        try inflater.push(piece) { (plain) throws(FileProblem) in try self.parse(plain) }
    }

    /// Says that the body ended.
    mutating func finish() throws(FileProblem) {
        try self.inflater?.finish()
        let sink = self.sink
        try self.parser.finish(accept: { sink.accept($0) }, reject: { sink.reject($0) })
    }

    /// Hands the rows over and begins anew.
    mutating func takeRows() -> StagedRows {
        let rows = self.sink.rows
        self.sink.rows = StagedRows()
        return rows
    }

    private mutating func parse(_ piece: UnsafeBufferPointer<UInt8>) throws(FileProblem) {
        let sink = self.sink
        try self.parser.push(piece, accept: { sink.accept($0) }, reject: { sink.reject($0) })
    }

    /// Where the parser's rows go. A class, because the parser is being changed while it hands them on.
    private final class Sink {
        private let upload: Upload
        private var key: ContactKey
        private var keptRejects = 0
        var rows = StagedRows()

        init(upload: Upload, key: ContactKey) {
            self.upload = upload
            self.key = key
        }

        func accept(_ row: ContactRow) {
            self.rows.append(row, self.key)
            self.key.advance()
        }

        func reject(_ problem: RowProblem) {
            let isKept = self.keptRejects < UploadRepository.keptRejects
            if isKept { self.keptRejects += 1 }
            self.rows.append(problem, of: self.upload, isKept: isKept)
        }
    }
}
