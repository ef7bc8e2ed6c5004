/// Cuts JSON objects out of NDJSON (one a line) or out of one array. Each record has one field: the object's text.
package struct JSONRecordReader: RecordReader {
    private enum State {
        case start
        /// Before an element of the array, or behind its comma.
        case awaitingElement
        case inElement
        case behindElement
        case ended
    }

    private let isArray: Bool
    private let limits: ReadingLimits
    private var state = State.start
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isTooLong = false
    private var line = 1
    private var recordLine = 1
    private var record: [UInt8] = []
    private var leading: [UInt8]? = []

    /// - Parameter isArray: One array of objects; otherwise an object a line.
    package init(isArray: Bool, limits: ReadingLimits = ReadingLimits()) {
        self.isArray = isArray
        self.limits = limits
    }

    package mutating func push(_ piece: UnsafeBufferPointer<UInt8>, into batch: inout RecordBatch) throws(FileProblem) {
        for byte in piece {
            if let mark = self.leading {
                // A UTF-8 mark may be cut into pieces like everything else.
                if mark.count < 3, byte == [0xEF, 0xBB, 0xBF][mark.count] {
                    self.leading = mark.count == 2 ? nil : mark + [byte]
                    continue
                }
                self.leading = nil
            }
            if self.isArray {
                try self.readArray(byte, into: &batch)
            } else {
                self.readLine(byte, into: &batch)
            }
            if byte == UInt8(ascii: "\n") { self.line += 1 }
        }
    }

    package mutating func finish(into batch: inout RecordBatch) throws(FileProblem) {
        if self.isArray {
            guard case .ended = self.state else {
                throw FileProblem("the JSON array is not closed: the file ends on line \(self.line)")
            }
        } else {
            self.endRecord(into: &batch)
        }
    }

    private mutating func readLine(_ byte: UInt8, into batch: inout RecordBatch) {
        guard byte != UInt8(ascii: "\n") else { return self.endRecord(into: &batch) }
        if self.record.isEmpty {
            if Self.isSpace(byte) { return }
            self.recordLine = self.line
        }
        self.take(byte)
    }

    private mutating func readArray(_ byte: UInt8, into batch: inout RecordBatch) throws(FileProblem) {
        switch self.state {
        case .start:
            if Self.isSpace(byte) { return }
            guard byte == UInt8(ascii: "[") else { throw self.unexpected(byte, expected: "the array's [") }
            self.state = .awaitingElement
        case .awaitingElement:
            if Self.isSpace(byte) { return }
            if byte == UInt8(ascii: "]") {
                self.state = .ended
                return
            }
            guard byte == UInt8(ascii: "{") else { throw self.unexpected(byte, expected: "an object's {") }
            self.recordLine = self.line
            self.depth = 1
            self.take(byte)
            self.state = .inElement
        case .inElement:
            self.take(byte)
            self.follow(byte)
            if self.depth == 0 {
                self.endRecord(into: &batch)
                self.state = .behindElement
            }
        case .behindElement:
            if Self.isSpace(byte) { return }
            switch byte {
            case UInt8(ascii: ","): self.state = .awaitingElement
            case UInt8(ascii: "]"): self.state = .ended
            default: throw self.unexpected(byte, expected: "a comma or the array's ]")
            }
        case .ended:
            guard Self.isSpace(byte) else { throw self.unexpected(byte, expected: "nothing behind the array") }
        }
    }

    private mutating func follow(_ byte: UInt8) {
        if self.isInString {
            if self.isEscaped {
                self.isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                self.isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                self.isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""): self.isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): self.depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): self.depth -= 1
        default: break
        }
    }

    private mutating func take(_ byte: UInt8) {
        guard self.record.count < self.limits.recordBytes else {
            self.isTooLong = true
            return
        }
        self.record.append(byte)
    }

    private mutating func endRecord(into batch: inout RecordBatch) {
        defer {
            self.record.removeAll(keepingCapacity: true)
            self.isTooLong = false
        }
        guard !self.record.isEmpty else { return }
        if self.isTooLong {
            batch.reject(
                RowProblem(
                    line: self.recordLine, reason: "the object is longer than \(self.limits.recordBytes) bytes",
                    excerpt: String(decoding: self.record.prefix(RowProblem.excerptBytes), as: UTF8.self)
                )
            )
        } else {
            batch.append(line: self.recordLine, bytes: self.record, ends: [self.record.count])
        }
    }

    private func unexpected(_ byte: UInt8, expected: String) -> FileProblem {
        let shown = (0x21...0x7E).contains(byte) ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
        return FileProblem("line \(self.line): expected \(expected), got \(shown)")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }
}
