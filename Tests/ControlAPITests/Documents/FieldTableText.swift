import DialerModel

/// A resource's fields as the table in docs/api.md.
enum FieldTableText {
    static func markdown<R: Resource>(_ type: R.Type) -> String {
        let head = "| field | type | default | set by | limits | meaning |\n| --- | --- | --- | --- | --- | --- |\n"
        return head + type.fieldTable.fields.map { Self.row($0) + "\n" }.joined()
    }

    private static func row<R>(_ field: Field<R>) -> String {
        let schema = field.schema
        let names = schema.choices.map { " \($0.value): \($0.name)." }.joined()
        let cells = [
            "`\(field.name)`", schema.type.rawValue + (schema.isNullable ? "?" : ""), Self.defaultValue(field),
            Self.access(field), Self.limits(schema), schema.description + names,
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }

    private static func defaultValue<R>(_ field: Field<R>) -> String {
        if field.isRequired { return "required" }
        return field.schema.defaultValue.map(\.text) ?? "–"
    }

    private static func access<R>(_ field: Field<R>) -> String {
        switch field.access {
        case .readOnly: "service"
        case .createAndUpdate: "POST, PUT"
        case .updateOnly: "PUT"
        }
    }

    private static func limits(_ schema: FieldSchema) -> String {
        if !schema.choices.isEmpty { return schema.choices.map { "\($0.value)" }.joined(separator: "/") }
        if !schema.words.isEmpty { return schema.words.joined(separator: "/") }
        if let range = schema.range { return "\(range.lowerBound)…\(range.upperBound)" }
        if let range = schema.decimalRange { return "\(range.lowerBound)…\(range.upperBound)" }
        if let count = schema.maximumCount { return "≤ \(count)" }
        return schema.maximumLength.map { "≤ \($0) chars" } ?? "–"
    }
}
