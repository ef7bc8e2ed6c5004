import Glibc
import NIOConcurrencyHelpers
import NIOPosix

import struct Foundation.UUID

/// The JSON-lines file on disk: appended, fsynced, never rewritten but for a torn last line.
///
/// It is locked as long as it is open, so no other process of ours writes it. Every call but ``take()`` and ``close()`` runs on the
/// thread pool, as each blocks in the file system.
final class ResultsFile: Sendable {
    /// The file as the last look at it found it.
    struct Tail: Sendable, Hashable {
        /// Its length in bytes after a torn last line was cut off.
        var length: Int64
        /// The dialings whose lines stand within the part that was read.
        var dialings: Set<UUID>
        /// Bytes of a torn line that were cut off.
        var repaired: Int64
    }

    private struct State {
        /// The open file; -1 when closed.
        var descriptor: Int32 = -1
        var length: Int64 = 0
        /// Only a regular file can be cut back; a device or pipe is written as it is.
        var isRegular = true
    }

    private let file: SystemFile
    private let pool: NIOThreadPool
    private let state = NIOLockedValueBox(State())

    init(path: String, pool: NIOThreadPool) {
        self.file = SystemFile(path: path)
        self.pool = pool
    }

    var path: String { self.file.path }

    deinit {
        self.close()
    }

    /// Opens and locks the file. Blocks for a moment.
    ///
    /// - Throws: ``OtherWriterError``, or ``ResultsFileError`` when it cannot be used.
    func take() throws {
        try self.state.withLockedValue { state in
            do {
                try self.open(&state)
            } catch let error as ResultsFileError where error.isInUse {
                throw OtherWriterError.resultsFile(self.path)
            }
        }
    }

    /// Opens or reopens the file by its path, cuts a torn last line off and reads which dialings its end holds.
    ///
    /// - Parameter windowBytes: how much of the end to read; more than one batch can be long.
    func open(windowBytes: Int64) async throws -> Tail {
        try await self.pool.runIfActive {
            try self.state.withLockedValue { state in
                try self.open(&state)
                return try self.readTail(&state, from: max(0, state.length - windowBytes))
            }
        }
    }

    /// Appends the bytes and waits until they are on the disk. On an error the file is cut back to what it was.
    ///
    /// - Returns: the file's length after it; nil when the file has no name any more and what it holds is lost with it.
    func append(_ bytes: [UInt8]) async throws -> Int64? {
        try await self.pool.runIfActive {
            try self.state.withLockedValue { state in
                guard state.descriptor >= 0 else { throw self.file.error("write", EBADF) }
                do {
                    try self.file.writeAll(bytes, to: state.descriptor)
                    try self.synchronize(state)
                } catch {
                    // Half a batch must not stay: the whole batch is written again later.
                    if state.isRegular { _ = ftruncate(state.descriptor, Int(state.length)) }
                    throw error
                }
                state.length += Int64(bytes.count)
                var status = stat()
                if state.isRegular, fstat(state.descriptor, &status) == 0, status.st_nlink == 0 { return nil }
                return state.length
            }
        }
    }

    /// Whether the path names another file than the one that is open: renamed by log rotation, removed, or cut short.
    func isReplaced() async throws -> Bool {
        try await self.pool.runIfActive {
            self.state.withLockedValue { state in
                guard state.descriptor >= 0, state.isRegular else { return state.descriptor < 0 }
                var opened = stat()
                var named = stat()
                guard fstat(state.descriptor, &opened) == 0, stat(self.path, &named) == 0 else { return true }
                return opened.st_ino != named.st_ino || opened.st_dev != named.st_dev || named.st_size != state.length
            }
        }
    }

    /// Closes the file, which others may write then; ``open(windowBytes:)`` opens it again. It must be done also where the pool takes no
    /// work any more, and takes no time: what was written is on the disk.
    func close() {
        self.state.withLockedValue { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
        }
    }

    /// The file that is open stays open, and locked, when it is still the one of that name.
    private func open(_ state: inout State) throws {
        try self.file.makeFolder()
        let descriptor = Glibc.open(self.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw self.file.error("open", errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw self.file.error("look at", number)
        }
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        var opened = stat()
        if state.descriptor >= 0, fstat(state.descriptor, &opened) == 0, opened.st_ino == status.st_ino,
            opened.st_dev == status.st_dev
        {
            Glibc.close(descriptor)
        } else {
            do {
                if isRegular { try self.file.lock(descriptor) }
            } catch {
                Glibc.close(descriptor)
                throw error
            }
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = descriptor
        }
        state.isRegular = isRegular
        state.length = isRegular ? Int64(status.st_size) : 0
        try self.file.synchronizeFolder()
    }

    private func readTail(_ state: inout State, from start: Int64) throws -> Tail {
        guard state.isRegular, state.length > 0 else { return Tail(length: state.length, dialings: [], repaired: 0) }
        var bytes = [UInt8](repeating: 0, count: Int(state.length - start))
        let read = try self.file.read(state.descriptor, into: &bytes, from: start)
        guard read == bytes.count else { throw self.file.error("read", EIO) }
        var repaired: Int64 = 0
        if bytes.last != UInt8(ascii: "\n") {
            let newline = bytes.lastIndex(of: UInt8(ascii: "\n"))
            // A line longer than the window is none of ours; cutting it would destroy somebody's file.
            guard newline != nil || start == 0 else { throw self.file.error("repair", EFBIG) }
            let keep = newline.map { $0 + 1 } ?? 0
            repaired = Int64(bytes.count - keep)
            guard ftruncate(state.descriptor, Int(state.length - repaired)) == 0 else {
                throw self.file.error("repair", errno)
            }
            state.length -= repaired
            try self.synchronize(state)
            bytes.removeLast(bytes.count - keep)
        }
        return Tail(length: state.length, dialings: Self.dialings(in: bytes), repaired: repaired)
    }

    /// The dialings of the complete lines in `bytes`; the first line may be cut, and then has no uuid at its front.
    static func dialings(in bytes: [UInt8]) -> Set<UUID> {
        var dialings: Set<UUID> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if let uuid = Self.dialing(of: line) { dialings.insert(uuid) }
        }
        return dialings
    }

    private static func dialing(of line: ArraySlice<UInt8>) -> UUID? {
        let key = Array(#"{"uuid":"#.utf8)
        guard line.starts(with: key) else { return nil }
        let value = line.dropFirst(key.count).drop { $0 == UInt8(ascii: " ") }
        guard value.first == UInt8(ascii: "\"") else { return nil }
        return UUID(uuidString: String(decoding: value.dropFirst().prefix(36), as: UTF8.self))
    }

    private func synchronize(_ state: State) throws {
        // Pipes and devices have nothing to synchronize and say so.
        if fdatasync(state.descriptor) != 0, state.isRegular || (errno != EINVAL && errno != EROFS) {
            throw self.file.error("fsync", errno)
        }
    }
}
