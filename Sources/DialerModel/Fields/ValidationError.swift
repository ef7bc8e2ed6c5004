/// Why a body is refused. The message names the field and what would be right.
package struct ValidationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field at fault by its wire name, with the place inside of it: `lists[1].dlma`; nil when it is the body as a whole.
    package var field: String?
    /// A sentence for the client; begins with the field's name.
    package var message: String

    package init(field: String? = nil, message: String) {
        self.field = field
        self.message = message
    }

    package init(field: String, _ error: FieldError) {
        let place = field + error.path
        self.init(field: place, message: "\(place): \(error.message)")
    }

    package var description: String { self.message }
}
