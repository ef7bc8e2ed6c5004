import DialerModel
import Telephony

import struct Foundation.UUID

/// What a campaign asks the ledger for.
struct DialDemand: Sendable {
    var campaign: UUID
    var plan: Plan
    var pool: AgentPool
    /// The most it could use.
    var limit: Int
    /// The destination's queue at each PBX that knows it.
    var queues: [String: QueueSnapshot]
    /// What its plan allows to risk.
    var risk = QueuePacing.Risk(target: 0.03, grace: 2)

    /// The trunk its calls would go by; nil when the plan names none.
    var trunk: String? { self.plan.trunk }

    /// Whether calls are placed ahead of the agents, instead of by counting those who are free.
    var isPredictive: Bool {
        self.pool.queue != nil && self.plan.dialMode == .predictive && self.plan.pacing == .predictive
    }
}

/// Calls a campaign may place now; their lines and agents are set aside for it.
struct DialGrant: Sendable, Hashable {
    var pbx: String
    var trunk: String?
    var count: Int
    /// The uptime it was made.
    var at = Duration.zero
    /// Under which of the parts the ledger has taken one after the other it was made.
    var part = 0
}

/// The answer to a ``DialDemand``.
struct DialAllowance: Sendable, Hashable {
    var grants: [DialGrant] = []
    /// When it is worth asking again though nothing happens: the rate allows the next call then, or a drained line is to be tried.
    var askAgainAt: Duration?
    /// The earliest event that led to this demand.
    var triggeredAt: Duration?

    var total: Int { self.grants.reduce(0) { $0 + $1.count } }

    /// It is worth asking again at `instant`, too; nil says nothing.
    mutating func ask(at instant: Duration?, now: Duration) {
        guard let instant else { return }
        // At once would ask without end while it is another campaign's turn.
        let wait = max(now + .milliseconds(2), instant)
        self.askAgainAt = min(self.askAgainAt ?? wait, wait)
    }
}
