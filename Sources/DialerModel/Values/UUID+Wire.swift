import struct Foundation.UUID

extension UUID {
    /// Reads the 8-4-4-4-12 form, in either case.
    ///
    /// - Returns: `nil` for anything else.
    package init?(wire: String) {
        self.init(wire: wire.utf8)
    }

    /// Reads the bytes of the 8-4-4-4-12 form, in either case.
    ///
    /// - Returns: `nil` for anything else.
    package init?(wire: some Sequence<UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        var digits = 0
        for byte in wire {
            switch position {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
            case 36...:
                return nil
            default:
                let digit: UInt8
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
                case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
                default: return nil
                }
                if digits < 16 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
                digits += 1
            }
            position += 1
        }
        guard position == 36 else { return nil }
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        self.init(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3),
                byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
                byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
                byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }

    /// The 8-4-4-4-12 form in lower case.
    package var wire: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var length = 0
            self.forEachWireByte {
                buffer[length] = $0
                length += 1
            }
            return length
        }
    }

    /// Hands over the 36 bytes of ``wire`` without making a string.
    func forEachWireByte(_ body: (UInt8) -> Void) {
        withUnsafeBytes(of: self.uuid) { bytes in
            for index in 0..<16 {
                switch index {
                case 4, 6, 8, 10: body(UInt8(ascii: "-"))
                default: break
                }
                body(Self.hexDigit(bytes[index] >> 4))
                body(Self.hexDigit(bytes[index] & 15))
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
