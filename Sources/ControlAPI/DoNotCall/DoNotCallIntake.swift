import DialerStore
import ListImport

/// Turns the bytes of one request into numbers for the list. Holds as many as were not taken yet.
struct DoNotCallIntake {
    private let sink = Sink()
    private var parser: DoNotCallParser
    private var bytes: UploadBytes

    init(_ query: DoNotCallQuery, maximumBytes: Int) throws(FileProblem) {
        self.parser = DoNotCallParser(options: query.parsing)
        self.bytes = try UploadBytes(isCompressed: query.isCompressed, maximumBytes: maximumBytes)
    }

    /// How many bytes to push at once.
    var pieceSize: Int { self.bytes.pieceSize }
    /// Bytes of the body.
    var bytesRead: Int { self.bytes.count }
    /// The memory the rows take that were not taken yet.
    var waitingBytes: Int { self.sink.rows.byteCount }

    var report: DoNotCallReport {
        get { self.sink.report }
        set { self.sink.report = newValue }
    }

    /// Takes the next bytes of the body.
    mutating func push(_ piece: UnsafeBufferPointer<UInt8>) throws(FileProblem) {
        let sink = self.sink
        try self.bytes.push(piece) { (plain) throws(FileProblem) in
            try self.parser.push(plain, accept: { sink.accept($0, $1) }, reject: { sink.report.reject($0) })
        }
    }

    /// Says that the body ended.
    mutating func finish() throws(FileProblem) {
        try self.bytes.finish()
        let sink = self.sink
        try self.parser.finish(accept: { sink.accept($0, $1) }, reject: { sink.report.reject($0) })
    }

    /// Hands the rows over and begins anew.
    mutating func takeRows() -> DoNotCallRows {
        defer { self.sink.rows = DoNotCallRows() }
        return self.sink.rows
    }

    /// Where the parser's rows go. A class, because the parser is being changed while it hands them on.
    private final class Sink {
        var rows = DoNotCallRows()
        var report = DoNotCallReport()

        func accept(_ row: DoNotCallRow, _ line: Int) {
            self.rows.append(row, line: line)
            self.report.accept()
        }
    }
}
