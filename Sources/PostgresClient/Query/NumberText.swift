/// Decimal integers to and from bytes, without a String between.
enum IntegerText {
    static func append(_ value: Int64, to text: inout [UInt8]) {
        if value < 0 { text.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = text.count
        repeat {
            text.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        text[start...].reverse()
    }

    static func decode<Value: FixedWidthInteger>(_ cell: PostgresCell) throws(PostgresError) -> Value {
        let value: Value? = try cell.withBytes { bytes in parse(bytes) }
        guard let value else { throw cell.mismatch(Value.self) }
        return value
    }

    /// nil if it isn't a whole number or doesn't fit.
    static func parse<Value: FixedWidthInteger>(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = bytes[(isNegative ? 1 : 0)...]
        guard !digits.isEmpty else { return nil }
        var value: Value = 0
        for byte in digits {
            let digit = byte &- 48
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) =
                isNegative
                ? product.subtractingReportingOverflow(Value(digit)) : product.addingReportingOverflow(Value(digit))
            guard !overflow, !overflow2 else { return nil }
            value = sum
        }
        return value
    }
}

/// Hexadecimal digits to and from bytes.
enum HexText {
    static func append(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(digit(byte >> 4))
        text.append(digit(byte & 15))
    }

    static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case 48...57: character - 48
        case 97...102: character - 87
        case 65...70: character - 55
        default: nil
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + 48 : value + 87
    }
}
