/// Why the floor can't open.
package enum CallFloorError: Error, Hashable, CustomStringConvertible {
    case portInUse(host: String, port: Int)
    case cannotBind(host: String, port: Int, reason: String)
    case cannotOpenLog(path: String, reason: String)
    /// The floor was stopped, or has not been started.
    case notRunning

    package var description: String {
        switch self {
        case .portInUse(let host, let port):
            "port \(port) on \(host) is in use; choose another with --port, or --port 0 for any free one"
        case .cannotBind(let host, let port, let reason):
            "cannot listen on \(host):\(port): \(reason); see --host and --port"
        case .cannotOpenLog(let path, let reason):
            "cannot write the floor log \(path): \(reason); see --log"
        case .notRunning: "the call floor is not running"
        }
    }
}
