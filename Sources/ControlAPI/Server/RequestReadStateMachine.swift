/// Watches one connection's requests being read: how long a client takes, and whom a protocol error concerns.
///
/// Pure: events in, actions out. ``ConnectionGuard`` performs the actions.
struct RequestReadStateMachine {
    enum ReadAction: Equatable {
        case startDeadline
        case cancelDeadline
        case none
    }

    enum FailureAction: Equatable {
        /// Nobody has answered the request yet: answer it here, then close.
        case answerAndClose
        case close
        /// An earlier request is still being answered; whoever reads the connection ends it.
        case passOn
        case none
    }

    /// Requests whose head was read and whose answer is not complete.
    private var outstanding = 0
    private var isReading = false
    private var isAnswering = false
    /// The connection is being ended from here; whatever still comes is of no interest.
    private(set) var isClosed = false

    mutating func readHead() -> ReadAction {
        self.outstanding += 1
        self.isReading = true
        return .startDeadline
    }

    /// The client is asked for the next part of a body that is a stream.
    func wantPart() -> ReadAction {
        self.isReading && !self.isClosed ? .startDeadline : .none
    }

    /// A part of it came.
    func readPart() -> ReadAction {
        self.isReading && !self.isClosed ? .cancelDeadline : .none
    }

    /// The connection is gone.
    ///
    /// - Returns: true when a request was being read, which its handler has to learn.
    mutating func breakOff() -> Bool {
        defer { self.isReading = false }
        return self.isReading
    }

    mutating func readEnd() -> ReadAction {
        guard self.isReading else { return .none }
        self.isReading = false
        return .cancelDeadline
    }

    mutating func writeHead() {
        self.isAnswering = true
    }

    mutating func writeEnd() {
        self.isAnswering = false
        self.outstanding = max(0, self.outstanding - 1)
    }

    /// The request was not complete in time.
    mutating func deadlineReached() -> FailureAction {
        guard self.isReading, !self.isClosed else { return .none }
        self.isClosed = true
        return self.outstanding == 1 && !self.isAnswering ? .answerAndClose : .close
    }

    /// The bytes are no HTTP.
    mutating func parseFailed() -> FailureAction {
        guard !self.isClosed else { return .none }
        // A request in the middle of its body belongs to its handler, which learns of the error from the body.
        guard self.outstanding == 0 else { return .passOn }
        self.isClosed = true
        return .answerAndClose
    }
}
