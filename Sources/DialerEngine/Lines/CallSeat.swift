import DialerModel

import struct Foundation.UUID

/// Where a call counts: its campaign, its PBX and trunk, and the queue it heads for.
struct CallSeat: Sendable, Hashable {
    var campaign: UUID
    var pbx: String
    /// nil when the plan names none.
    var trunk: String?
    /// nil when the destination is no queue.
    var queue: String?

    init(campaign: UUID, pbx: String, trunk: String? = nil, queue: String?) {
        self.campaign = campaign
        self.pbx = pbx
        self.trunk = trunk
        self.queue = queue
    }

    /// A dialing's seat, by the plan and destination it was claimed with.
    init(_ dialing: Dialing, pbx: String) {
        self.init(
            campaign: dialing.campaign, pbx: pbx, trunk: dialing.snapshot.plan.trunk,
            queue: AgentPool(dialing.snapshot.destination).queue)
    }
}

extension Plan {
    /// The trunk its calls go by; nil when it names none.
    var trunk: String? { self.trunkName.flatMap { $0.isEmpty ? nil : $0 } }
}
