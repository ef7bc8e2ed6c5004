import Glibc

/// The system's calls for one file that has to survive a crash. Every one of them blocks.
struct SystemFile: Sendable {
    let path: String

    /// The folder the file lies in.
    var folder: String {
        guard let slash = self.path.lastIndex(of: "/") else { return "." }
        return slash == self.path.startIndex ? "/" : String(self.path[..<slash])
    }

    /// Makes the folder and those above it, where they are missing.
    func makeFolder() throws(ResultsFileError) {
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

    /// A new file's name must survive a power cut as its content does.
    func synchronizeFolder() throws(ResultsFileError) {
        let descriptor = Glibc.open(self.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        if fsync(descriptor) != 0, errno != EINVAL { throw self.error("fsync the folder of", errno) }
    }

    func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(ResultsFileError) {
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

    /// Fills the buffer from `offset` of the file on, or as much of it as there is.
    ///
    /// - Returns: how many bytes.
    func read(_ descriptor: Int32, into bytes: inout [UInt8], from offset: Int64) throws(ResultsFileError) -> Int {
        var read = 0
        while read < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress.map { $0 + read }, buffer.count - read, off_t(offset) + off_t(read))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw self.error("read", errno) }
            if count == 0 { break }
            read += count
        }
        return read
    }

    /// Takes the lock nobody else can have on this file until the descriptor is closed or the process ends.
    ///
    /// - Throws: a failure that ``ResultsFileError/isInUse`` when another has it.
    func lock(_ descriptor: Int32) throws(ResultsFileError) {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            throw self.error("lock", errno)
        }
    }

    func error(_ operation: String, _ number: Int32) -> ResultsFileError {
        ResultsFileError(operation: operation, path: self.path, errno: number)
    }
}
