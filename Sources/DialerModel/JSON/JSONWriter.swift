import OrderedCollections

import struct Foundation.UUID

/// Writes JSON, in the order it is told, into one byte array. Compact: no spaces, no newline.
///
/// The caller keeps objects and arrays balanced; the writer places the separators.
package struct JSONWriter: Sendable {
    /// What has been written.
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    package init(reservingCapacity capacity: Int = 256) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
    }

    /// ``bytes`` as text.
    package var text: String { String(decoding: self.bytes, as: UTF8.self) }

    /// Forgets what was written and keeps the memory.
    package mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.needsComma = false
    }

    // MARK: Structure

    package mutating func beginObject() { self.open(UInt8(ascii: "{")) }
    package mutating func endObject() { self.close(UInt8(ascii: "}")) }
    package mutating func beginArray() { self.open(UInt8(ascii: "[")) }
    package mutating func endArray() { self.close(UInt8(ascii: "]")) }

    /// The key of the next value.
    package mutating func key(_ name: String) {
        self.separate()
        self.appendQuoted(name)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    /// `"name":{`; ``endObject()`` closes it.
    package mutating func beginObject(_ name: String) {
        self.key(name)
        self.beginObject()
    }

    /// `"name":[`; ``endArray()`` closes it.
    package mutating func beginArray(_ name: String) {
        self.key(name)
        self.beginArray()
    }

    /// A newline between two JSON texts; what follows is a text of its own.
    package mutating func newline() {
        self.bytes.append(0x0A)
        self.needsComma = false
    }

    // MARK: Values

    package mutating func null() {
        self.separate()
        self.bytes.append(contentsOf: "null".utf8)
        self.needsComma = true
    }

    package mutating func value(_ value: Bool) {
        self.separate()
        self.bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
        self.needsComma = true
    }

    package mutating func value(_ value: Int) { self.value(Int64(value)) }

    package mutating func value(_ value: Int64) {
        self.separate()
        if value < 0 { self.bytes.append(UInt8(ascii: "-")) }
        self.appendDecimal(value.magnitude)
        self.needsComma = true
    }

    /// JSON has no NaN and no infinity; they become `null`.
    package mutating func value(_ value: Double) {
        guard value.isFinite else { return self.null() }
        self.separate()
        self.bytes.append(contentsOf: value.description.utf8)
        self.needsComma = true
    }

    package mutating func value(_ value: String?) {
        guard let value else { return self.null() }
        self.separate()
        self.appendQuoted(value)
        self.needsComma = true
    }

    package mutating func value(_ value: UUID?) {
        guard let value else { return self.null() }
        self.separate()
        self.bytes.append(UInt8(ascii: "\""))
        value.forEachWireByte { self.bytes.append($0) }
        self.bytes.append(UInt8(ascii: "\""))
        self.needsComma = true
    }

    package mutating func value(_ value: Timestamp?) {
        guard let value else { return self.null() }
        self.separate()
        self.bytes.append(UInt8(ascii: "\""))
        value.forEachWireByte { self.bytes.append($0) }
        self.bytes.append(UInt8(ascii: "\""))
        self.needsComma = true
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: self.null()
        case .bool(let value): self.value(value)
        case .integer(let value): self.value(value)
        case .number(let value): self.value(value)
        case .string(let value): self.value(value)
        case .array(let elements):
            self.beginArray()
            for element in elements { self.value(element) }
            self.endArray()
        case .object(let members):
            self.beginObject()
            for (name, value) in members { self.field(name, value) }
            self.endObject()
        }
    }

    /// A value that is JSON text already; it is not checked.
    package mutating func rawValue(_ json: some Sequence<UInt8>) {
        self.separate()
        self.bytes.append(contentsOf: json)
        self.needsComma = true
    }

    // MARK: Fields of an object

    package mutating func field(_ name: String, _ value: Bool) {
        self.key(name)
        self.value(value)
    }

    package mutating func field(_ name: String, _ value: Int) {
        self.key(name)
        self.value(value)
    }

    package mutating func field(_ name: String, _ value: Int64) {
        self.key(name)
        self.value(value)
    }

    package mutating func field(_ name: String, _ value: Int?) {
        self.key(name)
        if let value { self.value(value) } else { self.null() }
    }

    package mutating func field(_ name: String, _ value: Double) {
        self.key(name)
        self.value(value)
    }

    package mutating func field(_ name: String, _ value: Double?) {
        self.key(name)
        if let value { self.value(value) } else { self.null() }
    }

    package mutating func field(_ name: String, _ value: String?) {
        self.key(name)
        self.value(value)
    }

    package mutating func field(_ name: String, _ value: UUID?) {
        self.key(name)
        self.value(value)
    }

    package mutating func field(_ name: String, _ value: Timestamp?) {
        self.key(name)
        self.value(value)
    }

    package mutating func field(_ name: String, _ value: JSONValue) {
        self.key(name)
        self.value(value)
    }

    package mutating func nullField(_ name: String) {
        self.key(name)
        self.null()
    }

    // MARK: Bytes

    private mutating func separate() {
        if self.needsComma { self.bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ byte: UInt8) {
        self.separate()
        self.bytes.append(byte)
        self.needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        self.bytes.append(byte)
        self.needsComma = true
    }

    private mutating func appendDecimal(_ magnitude: UInt64) {
        if magnitude < 10 {
            self.bytes.append(UInt8(ascii: "0") + UInt8(magnitude))
            return
        }
        let start = self.bytes.count
        var rest = magnitude
        while rest > 0 {
            self.bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        self.bytes[start...].reverse()
    }

    private mutating func appendQuoted(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in utf8.indices {
                let byte = utf8[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                self.bytes.append(contentsOf: utf8[start..<index])
                self.appendEscaped(byte)
                start = index + 1
            }
            self.bytes.append(contentsOf: utf8[start...])
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        self.bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: self.bytes.append(UInt8(ascii: "b"))
        case 0x09: self.bytes.append(UInt8(ascii: "t"))
        case 0x0A: self.bytes.append(UInt8(ascii: "n"))
        case 0x0C: self.bytes.append(UInt8(ascii: "f"))
        case 0x0D: self.bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            self.bytes.append(contentsOf: "u00".utf8)
            self.bytes.append(UInt8(ascii: "0") + byte >> 4)
            self.bytes.append(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") + byte & 15 - 10)
        default: self.bytes.append(byte)
        }
    }
}
