import ListImport

/// The bytes of one file as they come: bounded, and inflated when they are gzip, said or not.
struct UploadBytes {
    /// Compressed bytes are taken in so small pieces that what they hold, a thousand times as much, stays bounded.
    static let compressedPiece = 512
    static let plainPiece = 65_536

    private let maximumBytes: Int
    private var inflater: GzipInflater?
    /// Bytes of the body.
    private(set) var count = 0
    private var isFirst = true

    init(isCompressed: Bool, maximumBytes: Int) throws(FileProblem) {
        self.maximumBytes = maximumBytes
        self.inflater = isCompressed ? try GzipInflater(maximumBytes: maximumBytes) : nil
    }

    /// How many bytes to push at once.
    var pieceSize: Int { self.inflater != nil || self.isFirst ? Self.compressedPiece : Self.plainPiece }

    /// Takes the next bytes of the body.
    ///
    /// - Parameter parse: Takes what the file holds.
    mutating func push(
        _ piece: UnsafeBufferPointer<UInt8>, parse: (UnsafeBufferPointer<UInt8>) throws(FileProblem) -> Void
    ) throws(FileProblem) {
        self.count += piece.count
        guard self.count <= self.maximumBytes else {
            throw FileProblem("the file is larger than \(self.maximumBytes) bytes; split it")
        }
        if self.isFirst {
            self.isFirst = false
            // A .gz that was sent without saying so.
            if self.inflater == nil, piece.starts(with: [0x1F, 0x8B]) {
                self.inflater = try GzipInflater(maximumBytes: self.maximumBytes)
            }
        }
        guard let inflater = self.inflater else { return try parse(piece) }
        try inflater.push(piece) { (plain) throws(FileProblem) in try parse(plain) }
    }

    /// Says that the body ended.
    mutating func finish() throws(FileProblem) {
        try self.inflater?.finish()
    }
}
