import struct Foundation.UUID

/// One attempt on one number, from claim to result. Its uuid is also the channel's unique id at the PBX.
package struct Dialing: Sendable, Hashable {
    package var uuid: UUID
    package var name: String?
    package var status = DialingStatus.originateRequested
    package var actionID: String
    package var channel: String?
    package var dialResult = 0
    package var dialResultDetail: String?
    package var hangupCause = 0
    package var hangupCauseDetail: String?
    package var campaign: UUID
    package var plan: UUID
    package var dlma: UUID
    package var destination: UUID
    package var entry: UUID
    /// The snapshot of every resource at dial time ("call capsulization"): later edits change no call.
    package var snapshot: Snapshot
    /// `Technology/number[@trunk]`, `Local` with `/n`.
    package var dialChannel: String
    package var dialAddress: String
    /// 1…8.
    package var dialIndex: Int
    /// Which attempt on this number this is, from 1.
    package var dialTry: Int
    /// Milliseconds.
    package var dialTimeout: Int
    package var destinationKind: Destination.Kind
    package var context: String?
    package var exten: String?
    package var priority: String?
    package var application: String?
    package var data: String?
    /// Merged campaign < plan < destination < dlma < dl.
    package var variables: JSONValue
    package var callerID: String?
    package var earlyMedia: String?
    package var codecs: String?
    /// The name of the PBX that carries the call.
    package var pbx: String?
    /// When the customer answered, as far as it was noted; not on the wire.
    package var answeredAt: Timestamp?
    /// The lease under which it was claimed or taken over, 0 for none; not on the wire.
    package var fence: Int64 = 0
    package var createdAt: Timestamp
    package var deletedAt: Timestamp?
    package var updatedAt: Timestamp?

    /// The resources as they were when the call was claimed.
    package struct Snapshot: Sendable, Hashable {
        package var campaign: Campaign
        package var plan: Plan
        package var dlma: DialListMaster
        package var destination: Destination
        package var entry: DialListEntry

        package init(
            campaign: Campaign, plan: Plan, dlma: DialListMaster, destination: Destination, entry: DialListEntry
        ) {
            self.campaign = campaign
            self.plan = plan
            self.dlma = dlma
            self.destination = destination
            self.entry = entry
        }
    }
}
