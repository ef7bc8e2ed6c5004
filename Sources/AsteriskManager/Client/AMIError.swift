/// Why something asked of an Asterisk manager failed.
public enum AMIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no usable connection: nothing was sent.
    case notConnected
    /// The action may not go on the wire: nothing was sent.
    case invalidAction(AMIEncodingError)
    /// The server answered `Response: Error` with this message.
    case refused(message: String)
    /// No answer came in time. The server may or may not have acted.
    case timedOut(action: String)
    /// The connection broke. The server may or may not have acted on what was sent before.
    case connectionLost(reason: String)
    /// No connection could be made.
    case connectFailed(reason: String)
    /// Whatever listens at the port greets in another protocol.
    case notAnAsterisk
    /// The server refused the login; it does not say whether user, secret or address is wrong.
    case loginRefused(message: String)
    /// The server did not get through greeting, login or start-up in time.
    case notReadyInTime(stage: String)
    /// Nothing was heard from the server although it was pinged.
    case unresponsive
    /// What the server sent is no AMI.
    case malformed(AMIDecodingError)
    /// A list had more items than ``AMIClientConfiguration/maxListItems``.
    case listTooLong(limit: Int)
    /// More actions wait for answers than ``AMIClientConfiguration/maxPendingActions``.
    case tooManyPendingActions(limit: Int)
    /// This machine's crypto library offers no MD5 (FIPS mode): use plain login over TLS.
    case md5Unavailable
    /// The certificate authority file or another TLS setting cannot be used.
    case invalidTLS(reason: String)
    /// The caller was cancelled.
    case cancelled

    public var description: String {
        switch self {
        case .notConnected: "not connected"
        case .invalidAction(let error): "invalid action: \(error)"
        case .refused(let message): "refused: \(message)"
        case .timedOut(let action): "no answer to \(action) in time"
        case .connectionLost(let reason): "connection lost: \(reason)"
        case .connectFailed(let reason): "cannot connect: \(reason)"
        case .notAnAsterisk: "the server's greeting is not \"Asterisk Call Manager\""
        case .loginRefused(let message):
            "login refused: \(message); check username, secret and the manager's permit lines"
        case .notReadyInTime(let stage): "the server was not ready in time (\(stage))"
        case .unresponsive: "the server does not answer pings"
        case .malformed(let error): "not AMI: \(error)"
        case .listTooLong(let limit): "a list has more than \(limit) items"
        case .tooManyPendingActions(let limit): "\(limit) actions wait for an answer already"
        case .md5Unavailable: "the crypto library offers no MD5; use plain login over TLS"
        case .invalidTLS(let reason): "TLS cannot be set up: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
