/// The 32-bit cyclic redundancy check of Castagnoli (RFC 3720, appendix B.4): finds every damage of a single bit and every burst of up
/// to 32 of them.
struct Checksum: Sendable {
    private var register: UInt32 = 0xFFFF_FFFF

    /// The checksum of everything given so far.
    var value: UInt32 { ~self.register }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            self.register = Self.table[Int((self.register ^ UInt32(byte)) & 0xFF)] ^ (self.register >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
    }
}
