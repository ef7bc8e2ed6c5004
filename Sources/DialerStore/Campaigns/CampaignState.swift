import DialerModel

/// A campaign an engine has to look after, with what it needs beside the campaign itself.
package struct CampaignState: Sendable, Hashable {
    package var campaign: Campaign
    /// How it ended last; nil when it was started again since, or never ended.
    package var endNote: CampaignEndNote?
    /// The lease it is under: `queue:NAME` with all campaigns of that queue, `campaign:UUID` alone.
    package var leaseKey: String

    package init(campaign: Campaign, endNote: CampaignEndNote?, leaseKey: String) {
        self.campaign = campaign
        self.endNote = endNote
        self.leaseKey = leaseKey
    }
}
