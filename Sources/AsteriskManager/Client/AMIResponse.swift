/// What the server answered to one action.
public struct AMIResponse: Sendable {
    /// The `Response` message itself.
    public let message: AMIMessage
    /// The events of a list answer between its start and its end, in order; empty for a plain answer.
    public let items: [AMIMessage]

    /// The lines a `Command` printed.
    public var output: [String] { self.message.values(of: "Output") }
}
