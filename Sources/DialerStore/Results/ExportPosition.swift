/// How far a results file is written.
package struct ExportPosition: Sendable, Hashable {
    /// The last result in the file; 0 before the first.
    package var sequence: Int64
    /// The file's length after that line.
    package var bytes: Int64

    package init(sequence: Int64, bytes: Int64) {
        self.sequence = sequence
        self.bytes = bytes
    }
}
