/// Records cut out of a piece of a file, kept in a few flat arrays so that a million rows cost no allocation each.
package struct RecordBatch: Sendable {
    /// One record: its place in ``fieldEnds`` and where its bytes begin.
    package struct Record: Sendable, Hashable {
        /// The line it begins on, from 1.
        package var line: Int
        var firstByte: Int
        var firstField: Int
        package var fieldCount: Int
    }

    package private(set) var records: [Record] = []
    /// Rows that could not be cut out.
    package private(set) var problems: [RowProblem] = []
    private var bytes: [UInt8] = []
    /// Where each field ends, counted from its record's first byte.
    private var fieldEnds: [Int] = []

    package init() {}

    /// Empty, with as much memory as another one has needed.
    init(reservingFor other: RecordBatch) {
        self.records.reserveCapacity(other.records.count)
        self.bytes.reserveCapacity(other.bytes.count)
        self.fieldEnds.reserveCapacity(other.fieldEnds.count)
    }

    package var isEmpty: Bool { self.records.isEmpty && self.problems.isEmpty }

    /// About the memory it takes.
    var byteCount: Int {
        self.bytes.count + self.fieldEnds.count * MemoryLayout<Int>.stride
            + self.records.count * MemoryLayout<Record>.stride + self.problems.count * 2 * RowProblem.excerptBytes
    }

    /// Forgets what it holds and keeps the memory.
    package mutating func removeAll() {
        self.records.removeAll(keepingCapacity: true)
        self.problems.removeAll(keepingCapacity: true)
        self.bytes.removeAll(keepingCapacity: true)
        self.fieldEnds.removeAll(keepingCapacity: true)
    }

    mutating func append(line: Int, bytes: [UInt8], ends: [Int]) {
        self.records.append(
            Record(line: line, firstByte: self.bytes.count, firstField: self.fieldEnds.count, fieldCount: ends.count)
        )
        self.bytes.append(contentsOf: bytes)
        self.fieldEnds.append(contentsOf: ends)
    }

    mutating func removeFirstRecord() {
        self.records.removeFirst()
    }

    mutating func reject(_ problem: RowProblem) {
        self.problems.append(problem)
    }

    /// The bytes of one field, unquoted.
    ///
    /// - Precondition: `index` is below the record's `fieldCount`.
    package func field(_ index: Int, of record: Record) -> ArraySlice<UInt8> {
        let start = index == 0 ? 0 : self.fieldEnds[record.firstField + index - 1]
        return self.bytes[record.firstByte + start..<record.firstByte + self.fieldEnds[record.firstField + index]]
    }

    /// One field as text; what is no UTF-8 shows as replacement characters.
    package func text(_ index: Int, of record: Record) -> String {
        String(decoding: self.field(index, of: record), as: UTF8.self)
    }

    /// The record's beginning for a message, its fields separated by commas.
    package func excerpt(of record: Record) -> String {
        var excerpt: [UInt8] = []
        for index in 0..<record.fieldCount {
            if index > 0 { excerpt.append(UInt8(ascii: ",")) }
            excerpt.append(contentsOf: self.field(index, of: record).prefix(RowProblem.excerptBytes - excerpt.count))
            if excerpt.count >= RowProblem.excerptBytes { break }
        }
        return String(decoding: excerpt, as: UTF8.self)
    }
}
