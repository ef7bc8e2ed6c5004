import struct Foundation.UUID

/// How a dialing and the ids of its channels belong together.
///
/// The dialing's uuid is the `ChannelId` and so the `Uniqueid` and `Linkedid`. Asterisk compares ids by prefix, so every id of ours has
/// the same width; the second half of a Local channel gets the same uuid with the highest bit of its version digit turned.
enum ChannelID {
    /// As it goes on the wire.
    static func main(_ dialing: UUID) -> String { dialing.uuidString.lowercased() }

    /// The id of the second half of a Local channel. Its own inverse.
    static func peer(_ dialing: UUID) -> UUID {
        var bytes = dialing.uuid
        bytes.6 ^= 0x80
        return UUID(uuid: bytes)
    }

    /// Reads 36 bytes as a uuid without making a `String`; `nil` for every other id, as Asterisk's own (`1795236374.34`).
    static func parse(_ text: UnsafeRawBufferPointer) -> UUID? {
        guard text.count == 36 else { return nil }
        return self.parsePrefix(text)
    }

    /// Reads `<uuid>;2`, the id Asterisk gives a second half nobody named.
    static func parseUnnamedPeer(_ text: UnsafeRawBufferPointer) -> UUID? {
        guard text.count == 38, text[36] == UInt8(ascii: ";"), text[37] == UInt8(ascii: "2") else { return nil }
        return self.parsePrefix(text)
    }

    private static func parsePrefix(_ text: UnsafeRawBufferPointer) -> UUID? {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<36 {
            let byte = text[index]
            switch index {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
            default:
                let digit: UInt8
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
                case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
                default: return nil
                }
                high = high << 4 | low >> 60
                low = low << 4 | UInt64(digit)
            }
        }
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3),
                byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
                byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
                byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }
}
