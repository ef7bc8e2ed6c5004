/// The life of one campaign: requests, list end, schedule and calls in; a new status and things to do out.
///
/// Every input may come again: the machine looks at how things are, not at edges. The owner keeps ``Memory`` with the campaign, so that
/// a restart forgets nothing.
package struct CampaignStateMachine: Sendable, Hashable {
    /// What the machine remembers.
    package struct Memory: Sendable, Hashable {
        package var status: CampaignStatus
        /// The campaign stops because its list has nobody left, so its successor starts when the last call has ended.
        package var isEndedByList: Bool
        /// The schedule window in which the campaign ended by itself or was stopped by a person: the schedule does not start it again
        /// before the next one.
        package var heldWindow: String?

        package init(status: CampaignStatus, isEndedByList: Bool = false, heldWindow: String? = nil) {
            self.status = status
            self.isEndedByList = isEndedByList
            self.heldWindow = heldWindow
        }
    }

    /// What happens to a campaign.
    package enum Input: Sendable, Hashable {
        /// A person asks for a status.
        case requested(CampaignStatus)
        /// The campaign before this one reached its list's end.
        case predecessorEnded
        /// An engine has taken the campaign up and can dial.
        case takenUp
        /// Plan, destination or list is not set, does not exist or is deleted.
        case referenceMissing
        /// The plan's dial mode dials nothing.
        case nothingToDial
        /// No contact can ever be dialed again as things are.
        case listExhausted(ListEndHandling)
        /// No call of the campaign is in progress any more.
        case lastCallEnded
        /// The schedule allows calls.
        case scheduleOpen
        /// The schedule forbids calls.
        case scheduleClosed
        case deleted
    }

    /// What the owner has to do after ``handle(_:callsInProgress:window:)``, in order.
    package enum Effect: Sendable, Hashable {
        /// ``memory`` changed: store it.
        case store
        /// Hang every call of the campaign up.
        case hangUpAll
        /// Tell the campaign that `next_campaign` names: ``Input/predecessorEnded``.
        case startNext
    }

    package private(set) var memory: Memory
    /// No input means anything any more.
    package private(set) var isDeleted = false

    package init(_ memory: Memory) {
        self.memory = memory
    }

    package var status: CampaignStatus { self.memory.status }

    /// Whether new calls may be placed.
    package var mayDial: Bool { self.memory.status == .start && !self.isDeleted }

    /// Takes one input in.
    ///
    /// - Parameters:
    ///   - callsInProgress: the campaign's calls that have no result yet.
    ///   - window: the schedule window that is open now; nil when the schedule is closed or off.
    package mutating func handle(_ input: Input, callsInProgress: Int, window: String?) -> [Effect] {
        guard !self.isDeleted else { return [] }
        let before = self.memory
        var effects: [Effect] = []

        switch input {
        case .requested(let status):
            self.request(status, callsInProgress: callsInProgress, window: window, effects: &effects)
        case .predecessorEnded:
            switch self.memory.status {
            case .stop, .stopping: self.begin()
            case .start, .starting, .pause, .pausing, .stoppingForcedly: break
            }
        case .takenUp:
            if self.memory.status == .starting { self.memory.status = .start }
        case .referenceMissing, .nothingToDial:
            // Without the hold a schedule would start it again at once, for ever.
            self.endRun(isEndedByList: false, holding: window)
        case .listExhausted(.stop):
            self.endRun(isEndedByList: true, holding: window)
        case .listExhausted(.keep), .lastCallEnded:
            break
        case .scheduleOpen:
            if self.memory.status == .stop, let window, self.memory.heldWindow != window { self.begin() }
        case .scheduleClosed:
            self.endRun(isEndedByList: false, holding: self.memory.heldWindow)
        case .deleted:
            self.memory = Memory(status: .stop)
            self.isDeleted = true
            return before == self.memory ? [] : [.store]
        }

        if callsInProgress == 0 { self.settle(effects: &effects) }
        if before != self.memory { effects.insert(.store, at: 0) }
        return effects
    }

    // MARK: Transitions

    private mutating func request(
        _ requested: CampaignStatus,
        callsInProgress: Int,
        window: String?,
        effects: inout [Effect]
    ) {
        let current = self.memory.status
        let next = Self.status(afterRequest: requested, in: current)
        switch next {
        case .starting:
            self.begin()
        case .stopping, .stoppingForcedly:
            // Asked again, a forced stop hangs up again: a call may have slipped through.
            if next == .stoppingForcedly, requested == .stoppingForcedly, callsInProgress > 0 {
                effects.append(.hangUpAll)
            }
            self.memory.status = next
            self.memory.isEndedByList = false
            self.memory.heldWindow = window
        case .pausing, .pause:
            self.memory.status = next
            self.memory.isEndedByList = false
        case .stop:
            self.memory.heldWindow = window
        case .start:
            break
        }
    }

    /// The status a campaign in `current` has right after a person asked for `requested`; what the API stores before an engine takes over.
    ///
    /// Final states are asked for, never set: 1 goes through 11, 0 through 10, 2 through 12. A forced stop is only overridden by a start.
    package static func status(
        afterRequest requested: CampaignStatus,
        in current: CampaignStatus
    ) -> CampaignStatus {
        switch requested {
        case .start, .starting:
            current == .start ? .start : .starting
        case .stop, .stopping:
            switch current {
            case .stop, .stoppingForcedly: current
            case .start, .pause, .stopping, .starting, .pausing: .stopping
            }
        case .pause, .pausing:
            switch current {
            case .pause, .stoppingForcedly: current
            case .stop, .start, .stopping, .starting, .pausing: .pausing
            }
        case .stoppingForcedly:
            .stoppingForcedly
        }
    }

    private mutating func begin() {
        self.memory = Memory(status: .starting)
    }

    /// A running campaign stops; one that is not running is left alone.
    private mutating func endRun(isEndedByList: Bool, holding window: String?) {
        switch self.memory.status {
        case .start, .starting:
            self.memory = Memory(status: .stopping, isEndedByList: isEndedByList, heldWindow: window)
        case .stop, .pause, .stopping, .pausing, .stoppingForcedly:
            break
        }
    }

    /// Without calls in progress the states on the way arrive.
    private mutating func settle(effects: inout [Effect]) {
        switch self.memory.status {
        case .stopping:
            self.memory.status = .stop
            if self.memory.isEndedByList { effects.append(.startNext) }
            self.memory.isEndedByList = false
        case .stoppingForcedly:
            self.memory.status = .stop
        case .pausing:
            self.memory.status = .pause
        case .stop, .start, .pause, .starting:
            break
        }
    }
}
