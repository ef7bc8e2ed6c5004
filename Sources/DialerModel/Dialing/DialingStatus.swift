/// How far one dialing got; raw values are the wire's `status` (jade's manual, table 11).
package enum DialingStatus: Int, Sendable, Hashable, CaseIterable, Codable {
    case none = 0
    case originateRequested = 1
    case originateQueued = 2
    case dialBegin = 3
    case channelCreated = 4
    case dialEnd = 5
    case originateResponded = 6
    case hangup = 7
    /// The dialing went stale, was lost in a restart, or failed in a way none of the others names.
    case error = 10
    /// The Originate never left: no connection, or a value the wire does not allow.
    case requestFailed = 11
    /// The PBX refused the Originate.
    case queuedFailed = 12
    /// The call was tried and not answered.
    case responseFailed = 13
    /// No call was placed: the number is on the do-not-call list.
    case blocked = 20
}
