import DialerModel

/// A named object schema of the API description.
struct ObjectSchema: Sendable {
    var name: String
    var explanation: String
    var properties: [SchemaProperty]
    var required: [String]
    /// Whether other properties are refused.
    var isClosed = false

    /// What the service answers with: every property is always there.
    init(answer name: String, _ explanation: String, _ properties: [SchemaProperty]) {
        self.name = name
        self.explanation = explanation
        self.properties = properties
        self.required = properties.map(\.name)
    }

    /// What the service takes.
    init(request name: String, _ explanation: String, _ properties: [SchemaProperty], required: [String] = []) {
        self.name = name
        self.explanation = explanation
        self.properties = properties
        self.required = required
        self.isClosed = true
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject(self.name)
        writer.field("type", "object")
        writer.field("description", self.explanation)
        if !self.required.isEmpty {
            writer.field("required", .array(self.required.map { .string($0) }))
        }
        writer.beginObject("properties")
        for property in self.properties { property.write(to: &writer) }
        writer.endObject()
        if self.isClosed { writer.field("additionalProperties", false) }
        writer.endObject()
    }
}

extension ObjectSchema {
    /// What a resource looks like, what creates it and what changes it: all from its table of fields.
    static func schemas<R: Resource>(of resource: R.Type) -> [ObjectSchema] {
        let kind = R.kind
        let creatable = R.fields.filter { $0.access == .createAndUpdate }
        let changeable = R.fields.filter { $0.access != .readOnly }
        return [
            ObjectSchema(
                answer: kind.schemaName, "A \(kind.label).",
                R.fields.map { SchemaProperty($0.name, .field($0.schema.withoutDefault)) }
            ),
            ObjectSchema(
                request: "New\(kind.schemaName)", "What creates a \(kind.label).",
                creatable.map { SchemaProperty($0.name, .field($0.schema)) },
                required: creatable.filter(\.isRequired).map(\.name)
            ),
            ObjectSchema(
                request: "Changed\(kind.schemaName)", "The fields of a \(kind.label) to change.",
                changeable.map { SchemaProperty($0.name, .field($0.schema.withoutDefault)) }
            ),
        ]
    }
}

extension FieldSchema {
    fileprivate var withoutDefault: FieldSchema {
        var schema = self
        schema.defaultValue = nil
        return schema
    }
}
