import struct Foundation.UUID

/// How and when calls are made: dial mode, timeouts, retries, trunk and caller id.
package struct Plan: Sendable, Hashable {
    package var uuid: UUID
    package var name: String?
    package var detail: String?
    /// `false` after a soft delete.
    package var inUse = true
    /// `.null` or an object; merged into the channel variables of every call.
    package var variables = JSONValue.null
    package var dialMode = DialMode.predictive
    /// How long a call may ring, in milliseconds; the `Timeout` of the Originate.
    package var dialTimeout = 30_000
    package var callerID: String?
    package var listEndHandling = ListEndHandling.stop
    /// The least time between the end of one attempt on a contact and the next, in seconds.
    package var retryDelay = 60
    package var trunkName: String?
    /// The channel technology, `PJSIP`, `Local`…, in the case it was posted.
    package var techName: String?
    /// Calls allowed above the computed availability (jade's additive allowance).
    package var serviceLevel = 0
    package var earlyMedia: String?
    package var codecs: String?
    /// Attempts allowed for each of the eight numbers; 0 means the number is never dialed.
    package var maxTries = NumberSlots(repeating: 5)
    /// Calls placed per free agent in power mode; ours, beyond jade.
    package var pacingRatio = 1.0
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(uuid: UUID) {
        self.uuid = uuid
    }
}
