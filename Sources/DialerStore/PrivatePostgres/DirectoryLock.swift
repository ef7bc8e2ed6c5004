import Foundation

/// An exclusive lock on a file, held until this is released or the process ends in any way.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``PrivatePostgresError/inUse(directory:)`` when another process holds it.
    init(directory: String) throws(PrivatePostgresError) {
        let path = "\(directory)/service.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unusablePath(path, reason: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .inUse(directory: directory)
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
