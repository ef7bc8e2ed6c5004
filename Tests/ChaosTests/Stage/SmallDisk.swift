import Foundation
import Glibc

/// A file system of its own that is quickly full.
final class SmallDisk: Sendable {
    let folder: URL

    /// Whether this process may mount.
    static let isAllowed: Bool = {
        let folder = URL(fileURLWithPath: "/tmp/outpace-disk-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let disk = try? SmallDisk(at: folder, kilobytes: 64) else { return false }
        try? disk.unmount()
        return true
    }()

    /// Mounts a tmpfs; what the folder held is out of sight until ``unmount()``.
    init(at folder: URL, kilobytes: Int) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(kilobytes)k,mode=755") == 0 else {
            throw StageError("cannot mount a tmpfs at \(folder.path): \(String(cString: strerror(errno)))")
        }
        self.folder = folder
    }

    private var ballast: URL { self.folder.appending(path: "ballast") }

    /// Takes all the room there is.
    func fill() throws {
        let descriptor = open(self.ballast.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StageError("cannot fill \(self.folder.path): \(errno)") }
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, zeros, zeros.count) > 0 {}
    }

    /// Gives it back.
    func free() throws {
        guard unlink(self.ballast.path) == 0 || errno == ENOENT else { throw StageError("cannot free: \(errno)") }
    }

    func unmount() throws {
        guard umount2(self.folder.path, CInt(MNT_DETACH)) == 0 else { throw StageError("cannot unmount: \(errno)") }
    }
}
