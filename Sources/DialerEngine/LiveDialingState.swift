import DialerModel

/// The part of a dialing that changes while the call is in progress.
package struct LiveDialingState: Sendable, Hashable, Codable {
    package var status: DialingStatus
    package var channel: String?
    package var dialResult: Int
    package var hangupCause: Int
    package var updatedAt: Timestamp

    package init(status: DialingStatus, channel: String?, dialResult: Int, hangupCause: Int, updatedAt: Timestamp) {
        self.status = status
        self.channel = channel
        self.dialResult = dialResult
        self.hangupCause = hangupCause
        self.updatedAt = updatedAt
    }
}
