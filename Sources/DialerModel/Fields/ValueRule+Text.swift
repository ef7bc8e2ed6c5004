import struct Foundation.UUID

extension ValueRule where Value == String {
    /// A text of at most `maximumLength` characters.
    ///
    /// - Parameters:
    ///   - reachesWire: the text becomes part of a PBX request: no control characters. Otherwise only NUL is refused, which no
    ///     database text can hold.
    ///   - pattern: for the API description; `check` decides.
    ///   - acceptsNumbers: a JSON integer becomes its digits, as with jade's phone numbers.
    ///   - check: says what is expected when the text is wrong, nil when it is right.
    package static func text(
        maximumLength: Int,
        reachesWire: Bool = false,
        pattern: String? = nil,
        acceptsNumbers: Bool = false,
        check: (@Sendable (String) -> String?)? = nil
    ) -> Self {
        var schema = FieldSchema(.string)
        schema.maximumLength = maximumLength
        schema.pattern = pattern
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> String in
                let text: String
                switch value {
                case .string(let given): text = given
                case .integer(let number) where acceptsNumbers: text = String(number)
                case .null, .bool, .integer, .number, .array, .object: throw .expected("a text", got: value)
                }
                try checkCharacters(text, maximumLength: maximumLength, reachesWire: reachesWire)
                if let expected = check?(text) { throw .expected(expected, got: value) }
                return text
            },
            restore: { (value: JSONValue) throws(FieldError) -> String in
                guard case .string(let text) = value else { throw .expected("a text", got: value) }
                return text
            },
            encode: { .string($0) }
        )
    }

    private static func checkCharacters(
        _ text: String,
        maximumLength: Int,
        reachesWire: Bool
    ) throws(FieldError) {
        // A byte takes part in at most one character, so short texts need no counting.
        if text.utf8.count > maximumLength, text.unicodeScalars.count > maximumLength {
            throw FieldError("expected at most \(maximumLength) characters, got \(text.unicodeScalars.count)")
        }
        for byte in text.utf8 {
            if byte == 0 { throw FieldError("a NUL character is not allowed") }
            if reachesWire, byte < 0x20 || byte == 0x7F {
                throw FieldError("line breaks and other control characters are not allowed")
            }
        }
    }
}

extension ValueRule where Value: RawRepresentable<String> & CaseIterable {
    /// One of an enumeration's words, in lower or upper case.
    package static func word() -> Self {
        var schema = FieldSchema(.string)
        schema.words = Value.allCases.map(\.rawValue)
        let list = schema.words.joined(separator: ", ")
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> Value in
                guard case .string(let text) = value, let choice = Value(rawValue: text.lowercased()) else {
                    throw .expected("one of \(list)", got: value)
                }
                return choice
            },
            encode: { .string($0.rawValue) }
        )
    }
}

extension ValueRule where Value == UUID {
    /// A uuid of the 8-4-4-4-12 form.
    package static func uuid() -> Self {
        var schema = FieldSchema(.string)
        schema.format = "uuid"
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> UUID in
                guard case .string(let text) = value, let uuid = UUID(wire: text) else {
                    throw .expected("a uuid like 50fd1e1f-920b-477a-b84c-afe58928dadc", got: value)
                }
                return uuid
            },
            encode: { .string($0.wire) }
        )
    }
}

extension ValueRule where Value == Timestamp {
    /// An instant, ISO 8601.
    package static func timestamp() -> Self {
        var schema = FieldSchema(.string)
        schema.format = "date-time"
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> Timestamp in
                guard case .string(let text) = value, let instant = Timestamp(wire: text) else {
                    throw .expected("a time like 2018-03-08T01:42:40.5Z", got: value)
                }
                return instant
            },
            encode: { .string($0.wire) }
        )
    }
}

extension ValueRule where Value == String {
    /// The same rule, taking `true` and `false` as the texts "true" and "false".
    func acceptingBooleans() -> Self {
        var rule = self
        let decode = self.decode
        rule.decode = { (value: JSONValue) throws(FieldError) -> String in
            if case .bool(let flag) = value { return flag ? "true" : "false" }
            return try decode(value)
        }
        return rule
    }
}
