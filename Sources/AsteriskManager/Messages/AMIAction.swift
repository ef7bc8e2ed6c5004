/// A request to the server. Its `ActionID` is given by who sends it.
public struct AMIAction: Sendable {
    /// `Originate`, `Ping`, …
    public var name: String
    /// In the order they are sent. A name may repeat (`Variable`).
    public var headers: [(name: String, value: String)]

    public init(_ name: String, headers: [(name: String, value: String)] = []) {
        self.name = name
        self.headers = headers
    }

    /// Appends one header.
    public mutating func add(_ name: String, _ value: String) {
        self.headers.append((name, value))
    }
}
