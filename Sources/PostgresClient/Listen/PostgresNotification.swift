/// What a stream of ``PostgresClient/listen(_:)`` yields.
public enum PostgresNotification: Sendable, Hashable {
    /// The server listens from now on: the first element of every stream.
    case listening
    /// Notifications may have been missed: read again what they are about.
    case reconnected
    /// Somebody called NOTIFY. `processID` is the server process of the sender.
    case message(channel: String, payload: String, processID: Int32)

    /// The text given to NOTIFY; empty for the markers.
    public var payload: String {
        if case .message(_, let payload, _) = self { payload } else { "" }
    }
}
