import DialerModel

import struct Foundation.UUID

/// Where a call counts: its campaign, its PBX, and the queue it heads for.
struct CallSeat: Sendable, Hashable {
    var campaign: UUID
    var pbx: String
    /// nil when the destination is no queue.
    var queue: String?

    init(campaign: UUID, pbx: String, queue: String?) {
        self.campaign = campaign
        self.pbx = pbx
        self.queue = queue
    }

    /// A dialing's seat, by the destination it was claimed with.
    init(_ dialing: Dialing, pbx: String) {
        self.init(campaign: dialing.campaign, pbx: pbx, queue: AgentPool(dialing.snapshot.destination).queue)
    }
}
