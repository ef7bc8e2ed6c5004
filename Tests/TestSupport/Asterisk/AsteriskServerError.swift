/// Why the Asterisk of a test is not there.
package enum AsteriskServerError: Error, CustomStringConvertible {
    /// The folder with Asterisk in it was not made.
    case noFolder(path: String)
    /// The process could not be started; `code` is an `errno`.
    case notStarted(code: Int32)
    /// It did not accept a login in time, or ended; `log` is what it said.
    case notReady(log: String)
    /// It did not end in time after it was asked to.
    case notStopped
    /// The manager's socket failed, was closed, or did not say what was waited for in time.
    case session(String)

    package var description: String {
        switch self {
        case .noFolder(let path):
            "no Asterisk in \(path): run `make setup asterisk` (or scripts/asterisk-folder) once, then the tests again"
        case .notStarted(let code):
            "the test's Asterisk could not be started: errno \(code)"
        case .notReady(let log):
            "the test's Asterisk did not get ready; its log ends: \(log)"
        case .notStopped:
            "the test's Asterisk did not stop in time"
        case .session(let what):
            "the manager session of the test: \(what)"
        }
    }
}
