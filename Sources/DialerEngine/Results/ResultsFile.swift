import Glibc
import NIOConcurrencyHelpers
import NIOPosix

import struct Foundation.UUID

/// The JSON-lines file on disk: appended, fsynced, never rewritten but for a torn last line.
///
/// Every call blocks in the file system, so each runs on the file's own thread pool.
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

    let path: String
    private let pool: NIOThreadPool
    private let state = NIOLockedValueBox(State())

    init(path: String, pool: NIOThreadPool) {
        self.path = path
        self.pool = pool
    }

    deinit {
        let descriptor = self.state.withLockedValue { $0.descriptor }
        if descriptor >= 0 { Glibc.close(descriptor) }
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
    /// - Returns: the file's length after it.
    func append(_ bytes: [UInt8]) async throws -> Int64 {
        try await self.pool.runIfActive {
            try self.state.withLockedValue { state in
                guard state.descriptor >= 0 else { throw self.error("write", EBADF) }
                do {
                    try self.writeAll(bytes, to: state.descriptor)
                    try self.synchronize(state)
                } catch {
                    // Half a batch must not stay: the whole batch is written again later.
                    if state.isRegular { _ = ftruncate(state.descriptor, Int(state.length)) }
                    throw error
                }
                state.length += Int64(bytes.count)
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

    /// Closes the file; ``open(windowBytes:)`` opens it again.
    func close() async {
        try? await self.pool.runIfActive {
            self.state.withLockedValue { state in
                if state.descriptor >= 0 { Glibc.close(state.descriptor) }
                state.descriptor = -1
            }
        }
    }

    private func open(_ state: inout State) throws {
        if state.descriptor >= 0 { Glibc.close(state.descriptor) }
        state.descriptor = -1
        try self.makeFolder()
        let descriptor = Glibc.open(self.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw self.error("open", errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw self.error("look at", number)
        }
        state.descriptor = descriptor
        state.isRegular = status.st_mode & S_IFMT == S_IFREG
        state.length = state.isRegular ? Int64(status.st_size) : 0
        try self.synchronizeFolder()
    }

    private func makeFolder() throws {
        let folder = self.folder
        guard mkdir(folder, 0o750) != 0 else { return }
        switch errno {
        case EEXIST: return
        case ENOENT:
            var path = folder.hasPrefix("/") ? "" : "."
            for part in folder.split(separator: "/") {
                path += "/" + part
                if mkdir(path, 0o750) != 0, errno != EEXIST { throw self.error("make the folder of", errno) }
            }
        default:
            throw self.error("make the folder of", errno)
        }
    }

    private var folder: String {
        guard let slash = self.path.lastIndex(of: "/") else { return "." }
        return slash == self.path.startIndex ? "/" : String(self.path[..<slash])
    }

    /// A new file's name must survive a power cut as its content does.
    private func synchronizeFolder() throws {
        let descriptor = Glibc.open(self.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        if fsync(descriptor) != 0, errno != EINVAL { throw self.error("fsync the folder of", errno) }
    }

    private func readTail(_ state: inout State, from start: Int64) throws -> Tail {
        guard state.isRegular, state.length > 0 else { return Tail(length: state.length, dialings: [], repaired: 0) }
        var bytes = [UInt8](repeating: 0, count: Int(state.length - start))
        var read = 0
        while read < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    state.descriptor, buffer.baseAddress.map { $0 + read }, buffer.count - read,
                    off_t(start) + off_t(read))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw self.error("read", count < 0 ? errno : EIO) }
            read += count
        }
        var repaired: Int64 = 0
        if bytes.last != UInt8(ascii: "\n") {
            let newline = bytes.lastIndex(of: UInt8(ascii: "\n"))
            // A line longer than the window is none of ours; cutting it would destroy somebody's file.
            guard newline != nil || start == 0 else { throw self.error("repair", EFBIG) }
            let keep = newline.map { $0 + 1 } ?? 0
            repaired = Int64(bytes.count - keep)
            guard ftruncate(state.descriptor, Int(state.length - repaired)) == 0 else {
                throw self.error("repair", errno)
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

    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw self.error("write", count < 0 ? errno : ENOSPC) }
            written += count
        }
    }

    private func synchronize(_ state: State) throws {
        // Pipes and devices have nothing to synchronize and say so.
        if fdatasync(state.descriptor) != 0, state.isRegular || (errno != EINVAL && errno != EROFS) {
            throw self.error("fsync", errno)
        }
    }

    private func error(_ operation: String, _ number: Int32) -> ResultsFileError {
        ResultsFileError(operation: operation, path: self.path, errno: number)
    }
}
