import NIOCore
import Synchronization
import SystemPackage

/// A file's or pipe's bytes in pieces, read when the last piece has gone out; it counts what it gave.
struct FileChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// Bytes given so far.
    final class Counter: Sendable {
        private let bytes = Atomic<Int>(0)

        var value: Int { self.bytes.load(ordering: .relaxed) }

        func add(_ count: Int) { self.bytes.add(count, ordering: .relaxed) }
    }

    let file: SystemPackage.FileDescriptor
    let counter = Counter()

    func makeAsyncIterator() -> Iterator { Iterator(file: self.file, counter: self.counter) }

    struct Iterator: AsyncIteratorProtocol {
        let file: SystemPackage.FileDescriptor
        let counter: Counter

        /// - Throws: `Errno` of the file.
        mutating func next() async throws -> ByteBuffer? {
            var buffer = ByteBuffer()
            let file = self.file
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 17) {
                try file.read(into: $0)
            }
            guard count > 0 else { return nil }
            self.counter.add(count)
            return buffer
        }
    }
}
