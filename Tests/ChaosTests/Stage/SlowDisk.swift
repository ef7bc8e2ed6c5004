import Foundation

/// The disk of one process and its children, which a test may slow down while they run.
final class SlowDisk: Sendable {
    /// Built beside the tests; see Tests/SlowDisk.
    private static let library = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "libSlowDisk.so")

    private let folder: URL
    private var file: URL { self.folder.appending(path: "disk") }

    /// - Parameter folder: What every user may read, for the process may be another's.
    init(in folder: URL) throws {
        guard FileManager.default.fileExists(atPath: Self.library.path) else {
            throw StageError("\(Self.library.path) is missing: run swift build --build-tests")
        }
        self.folder = folder
        try FileManager.default.copyItem(at: Self.library, to: folder.appending(path: "slow-disk.so"))
        try Data(count: 16).write(to: self.file)
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: self.file.path)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    }

    /// What gives a process this disk.
    var environment: [String: String] {
        ["LD_PRELOAD": self.folder.appending(path: "slow-disk.so").path, "SLOW_DISK_FILE": self.file.path]
    }

    /// From now on everything takes this much longer to reach the disk.
    func slow(by time: Duration) throws {
        // In place: the processes have the file mapped.
        let handle = try FileHandle(forWritingTo: self.file)
        let milliseconds = Int64(time / .milliseconds(1))
        try handle.write(contentsOf: withUnsafeBytes(of: milliseconds.littleEndian) { Data($0) })
        try handle.close()
    }

    /// How many times something had to wait for it.
    var slowed: Int {
        get throws {
            let bytes = try Data(contentsOf: self.file).dropFirst(8)
            return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }
}
