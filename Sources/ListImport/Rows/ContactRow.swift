/// A contact as a file gives it, checked. One value is used for every row, so that a row costs no allocation of its own.
package struct ContactRow: Sendable {
    /// The fields in the order ``fields`` gives them.
    package enum Field: Int, Sendable, CaseIterable {
        case name, detail, ukey, email, reservedTarget, variables
        case number1, number2, number3, number4, number5, number6, number7, number8
        /// The numbers as they were written, where that differs from what is dialed: JSON, by slot.
        case originals
        /// One digit.
        case priority
    }

    /// The line the row begins on.
    package internal(set) var line = 0
    private var bytes: [UInt8] = []
    private var spans = [Range<Int>?](repeating: nil, count: Field.allCases.count)

    package init() {}

    mutating func begin(line: Int) {
        self.line = line
        self.bytes.removeAll(keepingCapacity: true)
        for index in self.spans.indices { self.spans[index] = nil }
    }

    mutating func set(_ field: Field, _ value: some Collection<UInt8>) {
        let start = self.bytes.count
        self.bytes.append(contentsOf: value)
        self.spans[field.rawValue] = start..<self.bytes.count
    }

    /// Calls `body` with the bytes of every field in order; nil for one that is not given.
    package func withFields(_ body: (UnsafeBufferPointer<UInt8>?) -> Void) {
        self.bytes.withUnsafeBufferPointer { buffer in
            for span in self.spans {
                body(span.map { UnsafeBufferPointer(rebasing: buffer[$0]) })
            }
        }
    }

    /// A field as text; nil when it is not given.
    package subscript(field: Field) -> String? {
        self.spans[field.rawValue].map { String(decoding: self.bytes[$0], as: UTF8.self) }
    }
}
