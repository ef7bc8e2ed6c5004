/// A place between two numbers of the do-not-call list. Clients carry it and do not look inside.
package struct DoNotCallCursor: Sendable, Hashable {
    /// The last number before this place.
    let number: String

    init(number: String) {
        self.number = number
    }

    /// - Returns: nil when `text` was not made by ``text``.
    package init?(text: String) {
        let digits = Array(text.utf8)
        guard digits.first == UInt8(ascii: "n"), digits.count % 2 == 1, digits.count > 1,
            digits.count <= 1 + 2 * Self.longestNumber
        else {
            return nil
        }
        var bytes: [UInt8] = []
        for index in stride(from: 1, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        guard !bytes.contains(0), let number = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(number: number)
        guard self.text == text else { return nil }
    }

    /// Letters and digits only.
    package var text: String {
        self.number.utf8.reduce(into: "n") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// In bytes.
    private static let longestNumber = 256
}
