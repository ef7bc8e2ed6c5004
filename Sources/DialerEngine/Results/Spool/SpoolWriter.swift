import DialerModel

import struct Foundation.UUID

/// Puts values behind one another as ``SpoolReader`` reads them. Numbers are big-endian.
struct SpoolWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) {
        self.bytes.append(value)
    }

    mutating func word(_ value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { self.bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func integer(_ value: Int64) {
        self.word(UInt32(truncatingIfNeeded: value >> 32))
        self.word(UInt32(truncatingIfNeeded: value))
    }

    mutating func number(_ value: Double) {
        self.integer(Int64(bitPattern: value.bitPattern))
    }

    mutating func time(_ value: Timestamp) {
        self.integer(value.microseconds)
    }

    mutating func uuid(_ value: UUID) {
        withUnsafeBytes(of: value.uuid) { self.bytes.append(contentsOf: $0) }
    }

    /// A length of four bytes, and that many.
    mutating func data(_ value: some Collection<UInt8>) {
        self.word(UInt32(value.count))
        self.bytes.append(contentsOf: value)
    }

    mutating func text(_ value: String) {
        self.data(Array(value.utf8))
    }

    /// 0 for nil; 1, and the value.
    mutating func optional<Value>(_ value: Value?, _ write: (inout SpoolWriter, Value) -> Void) {
        self.byte(value == nil ? 0 : 1)
        if let value { write(&self, value) }
    }
}
