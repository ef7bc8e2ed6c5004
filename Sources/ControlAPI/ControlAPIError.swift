/// Why the control surface could not be started.
package enum ControlAPIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another program listens there already.
    case addressInUse(host: String, port: Int)
    /// The system refused the address for another reason.
    case cannotListen(host: String, port: Int, reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "cannot listen on \(host):\(port): another program uses this port already; "
                + "stop it or set another http.port (OUTPACE_HTTP_PORT)"
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host):\(port): \(reason); check http.host and http.port"
        }
    }
}
