/// The contents of `postmaster.pid` (PostgreSQL's `src/include/utils/pidfile.h`): who runs on a data directory.
struct PostmasterFile: Sendable, Hashable {
    let processID: Int32
    let socketDirectory: String
    /// Whether the server takes connections.
    let isReady: Bool

    /// nil when it isn't such a file, or is still being written.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let processID = Int32(first), processID > 1 else { return nil }
        self.processID = processID
        self.socketDirectory = lines.count > 4 ? String(lines[4]) : ""
        self.isReady = lines.count > 7 && lines[7].hasPrefix("ready")
    }
}
