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
    /// How the calls to place are counted in predictive mode; see ``pacingInForce``.
    package var pacing = PacingMode.predictive
    /// The share of live answers that may be abandoned, 0…1; 0 means that none may be risked.
    package var abandonTarget = 0.03
    /// Seconds between the answer and the agent after which a call counts as abandoned, 0.1…60.
    package var abandonGrace = 2.0
    /// The destination abandoned calls are sent to; nil leaves them where they wait.
    package var abandonDestination: UUID?
    package var machineHandling = MachineHandling.connect
    /// The destination of calls a machine answered, for ``MachineHandling/divert``.
    package var machineDestination: UUID?
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(uuid: UUID) {
        self.uuid = uuid
    }
}
