/// The contents of `postmaster.pid` (PostgreSQL's `src/include/utils/pidfile.h`): who runs on a data directory.
struct PostmasterFile: Sendable, Hashable {
    let processID: Int32
    /// Empty until the server has made its socket.
    let socketDirectory: String
    let state: State

    /// What the server says of itself.
    enum State: Sendable, Hashable {
        /// It doesn't take every kind of work yet; replaying what a crash left is part of it.
        case starting
        case ready
        case stopping
    }

    /// nil when it isn't such a file, or is still being written.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let processID = Int32(first), processID > 1 else { return nil }
        self.processID = processID
        self.socketDirectory = lines.count > 4 ? String(lines[4]) : ""
        let status = lines.count > 7 ? lines[7] : ""
        self.state = status.hasPrefix("ready") ? .ready : status.hasPrefix("stopping") ? .stopping : .starting
    }
}
