import OrderedCollections

extension ValueRule where Value == JSONValue {
    /// The longest value of one variable, in bytes: a line of the manager protocol holds 1022.
    package static var longestVariable: Int { 900 }

    /// Null, or an object of at most `maximumCount` channel variables. Names are `[A-Za-z_][A-Za-z0-9_]*`, values text, number or
    /// boolean (which go out as text).
    ///
    /// A name ending in `)` would call a dialplan function, hence nothing but the plain names.
    package static func variables(maximumCount: Int) -> Self {
        var schema = FieldSchema(.object)
        schema.isNullable = true
        schema.defaultValue = .null
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> JSONValue in
                switch value {
                case .null: return .null
                case .object(let members):
                    guard members.count <= maximumCount else {
                        throw FieldError("expected at most \(maximumCount) variables, got \(members.count)")
                    }
                    for (name, value) in members { try checkVariable(name, value) }
                    return value
                case .bool, .integer, .number, .string, .array:
                    throw .expected("an object of names and values, or null", got: value)
                }
            },
            restore: { (value: JSONValue) throws(FieldError) -> JSONValue in
                switch value {
                case .null, .object: return value
                case .bool, .integer, .number, .string, .array: throw .expected("an object or null", got: value)
                }
            },
            encode: { $0 }
        )
    }

    private static func checkVariable(_ name: String, _ value: JSONValue) throws(FieldError) {
        guard VariableName.isValid(name) else {
            throw FieldError(
                "a variable's name is 1 to \(VariableName.maximumLength) letters, digits and underscores, not beginning with "
                    + "a digit; got \(JSONValue.string(name).excerpt)"
            )
        }
        switch value {
        case .array, .object:
            throw FieldError("the value of \(name) must be a text, a number or a boolean, got \(value.excerpt)")
        case .string(let text):
            if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                throw FieldError("the value of \(name) may not hold line breaks or other control characters")
            }
            if text.utf8.count > self.longestVariable {
                throw FieldError(
                    "the value of \(name) may have \(self.longestVariable) bytes, got \(text.utf8.count)"
                )
            }
        case .null, .bool, .integer, .number: break
        }
    }
}
