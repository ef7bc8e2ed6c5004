import DialerModel

import struct Foundation.UUID

/// Takes values off what ``SpoolWriter`` wrote. Whatever the bytes are, it reads none that are not there.
struct SpoolReader {
    /// The bytes are not what is looked for.
    struct Malformed: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.rest = bytes
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func byte() throws(Malformed) -> UInt8 {
        guard let byte = self.rest.popFirst() else { throw Malformed() }
        return byte
    }

    mutating func word() throws(Malformed) -> UInt32 {
        try self.take(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func integer() throws(Malformed) -> Int64 {
        Int64(bitPattern: try self.take(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    mutating func number() throws(Malformed) -> Double {
        Double(bitPattern: UInt64(bitPattern: try self.integer()))
    }

    mutating func time() throws(Malformed) -> Timestamp {
        Timestamp(microseconds: try self.integer())
    }

    mutating func uuid() throws(Malformed) -> UUID {
        let bytes = try self.take(16)
        var uuid = UUID().uuid
        withUnsafeMutableBytes(of: &uuid) { $0.copyBytes(from: bytes) }
        return UUID(uuid: uuid)
    }

    mutating func data() throws(Malformed) -> ArraySlice<UInt8> {
        try self.take(Int(try self.word()))
    }

    mutating func text() throws(Malformed) -> String {
        guard let text = String(validating: try self.data(), as: UTF8.self) else { throw Malformed() }
        return text
    }

    mutating func optional<Value>(
        _ read: (inout SpoolReader) throws(Malformed) -> Value
    ) throws(Malformed) -> Value? {
        switch try self.byte() {
        case 0: return nil
        case 1: return try read(&self)
        default: throw Malformed()
        }
    }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count <= self.rest.count else { throw Malformed() }
        defer { self.rest = self.rest.dropFirst(count) }
        return self.rest.prefix(count)
    }
}
