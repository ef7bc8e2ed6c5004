import DialerModel
import DialerStore
import ListImport

/// Turns the bytes of one request into rows for the staging table. Holds a few megabytes at most: who pushes takes the rows when
/// there are enough.
struct UploadIntake {
    private let sink: Sink
    private var parser: ListParser
    private var bytes: UploadBytes

    init(
        _ upload: Upload, parsing: ListParser.Options, isCompressed: Bool, maximumBytes: Int, now: Timestamp
    ) throws(FileProblem) {
        self.parser = ListParser(options: parsing)
        self.bytes = try UploadBytes(isCompressed: isCompressed, maximumBytes: maximumBytes)
        var generator = SystemRandomNumberGenerator()
        self.sink = Sink(upload: upload, key: ContactKey(now: now, using: &generator))
    }

    /// How many bytes to push at once.
    var pieceSize: Int { self.bytes.pieceSize }
    /// Bytes of the body.
    var bytesRead: Int { self.bytes.count }

    /// The memory the rows take that were not taken yet.
    var waitingBytes: Int { self.sink.rows.byteCount }

    /// Takes the next bytes of the body.
    mutating func push(_ piece: UnsafeBufferPointer<UInt8>) throws(FileProblem) {
        let sink = self.sink
        try self.bytes.push(piece) { (plain) throws(FileProblem) in
            try self.parser.push(plain, accept: { sink.accept($0) }, reject: { sink.reject($0) })
        }
    }

    /// Says that the body ended.
    mutating func finish() throws(FileProblem) {
        try self.bytes.finish()
        let sink = self.sink
        try self.parser.finish(accept: { sink.accept($0) }, reject: { sink.reject($0) })
    }

    /// Hands the rows over and begins anew.
    mutating func takeRows() -> StagedRows {
        let rows = self.sink.rows
        self.sink.rows = StagedRows()
        return rows
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
