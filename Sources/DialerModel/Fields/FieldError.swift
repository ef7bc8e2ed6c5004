/// Why one value is refused, in words that follow the field's name: `expected …, got …`.
package struct FieldError: Error, Sendable, Hashable {
    package var message: String
    /// Where inside the field's value it is: `[1].weight`; empty when it is the value as a whole.
    package var path = ""

    package init(_ message: String) {
        self.message = message
    }

    /// The same error of a part of the field's value.
    package func at(_ path: String) -> FieldError {
        var error = self
        error.path = path + self.path
        return error
    }

    /// `expected <what>, got <value>`.
    package static func expected(_ what: String, got value: JSONValue) -> FieldError {
        FieldError("expected \(what), got \(value.excerpt)")
    }
}
