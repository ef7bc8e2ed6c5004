/// Cuts a file into records, piece by piece. Pure: bytes in, records and problems out.
package protocol RecordReader: Sendable {
    /// Takes the next piece of the file.
    ///
    /// - Throws: ``FileProblem`` when nothing that follows can make sense.
    mutating func push(_ piece: UnsafeBufferPointer<UInt8>, into batch: inout RecordBatch) throws(FileProblem)

    /// Says that the file ended; what was begun is completed or rejected.
    mutating func finish(into batch: inout RecordBatch) throws(FileProblem)
}

extension RecordReader {
    /// Takes the next piece of the file.
    package mutating func push(_ piece: [UInt8], into batch: inout RecordBatch) throws(FileProblem) {
        let outcome = piece.withUnsafeBufferPointer { buffer -> Result<Void, FileProblem> in
            do throws(FileProblem) {
                return .success(try self.push(buffer, into: &batch))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
