import DialerModel
import Pacing

import struct Foundation.UUID

/// What the ledger keeps of each PBX, trunk, campaign and queue.
extension LedgerState {
    /// One PBX's lines.
    struct Lines: Sendable {
        var budget: LineBudget
        var weight = 1
        var isUp = false
        /// Campaigns that could use more lines than they got.
        var hungry = FairRotation<UUID>()
        /// Whether its calls get through, whatever their trunk.
        var health: LineHealth
        /// The trunks whose calls met congestion since one got through, two at most; the empty name stands for none.
        var congestedTrunks: Set<String> = []
        /// The same by trunk, for those that met congestion of late.
        var trunkHealth: [String: LineHealth] = [:]
    }

    /// A trunk with limits of its own.
    struct Trunk: Sendable {
        /// The PBX it is pinned to; nil for any.
        var pbx: String?
        var budget: LineBudget
        /// Campaigns that could use more of it than they got.
        var hungry = FairRotation<UUID>()
    }

    /// One campaign's calls, and how to reach its runner.
    struct Load: Sendable {
        var unanswered = 0
        var answered = 0
        var waiting = 0
        var connected = 0
        /// Ended, and the result is not committed yet.
        var unwritten = 0
        var runner: Runner?
        /// Raised whenever results of one of its lists were committed: somebody may be due now, or nobody any more.
        var listVersion = 0
        /// The earliest event its runner has not acted on.
        var triggeredAt: Duration?
        /// Why predictive pacing gave it as many calls as it did at its last look; nil when another rule decides.
        var pacingState: PacingState?

        var inProgress: Int { self.unanswered + self.answered + self.waiting + self.connected }
        var isEmpty: Bool { self.inProgress == 0 && self.unwritten == 0 }
    }

    /// A campaign that dials.
    struct Runner: Sendable {
        var signal: Signal
        var queue: String?
        var lists: Set<UUID>
        /// Calls placed for one agent; 1 but in power mode.
        var ratio = 1.0
    }

    /// One queue's calls at one PBX.
    struct QueueLoad: Sendable {
        /// Calls of each campaign that will need an agent and are not in the queue's own picture yet.
        var pending: [UUID: Pending] = [:]
        /// Ours that wait in the queue.
        var waiting = 0

    }

    /// Calls on their way to a queue.
    struct Pending: Sendable {
        var unanswered = 0
        var answered = 0

        var isEmpty: Bool { self.unanswered == 0 && self.answered == 0 }

        /// How many agents they claim when `ratio` calls are placed for one agent.
        func agents(ratio: Double) -> Int {
            guard ratio > 1 else { return self.unanswered + self.answered }
            return Int((Double(self.unanswered) / ratio).rounded(.up)) + self.answered
        }
    }

    /// A queue, wherever it exists.
    struct Queue: Sendable {
        var loads: [String: QueueLoad] = [:]
        /// The campaigns that dial for it.
        var campaigns = FairRotation<UUID>()
    }
}
