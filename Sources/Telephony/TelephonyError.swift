/// Why a driver could not do what it was asked.
package enum TelephonyError: Error, Sendable, Hashable {
    /// Not connected, not logged in or not fully booted. Nothing was sent.
    case notReady
    /// A value of the order may not go on the wire; nothing was sent.
    case invalidOrder(field: String, reason: String)
    /// The PBX did not answer in time, or the connection broke while waiting.
    case noAnswer
    /// The PBX refused, with its own words.
    case refused(String)
}
