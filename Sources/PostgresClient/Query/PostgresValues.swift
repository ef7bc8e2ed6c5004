import Foundation

// The Swift types that can be bound, written by COPY and read.

extension String: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .inferred }

    public func encodePostgres(into text: inout [UInt8]) {
        text.append(contentsOf: utf8)
    }

    /// Takes a column of any type, in the server's text format.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try cell.withBytes { bytes in String(decoding: bytes, as: UTF8.self) }
    }
}

extension Bool: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .bool }

    public func encodePostgres(into text: inout [UInt8]) {
        text.append(UInt8(ascii: self ? "t" : "f"))
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        let value: Bool? = try cell.withBytes { bytes in
            guard bytes.count == 1 else { return nil }
            return switch bytes[0] {
            case UInt8(ascii: "t"): true
            case UInt8(ascii: "f"): false
            default: nil
            }
        }
        guard let value else { throw cell.mismatch(Bool.self) }
        self = value
    }
}

extension Int: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }

    public func encodePostgres(into text: inout [UInt8]) {
        IntegerText.append(Int64(self), to: &text)
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try IntegerText.decode(cell)
    }
}

extension Int64: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }

    public func encodePostgres(into text: inout [UInt8]) {
        IntegerText.append(self, to: &text)
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try IntegerText.decode(cell)
    }
}

extension Int32: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int4 }

    public func encodePostgres(into text: inout [UInt8]) {
        IntegerText.append(Int64(self), to: &text)
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try IntegerText.decode(cell)
    }
}

extension Int16: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int2 }

    public func encodePostgres(into text: inout [UInt8]) {
        IntegerText.append(Int64(self), to: &text)
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try IntegerText.decode(cell)
    }
}

extension Double: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .float8 }

    public func encodePostgres(into text: inout [UInt8]) {
        // Swift prints the shortest text that reads back as the same value; the server knows inf and nan.
        text.append(contentsOf: description.utf8)
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        let text = try String(postgres: cell)
        guard let value = Double(text) else { throw cell.mismatch(Double.self) }
        self = value
    }
}

extension UUID: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .uuid }

    public func encodePostgres(into text: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { bytes in
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
                HexText.append(byte, to: &text)
            }
        }
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        let value: UUID? = try cell.withBytes { bytes in
            guard bytes.count == 36 else { return nil }
            var uuid: UInt128 = 0
            for (index, byte) in bytes.enumerated() {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    guard byte == UInt8(ascii: "-") else { return nil }
                } else {
                    guard let digit = HexText.value(byte) else { return nil }
                    uuid = uuid << 4 | UInt128(digit)
                }
            }
            return withUnsafeBytes(of: uuid.bigEndian) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        }
        guard let value else { throw cell.mismatch(UUID.self) }
        self = value
    }
}

extension PostgresTimestamp: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .timestamptz }

    public func encodePostgres(into text: inout [UInt8]) {
        append(to: &text)
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        let value: PostgresTimestamp? = try cell.withBytes { bytes in PostgresTimestamp(text: bytes) }
        guard let value else { throw cell.mismatch(PostgresTimestamp.self) }
        self = value
    }
}

extension PostgresJSON: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .jsonb }

    public func encodePostgres(into text: inout [UInt8]) {
        text.append(contentsOf: self.text.utf8)
    }

    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self.init(try String(postgres: cell))
    }
}

/// `[UInt8]` is `bytea`, not an array of numbers.
extension UInt8: PostgresArrayElement {
    public static var postgresArrayType: PostgresType { .bytea }

    public static func encodePostgresArray(_ elements: [UInt8], into text: inout [UInt8]) {
        text.reserveCapacity(text.count + 2 + 2 * elements.count)
        text.append(contentsOf: "\\x".utf8)
        for byte in elements { HexText.append(byte, to: &text) }
    }

    public static func decodePostgresArray(_ cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        let value: [UInt8]? = try cell.withBytes { bytes in
            guard bytes.starts(with: "\\x".utf8), bytes.count % 2 == 0 else { return nil }
            var value: [UInt8] = []
            value.reserveCapacity(bytes.count / 2 - 1)
            for index in stride(from: 2, to: bytes.count, by: 2) {
                guard let high = HexText.value(bytes[index]), let low = HexText.value(bytes[index + 1]) else {
                    return nil
                }
                value.append(high << 4 | low)
            }
            return value
        }
        guard let value else { throw cell.mismatch([UInt8].self, "not a bytea") }
        return value
    }
}
