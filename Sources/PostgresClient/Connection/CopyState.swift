/// A COPY in progress on a connection: at most one, always its connection's head request.
struct CopyState {
    enum Phase {
        /// Data flows.
        case copying
        /// The end was sent or seen; the server's verdict is awaited.
        case ending
        /// The reader went away: what still comes is thrown away.
        case discarding
    }

    var requestID: UInt64
    var phase: Phase = .copying
    var affectedRows = 0
    /// Whether the last row of a COPY TO was taken: libpq must not be asked for another.
    var isAtEnd = false
    private var piece: [UInt8] = []
    /// The one call that waits for the socket or the verdict.
    private var waiter: CheckedContinuation<Void, Never>?

    init(requestID: UInt64) {
        self.requestID = requestID
    }

    mutating func wait(_ continuation: CheckedContinuation<Void, Never>) {
        waiter?.resume()
        waiter = continuation
    }

    mutating func wake() {
        waiter?.resume()
        waiter = nil
    }

    var hasWaiter: Bool { waiter != nil }

    // MARK: Rows of a COPY TO

    /// A piece is handed over once it has so many bytes.
    private static let pieceBytes = 65_536

    var hasWholePiece: Bool { piece.count >= Self.pieceBytes }

    mutating func gather(_ rows: UnsafeRawBufferPointer) {
        if piece.isEmpty { piece.reserveCapacity(Self.pieceBytes + rows.count) }
        piece.append(contentsOf: rows)
    }

    /// What was gathered, at most a row more than a piece; empty when nothing was.
    mutating func takePiece() -> [UInt8] {
        let taken = piece
        piece = []
        return taken
    }
}
