/// Whatever can go wrong between a statement and its answer. Never holds a password or a parameter's value that the
/// server did not put into its message.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String, Sendable {
            case invalidConfiguration, connectionFailed, notSent, connectionLost, commitOutcomeUnknown
            case server, timeout, cancelled, closed, decoding, poolExhausted
            case invalidParameter, invalidState, transactionAborted, unexpectedResult
        }

        private let base: Base

        private init(_ base: Base) {
            self.base = base
        }

        public var description: String { base.rawValue }

        /// The URL or an option in it is wrong; trying again doesn't help.
        public static let invalidConfiguration = Code(.invalidConfiguration)
        /// No connection could be made; nothing was sent.
        public static let connectionFailed = Code(.connectionFailed)
        /// The connection went away before the statement was sent; it was not executed.
        public static let notSent = Code(.notSent)
        /// The connection went away while the answer was awaited; the statement may have been executed.
        public static let connectionLost = Code(.connectionLost)
        /// The connection went away between COMMIT and its answer: the transaction is either wholly done or not at all,
        /// and only a look at the data tells which.
        public static let commitOutcomeUnknown = Code(.commitOutcomeUnknown)
        /// The server refused; ``PostgresError/sqlState`` says why.
        public static let server = Code(.server)
        /// A time limit ran out: the server's statement time-out, or the client's deadline behind it.
        public static let timeout = Code(.timeout)
        /// The task that waited was cancelled.
        public static let cancelled = Code(.cancelled)
        /// The client or the lease is closed.
        public static let closed = Code(.closed)
        /// A value isn't of the type asked for.
        public static let decoding = Code(.decoding)
        /// Every connection stayed busy for the whole waiting time, or too many callers wait already.
        public static let poolExhausted = Code(.poolExhausted)
        /// A parameter or a statement can't be sent: it holds a NUL, or there are more than 65,535 parameters.
        public static let invalidParameter = Code(.invalidParameter)
        /// The call doesn't fit here, such as COPY through `query`.
        public static let invalidState = Code(.invalidState)
        /// COMMIT was answered with ROLLBACK: a statement before it had failed and its error was dropped.
        public static let transactionAborted = Code(.transactionAborted)
        /// The server's answer doesn't fit the protocol.
        public static let unexpectedResult = Code(.unexpectedResult)
    }

    public var code: Code
    /// The server's error code; nil when the error didn't come from the server.
    public var sqlState: SQLState?
    /// One sentence, in the server's language when it came from there.
    public var message: String
    public var detail: String?
    public var hint: String?
    public var schema: String?
    public var table: String?
    public var column: String?
    public var constraint: String?
    /// Where in the statement the error is, in characters from 1.
    public var position: Int?

    public init(_ code: Code, _ message: String, sqlState: SQLState? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
    }

    /// Whether the same work may well succeed when tried again from its start: the connection or the server's state was
    /// at fault, not the statement. After ``Code/connectionLost`` the work may have been done already; after
    /// ``Code/commitOutcomeUnknown`` this is false, since the caller has to look first.
    public var isTransient: Bool {
        switch code {
        case .connectionFailed, .notSent, .connectionLost, .poolExhausted:
            guard let sqlState else { return true }
            return sqlState.stateClass != .invalidAuthorization && sqlState.stateClass != .invalidCatalogName
        case .timeout:
            return true
        case .server:
            guard let sqlState else { return false }
            switch sqlState {
            case .lockNotAvailable, .objectInUse, .adminShutdown, .crashShutdown, .cannotConnectNow, .queryCanceled:
                return true
            default:
                return switch sqlState.stateClass {
                case .connectionException, .transactionRollback, .insufficientResources: true
                default: false
                }
            }
        default:
            return false
        }
    }

    public var description: String {
        var text = "\(code): \(message)"
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        for (name, value) in [
            ("detail", detail), ("hint", hint), ("table", table), ("column", column), ("constraint", constraint),
        ] {
            if let value { text += "; \(name): \(value)" }
        }
        return text
    }
}
