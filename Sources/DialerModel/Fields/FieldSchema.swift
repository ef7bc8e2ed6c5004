/// What a field may hold: the material of the API description and of the table in the docs.
package struct FieldSchema: Sendable, Hashable {
    /// JSON Schema's type names.
    package enum ValueType: String, Sendable, Hashable, CaseIterable {
        case string, integer, number, object, array
    }

    package var type: ValueType
    package var isNullable = false
    /// What a new resource has when the field is not given; nil when there is nothing to say (generated or required).
    package var defaultValue: JSONValue?
    /// Inclusive bounds of an integer.
    package var range: ClosedRange<Int>?
    /// Inclusive bounds of a number.
    package var decimalRange: ClosedRange<Double>?
    /// The longest text, in characters.
    package var maximumLength: Int?
    /// A regular expression every accepted text matches.
    package var pattern: String?
    /// JSON Schema's `format`: `uuid`, `date-time`, `date`…
    package var format: String?
    /// The accepted values with their names, when they can be counted.
    package var choices: [Choice] = []
    /// The accepted words of a text field, when they can be counted.
    package var words: [String] = []
    /// The most elements of an array.
    package var maximumCount: Int?
    /// The fields of an array's elements, which have no others.
    package var members: [Member] = []
    package var description = ""

    /// A field of an array's elements.
    package struct Member: Sendable, Hashable {
        package var name: String
        package var schema: FieldSchema
        package var isRequired: Bool

        package init(name: String, schema: FieldSchema, isRequired: Bool) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    /// One of an integer field's values.
    package struct Choice: Sendable, Hashable {
        package var value: Int
        package var name: String

        package init(value: Int, name: String) {
            self.value = value
            self.name = name
        }
    }

    package init(_ type: ValueType) {
        self.type = type
    }
}
