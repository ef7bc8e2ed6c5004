import OrderedCollections

extension JSONValue {
    /// Reads one JSON text. Of a key that comes twice the last value counts.
    ///
    /// - Throws: ``JSONParseError`` with the position. Refused beside malformed text: more than 64 levels, integers beyond 64 bits.
    package static func parse(_ bytes: some Collection<UInt8>) throws(JSONParseError) -> JSONValue {
        let result = bytes.withContiguousStorageIfAvailable { buffer in
            Self.parse(buffer: buffer)
        }
        return try (result ?? Array(bytes).withUnsafeBufferPointer { Self.parse(buffer: $0) }).get()
    }

    private static func parse(buffer: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONParseError> {
        var parser = JSONParser(buffer)
        do throws(JSONParseError) {
            return .success(try parser.parseDocument())
        } catch {
            return .failure(error)
        }
    }

    /// The value of `key` in an object; nil when this is no object or has no such key.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// The text of a `.string`.
    package var stringValue: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The members of an `.object`.
    package var objectValue: OrderedDictionary<String, JSONValue>? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The elements of an `.array`.
    package var arrayValue: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var isNull: Bool { self == .null }

    /// The compact JSON text of this value.
    package var text: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.text
    }

    /// A few words for an error message: the value itself when it is short, else its beginning.
    package var excerpt: String {
        switch self {
        case .array: "an array"
        case .object: "an object"
        case .null: "null"
        case .bool, .integer, .number: self.text
        case .string(let text):
            text.count > 40 ? JSONValue.string(String(text.prefix(40)) + "…").text : self.text
        }
    }
}
