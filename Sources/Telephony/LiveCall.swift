import struct Foundation.UUID

/// A call of ours that the PBX carries at this moment.
package struct LiveCall: Sendable, Hashable {
    package var dialing: UUID
    package var channel: String
    /// Whether the customer has answered.
    package var isAnswered: Bool

    package init(dialing: UUID, channel: String, isAnswered: Bool) {
        self.dialing = dialing
        self.channel = channel
        self.isAnswered = isAnswered
    }
}
