import DialerModel

/// One property of a schema in the API description.
struct SchemaProperty: Sendable {
    enum Shape: Sendable {
        case field(FieldSchema)
        case reference(String)
        case array(of: String)
        /// Plain values, one alone or several; with a description.
        case values(String)
        case boolean
        case constant(String)
    }

    var name: String
    var shape: Shape

    init(_ name: String, _ shape: Shape) {
        self.name = name
        self.shape = shape
    }

    /// A plain property.
    init(
        _ name: String,
        _ type: FieldSchema.ValueType,
        nullable: Bool = false,
        format: String? = nil,
        _ description: String
    ) {
        var schema = FieldSchema(type)
        schema.isNullable = nullable
        schema.format = format
        schema.description = description
        self.init(name, .field(schema))
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject(self.name)
        switch self.shape {
        case .field(let schema):
            schema.writeMembers(to: &writer)
        case .reference(let name):
            writer.field("$ref", "#/components/schemas/\(name)")
        case .array(let name):
            writer.field("type", "array")
            writer.beginObject("items")
            writer.field("$ref", "#/components/schemas/\(name)")
            writer.endObject()
        case .values(let description):
            let types = ["array", "string", "integer", "null"].map { JSONValue.string($0) }
            writer.field("type", .array(types))
            writer.field("description", description)
        case .boolean:
            writer.field("type", "boolean")
        case .constant(let text):
            writer.field("type", "string")
            writer.field("const", text)
        }
        writer.endObject()
    }
}

extension FieldSchema {
    /// The members of this schema as JSON Schema 2020-12 has them.
    func writeMembers(to writer: inout JSONWriter) {
        if self.isNullable {
            writer.key("type")
            writer.value(.array([.string(self.type.rawValue), .string("null")]))
        } else {
            writer.field("type", self.type.rawValue)
        }
        if let format = self.format { writer.field("format", format) }
        if let range = self.range {
            writer.field("minimum", range.lowerBound)
            writer.field("maximum", range.upperBound)
        }
        if let range = self.decimalRange {
            writer.field("minimum", range.lowerBound)
            writer.field("maximum", range.upperBound)
        }
        if let count = self.maximumCount { writer.field("maxItems", count) }
        if !self.members.isEmpty { self.writeItems(to: &writer) }
        if let length = self.maximumLength { writer.field("maxLength", length) }
        if let pattern = self.pattern { writer.field("pattern", pattern) }
        if !self.choices.isEmpty {
            let values = self.choices.map { JSONValue.integer(Int64($0.value)) }
            writer.field("enum", .array(values + (self.isNullable ? [.null] : [])))
        }
        if !self.words.isEmpty {
            let words = self.words.map { JSONValue.string($0) }
            writer.field("enum", .array(words + (self.isNullable ? [.null] : [])))
        }
        if let value = self.defaultValue { writer.field("default", value) }
        let explanation = ([self.description] + self.choices.map { "\($0.value): \($0.name)." })
            .filter { !$0.isEmpty }
            .joined(separator: " ")
        if !explanation.isEmpty { writer.field("description", explanation) }
    }

    /// What an array's elements look like.
    private func writeItems(to writer: inout JSONWriter) {
        writer.beginObject("items")
        writer.field("type", "object")
        writer.field("required", .array(self.members.filter(\.isRequired).map { .string($0.name) }))
        writer.beginObject("properties")
        for member in self.members { SchemaProperty(member.name, .field(member.schema)).write(to: &writer) }
        writer.endObject()
        writer.field("additionalProperties", false)
        writer.endObject()
    }
}
