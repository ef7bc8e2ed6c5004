import Foundation
import Glibc

/// A process and all that came of it, for signals that are for all of them.
struct ProcessTree {
    let root: pid_t

    /// The server of a PostgreSQL data directory with its backends.
    init(postgresIn directory: String) throws {
        let file = try String(contentsOfFile: directory + "/data/postmaster.pid", encoding: .utf8)
        guard let root = file.split(separator: "\n").first.flatMap({ pid_t($0) }) else {
            throw StageError("no process in \(directory)/data/postmaster.pid")
        }
        self.root = root
    }

    /// Parents first, so that a stopped one makes no further children.
    private var members: [pid_t] {
        var found = [self.root]
        var next = 0
        while next < found.count {
            let children = "/proc/\(found[next])/task/\(found[next])/children"
            let text = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
            found += text.split(separator: " ").compactMap { pid_t($0) }
            next += 1
        }
        return found
    }

    func signal(_ number: Int32) {
        for member in self.members { _ = kill(member, number) }
    }
}
