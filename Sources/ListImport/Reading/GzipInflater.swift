import CZlib

/// Decompresses a gzip file piece by piece, into pieces of bounded size.
///
/// A class because zlib keeps the address of its state. Several members behind each other are one file, as gzip has it.
package final class GzipInflater {
    private var stream = z_stream()
    private var output: [UInt8]
    private var total = 0
    private let maximumBytes: Int
    /// Between members, where the file may end.
    private var isComplete = false

    /// - Parameter maximumBytes: How much the file may hold decompressed; a bomb ends there.
    package init(maximumBytes: Int, pieceSize: Int = 65_536) throws(FileProblem) {
        self.maximumBytes = maximumBytes
        self.output = [UInt8](repeating: 0, count: pieceSize)
        guard outpace_inflate_init_gzip(&self.stream) == Z_OK else {
            throw FileProblem("there is no memory for decompressing")
        }
    }

    deinit {
        inflateEnd(&self.stream)
    }

    /// Takes the next compressed piece and hands on what it holds.
    package func push(
        _ piece: UnsafeBufferPointer<UInt8>,
        _ take: (UnsafeBufferPointer<UInt8>) throws(FileProblem) -> Void
    ) throws(FileProblem) {
        guard let base = piece.baseAddress else { return }
        self.stream.next_in = UnsafeMutablePointer(mutating: base)
        self.stream.avail_in = UInt32(piece.count)
        defer {
            self.stream.next_in = nil
            self.stream.avail_in = 0
        }
        while true {
            if self.isComplete {
                guard self.stream.avail_in > 0 else { return }
                inflateReset(&self.stream)
                self.isComplete = false
            }
            let (status, count) = self.step()
            self.total += count
            guard self.total <= self.maximumBytes else {
                throw FileProblem("the file is larger than \(self.maximumBytes) bytes when decompressed; split it")
            }
            if count > 0 { try self.handOn(count, take) }
            switch status {
            case Z_STREAM_END: self.isComplete = true
            case Z_OK: if self.stream.avail_in == 0, count < self.output.count { return }
            case Z_BUF_ERROR: return
            default: throw FileProblem("the file is no gzip, or it is damaged")
            }
        }
    }

    /// Says that the file ended.
    package func finish() throws(FileProblem) {
        guard self.isComplete else { throw FileProblem("the gzip file ends in the middle") }
    }

    private func step() -> (status: Int32, count: Int) {
        self.output.withUnsafeMutableBufferPointer { buffer in
            self.stream.next_out = buffer.baseAddress
            self.stream.avail_out = UInt32(buffer.count)
            let status = inflate(&self.stream, Z_NO_FLUSH)
            return (status, buffer.count - Int(self.stream.avail_out))
        }
    }

    private func handOn(
        _ count: Int, _ take: (UnsafeBufferPointer<UInt8>) throws(FileProblem) -> Void
    ) throws(FileProblem) {
        let outcome = self.output.withUnsafeBufferPointer { buffer -> Result<Void, FileProblem> in
            do throws(FileProblem) {
                return .success(try take(UnsafeBufferPointer(rebasing: buffer[..<count])))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
