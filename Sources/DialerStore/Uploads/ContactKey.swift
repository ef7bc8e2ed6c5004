import DialerModel

/// The uuids of an upload's contacts: of version 7, each the one before plus one, so that the index grows at one end and a
/// million of them cost no million questions for chance.
package struct ContactKey: Sendable {
    private let head: UInt64
    private var tail: UInt64

    private static let tailBits: UInt64 = (1 << 62) - 1

    /// - Parameter now: Goes into the uuids.
    package init(now: Timestamp) {
        let milliseconds = UInt64(bitPattern: now.microseconds / 1000)
        self.head = milliseconds << 16 | 0x7000 | .random(in: 0...0x0FFF)
        self.tail = .random(in: 0...Self.tailBits)
    }

    /// Goes on by so many.
    package mutating func advance(by count: Int = 1) {
        self.tail = (self.tail + UInt64(clamping: count)) & Self.tailBits
    }

    /// Appends the uuid as text.
    func append(to text: inout [UInt8]) {
        Self.append(self.head, dashesAfter: (8, 4), to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(self.tail | 1 << 63, dashesAfter: (12, 16), to: &text)
    }

    /// Sixteen digits; a dash stands where so many digits are left.
    private static func append(_ value: UInt64, dashesAfter: (Int, Int), to text: inout [UInt8]) {
        for left in stride(from: 15, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * left)) & 15
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            if left > 0, left == dashesAfter.0 || left == dashesAfter.1 { text.append(UInt8(ascii: "-")) }
        }
    }
}
