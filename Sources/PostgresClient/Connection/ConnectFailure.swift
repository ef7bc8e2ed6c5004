import Glibc

/// libpq gives no SQLSTATE for a refused connection, only the server's text. These are the refusals that waiting doesn't
/// cure, and the two that it does.
enum ConnectFailure {
    static func sqlState(of message: String) -> SQLState? {
        let known: [(String, SQLState)] = [
            ("password authentication failed", .invalidPassword),
            ("no password supplied", .invalidPassword),
            ("no pg_hba.conf entry", .invalidAuthorization),
            ("authentication failed", .invalidAuthorization),
            ("is not permitted to log in", .invalidAuthorization),
            ("the database system is", .cannotConnectNow),
            ("too many clients", .tooManyConnections),
            ("remaining connection slots", .tooManyConnections),
        ]
        for (text, state) in known where message.contains(text) { return state }
        guard message.contains("FATAL:"), message.contains("does not exist") else { return nil }
        return message.contains("role") ? .invalidAuthorization : .invalidCatalogName
    }

    /// Whether the server is there but had no room in its backlog at that moment.
    static func isBacklogFull(_ error: PostgresError) -> Bool {
        error.code == .connectionFailed && error.message.contains(String(cString: strerror(EAGAIN)))
    }

    /// Whether somebody has to change something before it can work.
    static func isPermanent(_ error: PostgresError) -> Bool {
        if error.code == .invalidConfiguration { return true }
        guard error.code == .connectionFailed else { return false }
        if let state = error.sqlState {
            return state.stateClass == .invalidAuthorization || state.stateClass == .invalidCatalogName
        }
        return ["certificate", "server does not support SSL", "SSL error", "invalid "].contains {
            error.message.contains($0)
        }
    }

    /// What is said of a server that did not answer in time.
    static func silence(of place: String?) -> String {
        "no connection to \(place ?? "the database") \(inTime)"
    }

    static func isSilence(_ error: PostgresError) -> Bool {
        error.code == .connectionFailed && error.message.hasSuffix(inTime)
    }

    private static let inTime = "within the time-out"

    /// Whether another host may do better. What a server answered is the answer, unless it is just starting or stopping.
    static func mayTryNext(after error: PostgresError) -> Bool {
        error.code == .connectionFailed && (error.sqlState == nil || error.sqlState == .cannotConnectNow)
            && !isPermanent(error)
    }

    /// The last failure, with what was wrong before it.
    static func combined(_ failures: [PostgresError]) -> PostgresError {
        guard var error = failures.last else {
            return PostgresError(.invalidConfiguration, "the database URL names no host")
        }
        var messages: [String] = []
        for failure in failures where !messages.contains(failure.message) { messages.append(failure.message) }
        error.message = messages.joined(separator: "; ")
        return error
    }
}
