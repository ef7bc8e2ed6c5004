import DequeModule

/// One unit of work on a connection: waits, is sent, is answered, and is resolved exactly once. Belongs to its
/// connection's actor.
final class Request {
    enum Kind {
        /// Statements with one Sync behind them: outside a transaction block all of them succeed or none.
        case statements([PostgresQuery])
        /// Many statements in one text, without parameters, in the simple protocol.
        case script(String)
        case copyIn(String)
        case copyOut(String)

        /// Whether it needs the connection for itself, out of pipeline mode.
        var isExclusive: Bool {
            if case .statements = self { false } else { true }
        }
    }

    /// One answer the server owes.
    enum Step {
        case prepare(StatementCache.Key)
        /// A statement whose rows nobody wants, such as BEGIN.
        case silent
        case execute
        case sync
    }

    typealias Outcome = Result<[ResultOwner], PostgresError>

    let id: UInt64
    let kind: Kind
    /// Sent before the first statement, in the same round trip.
    var prefix: String?
    /// How long the server may take without any sign of progress; nil for ever.
    let patience: Duration?
    var steps = Deque<Step>()
    var stepHasResult = false
    var results: [ResultOwner] = []
    var error: PostgresError?
    var wasCancelled = false
    /// Sent over a connection others use too, outside any transaction, so that it may be sent again.
    var isShared = false
    var usesPreparedStatements = false
    var attempts = 0
    /// When it came to the head of the line.
    var headSince: ContinuousClock.Instant?
    private var continuation: CheckedContinuation<Outcome, Never>?

    init(
        id: UInt64, kind: Kind, prefix: String?, patience: Duration?,
        continuation: CheckedContinuation<Outcome, Never>?
    ) {
        self.id = id
        self.kind = kind
        self.prefix = prefix
        self.patience = patience
        self.continuation = continuation
    }

    /// Hands the outcome to whoever waits; a second call does nothing.
    func resolve(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    /// Forgets everything received, to be sent once more.
    func rewind() {
        steps.removeAll()
        stepHasResult = false
        results.removeAll()
        error = nil
        usesPreparedStatements = false
        attempts += 1
        headSince = nil
    }
}
