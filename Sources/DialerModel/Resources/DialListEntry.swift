import struct Foundation.UUID

/// One person to call: up to eight numbers, the tries made on each, the last results ("dl" on the wire).
package struct DialListEntry: Sendable, Hashable {
    /// The wire value of `status`.
    package enum Status: Int, Sendable, Hashable, CaseIterable {
        case idle = 0
        case dialing = 1
        /// Reserved for an agent's preview.
        case reserved = 2
    }

    package var uuid: UUID
    package var dlma: UUID
    package var inUse = true
    package var name: String?
    package var detail: String?
    package var status = Status.idle
    /// Whom a reserved contact is held for, in preview mode.
    package var reservedTarget: String?
    /// The customer's own key; opaque to the dialer.
    package var ukey: String?
    package var variables = JSONValue.null
    package var dialing: UUID?
    package var dialingCampaign: UUID?
    package var dialingPlan: UUID?
    package var numbers = NumberSlots<String?>(repeating: nil)
    package var email: String?
    package var tries = NumberSlots(repeating: 0)
    package var dialResult = 0
    package var dialResultDetail: String?
    package var hangupCause = 0
    package var hangupCauseDetail: String?
    package var createdAt: Timestamp?
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?
    package var lastDialAt: Timestamp?
    package var lastHangupAt: Timestamp?
    /// The numbers as they were written, by slot, where that differs from what is dialed; null when nothing differs.
    package var originalNumbers = JSONValue.null
    /// 0 to 9, higher is sooner. Counts in lists of ``ContactOrder/priority`` alone.
    package var priority = 0

    package init(uuid: UUID, dlma: UUID) {
        self.uuid = uuid
        self.dlma = dlma
    }
}
