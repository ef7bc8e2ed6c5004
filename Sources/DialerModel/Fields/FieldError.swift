/// Why one value is refused, in words that follow the field's name: `expected …, got …`.
package struct FieldError: Error, Sendable, Hashable {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    /// `expected <what>, got <value>`.
    package static func expected(_ what: String, got value: JSONValue) -> FieldError {
        FieldError("expected \(what), got \(value.excerpt)")
    }
}
