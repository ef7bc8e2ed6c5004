import DialerStore
import Glibc
import NIOConcurrencyHelpers
import NIOPosix

/// The results on the disk that PostgreSQL did not take: `results` in a folder of its own, appended to and synced, and removed when all
/// of them are written. `lock` beside it keeps a second process out.
///
/// Every call but ``lock()`` and ``close()`` works on the thread pool, one at a time.
final class SpoolFile: Sendable {
    /// What reading the file came to, beside the results.
    struct Reading: Sendable, Hashable {
        var records = 0
        /// A torn last record, as a crash leaves it.
        var tornBytes = 0
        var damagedBytes = 0
        /// Records of another version.
        var unreadable = 0

        /// Whether something was in it that no crash explains.
        var isDamaged: Bool { self.damagedBytes > 0 || self.unreadable > 0 }
    }

    private struct State {
        /// -1 when closed.
        var lock: Int32 = -1
        var descriptor: Int32 = -1
        var length: Int64 = 0
    }

    let folder: String
    private let results: SystemFile
    private let pool: NIOThreadPool
    private let state = NIOLockedValueBox(State())

    private static let readBytes = 1 << 20

    init(folder: String, pool: NIOThreadPool) {
        self.folder = folder
        self.results = SystemFile(path: "\(folder)/results")
        self.pool = pool
    }

    deinit {
        self.close()
    }

    /// Makes the folder and keeps other processes out until ``close()``. Blocks for a moment.
    ///
    /// - Throws: ``OtherWriterError``; ``ResultsFileError`` when the folder cannot be used.
    func lock() throws {
        try self.state.withLockedValue { try self.lock(&$0) }
    }

    private func lock(_ state: inout State) throws {
        guard state.lock < 0 else { return }
        let file = SystemFile(path: "\(self.folder)/lock")
        try file.makeFolder()
        let descriptor = Glibc.open(file.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw file.error("open", errno) }
        do {
            try file.lock(descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error.isInUse ? OtherWriterError.spool(self.folder) : error
        }
        state.lock = descriptor
    }

    /// Gives `take` the results of the file in the order in which they were put there, a batch at a time, the last ones last.
    ///
    /// - Throws: ``ResultsFileError``, and what `take` throws.
    func read(batch: Int, _ take: ([FinishedDialing]) async throws -> Void) async throws -> Reading {
        var decoder = SpoolDecoder()
        var reading = Reading()
        var offset: Int64 = 0
        var finished: [FinishedDialing] = []
        while true {
            let piece = try await self.piece(from: offset)
            offset += Int64(piece.count)
            decoder.append(piece)
            while let next = decoder.next(isEnd: piece.isEmpty) {
                reading.records += 1
                finished.append(next)
                if finished.count == batch {
                    try await take(finished)
                    finished = []
                }
            }
            if piece.isEmpty { break }
        }
        if !finished.isEmpty { try await take(finished) }
        reading.tornBytes = decoder.tornBytes
        reading.damagedBytes = decoder.damagedBytes
        reading.unreadable = decoder.unreadable
        return reading
    }

    private func piece(from offset: Int64) async throws -> [UInt8] {
        try await self.pool.runIfActive {
            try self.state.withLockedValue { state in
                let descriptor = Glibc.open(self.results.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
                guard descriptor >= 0 else {
                    if errno == ENOENT { return [] }
                    throw self.results.error("open", errno)
                }
                defer { Glibc.close(descriptor) }
                // A device that somebody put there may have no end.
                var status = stat()
                guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                    throw self.results.error("read", EINVAL)
                }
                var bytes = [UInt8](repeating: 0, count: Self.readBytes)
                let count = try self.results.read(descriptor, into: &bytes, from: offset)
                bytes.removeLast(bytes.count - count)
                return bytes
            }
        }
    }

    /// Puts results at the file's end and waits until they are on the disk. On an error the file is what it was.
    func append(_ batch: [FinishedDialing]) async throws {
        try await self.pool.runIfActive {
            let bytes = batch.flatMap { SpoolRecord.encode($0) ?? [] }
            try self.state.withLockedValue { state in
                try self.lock(&state)
                try self.open(&state)
                do {
                    try self.results.writeAll(bytes, to: state.descriptor)
                    guard fdatasync(state.descriptor) == 0 else { throw self.results.error("fsync", errno) }
                } catch {
                    _ = ftruncate(state.descriptor, Int(state.length))
                    throw error
                }
                state.length += Int64(bytes.count)
            }
        }
    }

    /// Leaves only these in the file; no file when there are none.
    func replace(with batch: [FinishedDialing]) async throws {
        try await self.pool.runIfActive {
            let bytes = batch.flatMap { SpoolRecord.encode($0) ?? [] }
            try self.state.withLockedValue { state in
                try self.lock(&state)
                self.closeResults(&state)
                if bytes.isEmpty {
                    guard unlink(self.results.path) == 0 || errno == ENOENT else {
                        throw self.results.error("remove", errno)
                    }
                } else {
                    try self.writeAnew(bytes)
                }
                try self.results.synchronizeFolder()
            }
        }
    }

    /// Gives the file another name beside its own, for somebody to look at.
    ///
    /// - Returns: the whole path.
    func setAside(as name: String) async throws -> String {
        try await self.pool.runIfActive {
            try self.state.withLockedValue { state in
                self.closeResults(&state)
                let path = "\(self.folder)/\(name)"
                guard rename(self.results.path, path) == 0 else { throw self.results.error("rename", errno) }
                try self.results.synchronizeFolder()
                return path
            }
        }
    }

    /// Lets other processes in. Nothing of this is in the way of a thread for long: it must be done also where the pool takes no work.
    func close() {
        self.state.withLockedValue { state in
            self.closeResults(&state)
            if state.lock >= 0 { Glibc.close(state.lock) }
            state.lock = -1
        }
    }

    private func writeAnew(_ bytes: [UInt8]) throws {
        let draft = SystemFile(path: self.results.path + ".new")
        let descriptor = Glibc.open(draft.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw draft.error("open", errno) }
        defer { Glibc.close(descriptor) }
        try draft.writeAll(bytes, to: descriptor)
        guard fdatasync(descriptor) == 0 else { throw draft.error("fsync", errno) }
        guard rename(draft.path, self.results.path) == 0 else { throw draft.error("rename", errno) }
    }

    private func open(_ state: inout State) throws {
        guard state.descriptor < 0 else { return }
        let descriptor = Glibc.open(self.results.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw self.results.error("open", errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw self.results.error("look at", number)
        }
        state.descriptor = descriptor
        state.length = Int64(status.st_size)
        try self.results.synchronizeFolder()
    }

    private func closeResults(_ state: inout State) {
        if state.descriptor >= 0 { Glibc.close(state.descriptor) }
        state.descriptor = -1
    }
}
