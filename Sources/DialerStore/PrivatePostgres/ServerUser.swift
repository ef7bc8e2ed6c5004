import Foundation

/// The unprivileged user that root runs the server as.
struct ServerUser: Sendable, Hashable {
    let name: String
    let id: UInt32
    let groupID: UInt32

    /// nil when this process isn't root, so that the server runs as the same user.
    static func current() throws(PrivatePostgresError) -> ServerUser? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) {
                return ServerUser(name: name, id: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
            }
        }
        throw .noUnprivilegedUser
    }
}
