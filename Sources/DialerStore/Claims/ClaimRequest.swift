import DialerModel

import struct Foundation.UUID

/// Whom to claim contacts for, and how many.
package struct ClaimRequest: Sendable, Hashable {
    package var campaign: UUID
    package var plan: UUID
    package var destination: UUID
    /// The campaign's lists, in their order.
    package var lists: [UUID]
    /// How many contacts at most, up to 10,000.
    package var count: Int
    /// The PBX that will carry the calls.
    package var pbx: String
    package var now: Timestamp
    /// nil claims for no engine; then any may finish the calls.
    package var lease: LeaseTicket?

    package init(
        campaign: UUID, plan: UUID, destination: UUID, lists: [UUID], count: Int, pbx: String, now: Timestamp
    ) {
        self.campaign = campaign
        self.plan = plan
        self.destination = destination
        self.lists = lists
        self.count = count
        self.pbx = pbx
        self.now = now
    }

    /// For a campaign with one list.
    package init(
        campaign: UUID, plan: UUID, destination: UUID, dlma: UUID, count: Int, pbx: String, now: Timestamp
    ) {
        self.init(
            campaign: campaign, plan: plan, destination: destination, lists: [dlma], count: count, pbx: pbx, now: now
        )
    }

    /// For a campaign's own plan, destination and lists.
    ///
    /// - Returns: nil when one of them is missing.
    package init?(campaign: Campaign, count: Int, pbx: String, now: Timestamp) {
        let lists = campaign.dialedLists
        guard let plan = campaign.plan, let destination = campaign.destination, !lists.isEmpty else { return nil }
        self.init(
            campaign: campaign.uuid, plan: plan, destination: destination, lists: lists, count: count, pbx: pbx,
            now: now
        )
    }
}
