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
}
