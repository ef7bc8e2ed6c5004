/// How one kind of value is read from a client, read back from storage, and written.
package struct ValueRule<Value: Sendable>: Sendable {
    package var schema: FieldSchema
    /// Reads what a client sent: lenient in form, strict in range.
    package var decode: @Sendable (JSONValue) throws(FieldError) -> Value
    /// Reads what Outpace itself wrote. Differs from ``decode`` where clients may send less than the field can hold.
    package var restore: @Sendable (JSONValue) throws(FieldError) -> Value
    package var encode: @Sendable (Value) -> JSONValue

    package init(
        _ schema: FieldSchema,
        decode: @escaping @Sendable (JSONValue) throws(FieldError) -> Value,
        restore: (@Sendable (JSONValue) throws(FieldError) -> Value)? = nil,
        encode: @escaping @Sendable (Value) -> JSONValue
    ) {
        self.schema = schema
        self.decode = decode
        self.restore = restore ?? decode
        self.encode = encode
    }

    /// The rule for a field that may be null.
    ///
    /// - Parameter emptyIsNull: an empty text counts as null too.
    package static func optional<Wrapped>(
        _ rule: ValueRule<Wrapped>,
        emptyIsNull: Bool = false
    ) -> Self where Value == Wrapped? {
        var schema = rule.schema
        schema.isNullable = true
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> Wrapped? in
                value.isNull || (emptyIsNull && value == .string("")) ? nil : try rule.decode(value)
            },
            restore: { (value: JSONValue) throws(FieldError) -> Wrapped? in
                value.isNull ? nil : try rule.restore(value)
            },
            encode: { $0.map(rule.encode) ?? .null }
        )
    }
}
