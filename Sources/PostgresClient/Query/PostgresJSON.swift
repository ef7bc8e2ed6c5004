/// JSON as text, bound as `jsonb`; the server checks it. Reads columns of type json and jsonb.
public struct PostgresJSON: Sendable, Hashable {
    public var text: String

    public init(_ text: String) {
        self.text = text
    }
}
