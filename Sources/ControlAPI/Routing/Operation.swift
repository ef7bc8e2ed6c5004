/// What the OpenAPI document tells about one endpoint.
struct Operation: Sendable {
    struct Parameter: Sendable {
        enum Kind: Sendable {
            case flag
            case integer(ClosedRange<Int>, default: Int?)
            case uuid
            case text
        }

        var name: String
        var kind: Kind
        var isRequired = false
        var explanation: String
    }

    /// A schema of the document by name, or a fixed shape.
    enum Shape: Sendable {
        case none
        /// `#/components/schemas/<name>`
        case schema(String)
        /// The same or null.
        case optionalSchema(String)
        /// `{"list": [<name>…], "next_cursor": …}`
        case list(String)
        /// Not the envelope: another content type.
        case raw(contentType: String)
    }

    var id: String
    var tag: String
    var summary: String
    var query: [Parameter] = []
    /// The request body's schema by name.
    var body: String?
    var isBodyRequired = true
    /// The types of a body that is no JSON object of a schema.
    var contentTypes: [String] = []
    var result: Shape
    /// Whether it may also be 202: taken, and done later.
    var isLater = false
    /// The statuses of errors beside those any request may get.
    var errors: [Int] = []
}
