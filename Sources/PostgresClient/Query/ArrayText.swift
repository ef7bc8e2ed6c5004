/// PostgreSQL's text format of arrays (documentation, 8.15.6): `{"a","b\"c",NULL}`.
enum ArrayText {
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Appends one element, always quoted: then no content can be mistaken for a delimiter or for NULL.
    static func append(_ element: some PostgresEncodable, to text: inout [UInt8]) {
        guard !element.isPostgresNull else {
            text.append(contentsOf: "NULL".utf8)
            return
        }
        text.append(quote)
        let start = text.count
        element.encodePostgres(into: &text)
        if text[start...].contains(where: { $0 == quote || $0 == backslash }) {
            let raw = text[start...]
            text.removeSubrange(start...)
            for byte in raw {
                if byte == quote || byte == backslash { text.append(backslash) }
                text.append(byte)
            }
        }
        text.append(quote)
    }

    /// The elements of a one-dimensional array, unquoted; nil for NULL.
    static func elements(of cell: PostgresCell) throws(PostgresError) -> [[UInt8]?] {
        let elements: [[UInt8]?]? = try cell.withBytes { bytes in parse(bytes) }
        guard let elements else { throw cell.mismatch([Any].self, "not an array of one dimension") }
        return elements
    }

    /// nil when the text isn't an array of one dimension.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> [[UInt8]?]? {
        var index = 0
        // Arrays whose first index isn't 1 begin with their bounds: [0:2]={…}
        if bytes.first == UInt8(ascii: "[") {
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            index = equals + 1
        }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else {
            return nil
        }
        index += 1
        let end = bytes.count - 1
        var elements: [[UInt8]?] = []
        if index == end { return elements }
        while true {
            var element: [UInt8] = []
            guard index <= end else { return nil }
            if bytes[index] == quote {
                index += 1
                while index < end, bytes[index] != quote {
                    if bytes[index] == backslash { index += 1 }
                    guard index < end else { return nil }
                    element.append(bytes[index])
                    index += 1
                }
                guard index < end else { return nil }
                index += 1
                elements.append(element)
            } else {
                while index < end, bytes[index] != UInt8(ascii: ",") {
                    guard bytes[index] != UInt8(ascii: "{") else { return nil }
                    if bytes[index] == backslash { index += 1 }
                    guard index < end else { return nil }
                    element.append(bytes[index])
                    index += 1
                }
                let isNull = element.count == 4 && element.map { $0 | 0x20 } == Array("null".utf8)
                elements.append(isNull ? nil : element)
            }
            if index == end { return elements }
            guard bytes[index] == UInt8(ascii: ",") else { return nil }
            index += 1
        }
    }
}
