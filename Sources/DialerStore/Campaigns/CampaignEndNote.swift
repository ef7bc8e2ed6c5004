/// Why a campaign ended, and in which window of its schedule: the schedule does not start it again before the next window.
package struct CampaignEndNote: Sendable, Hashable {
    /// Who ended it; the raw value is stored.
    package enum Reason: Int, Sendable, Hashable, CaseIterable {
        /// Its list had nobody left to call.
        case listEnd = 1
        case stoppedByPerson = 2
    }

    package var reason: Reason
    /// The name of the window as the schedule's rules give it; nil when it ended outside of any.
    package var window: String?

    package init(reason: Reason, window: String?) {
        self.reason = reason
        self.window = window
    }
}
