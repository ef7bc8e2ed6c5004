/// Checks and small changes of one value's bytes.
enum FieldChecks {
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var (start, end) = (bytes.startIndex, bytes.endIndex)
        while start < end, Self.isSpace(bytes[start]) { start += 1 }
        while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
        return bytes[start..<end]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }

    static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        var marks: UInt8 = 0
        for byte in bytes { marks |= byte }
        return marks < 0x80 || String(validating: bytes, as: UTF8.self) != nil
    }

    /// How many characters UTF-8 bytes are.
    static func length(_ bytes: ArraySlice<UInt8>) -> Int {
        var count = 0
        for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    static func hasControlCharacters(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.contains { $0 < 0x20 || $0 == 0x7F }
    }

    /// What spreadsheets put around numbers to keep them as text: `'0171…`, `="0171…"`.
    static func withoutSpreadsheetMarks(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        if bytes.first == UInt8(ascii: "'") { return bytes.dropFirst() }
        if bytes.starts(with: Array("=\"".utf8)), bytes.last == UInt8(ascii: "\""), bytes.count >= 3 {
            return bytes.dropFirst(2).dropLast()
        }
        return bytes
    }

    /// A cell without the apostrophe that keeps a spreadsheet from taking it for a formula, as exports write it.
    static func withoutFormulaMark(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.first == UInt8(ascii: "'"), let second = bytes.dropFirst().first, "=+-@\t\r".utf8.contains(second)
        else { return bytes }
        return bytes.dropFirst()
    }

    /// Appends a JSON string.
    static func appendJSON(_ bytes: some Collection<UInt8>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case ..<0x20:
                text.append(contentsOf: "\\u00".utf8)
                text.append(Self.hexDigit(byte >> 4))
                text.append(Self.hexDigit(byte & 15))
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
