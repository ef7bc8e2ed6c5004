import DialerModel
import DialerStore
import Logging

import struct Foundation.UUID

/// Moves campaigns from status to status and runs a ``CampaignRunner`` for each that is started.
///
/// It follows the store's changes, nudges, the ends of lists and calls, and the schedules' window edges; each time it looks at how things
/// are, never at what happened, so nothing is lost when two events come as one or one comes twice. A status changes in the store by
/// compare-and-set; a person's change in between wins and is looked at next.
actor CampaignSupervisor {
    nonisolated let inbox = SupervisorInbox()
    private let context: EngineContext
    private let logger: Logger
    private nonisolated let alarm: Alarm
    /// A list's order may have changed.
    private nonisolated let arranging = Signal()

    private var runners: [UUID: CampaignRunner] = [:]
    private var assignments: [UUID: CampaignAssignment] = [:]
    /// The last status seen of each campaign that is looked after.
    private var statuses: [UUID: CampaignStatus] = [:]
    /// Parsed schedules, kept while their text does not change.
    private var schedules: [UUID: (text: Schedule, rules: ScheduleRules?)] = [:]
    private var retryDelay: Duration
    private var isStopping = false
    private(set) var trouble: String?

    /// The longest chain of transitions one look can lead to: starting, start, stopping, stop, and one to see that nothing follows.
    private static let longestChain = 6

    init(context: EngineContext) {
        self.context = context
        self.logger = context.logger
        self.alarm = Alarm(clock: context.clock)
        self.retryDelay = context.configuration.retryDelay
    }

    /// Supervises until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.alarm.run { self.inbox.wake() } }
            group.addTask { await self.followChanges() }
            group.addTask { await self.arrangeLists() }
            self.inbox.wake()
            while !Task.isCancelled {
                await self.inbox.wait()
                if Task.isCancelled { break }
                await self.look(in: &group)
            }
            group.cancelAll()
        }
    }

    /// Stops every runner; returns when none claims any more.
    func stopRunners() async {
        self.isStopping = true
        // Taken out first: a runner is waited for once.
        let runners = Array(self.runners.values)
        self.runners = [:]
        await withTaskGroup(of: Void.self) { group in
            for runner in runners { group.addTask { await runner.stop() } }
        }
    }

    func runner(of campaign: UUID) -> CampaignRunner? { self.runners[campaign] }

    /// The campaign's resources while it is started; nil otherwise.
    func assignment(of campaign: UUID) -> CampaignAssignment? { self.assignments[campaign] }

    /// Whether this engine looks after the campaign.
    func isSupervising(_ campaign: UUID) -> Bool { self.statuses[campaign] != nil }

    /// The last call of a campaign has its result.
    nonisolated func callsDrained() {
        self.inbox.wake()
    }

    private func followChanges() async {
        while !Task.isCancelled {
            for await change in self.context.store.campaignChanges() {
                self.inbox.note(change)
                switch change {
                case .lease, .everything: self.context.leases.news.raise()
                case .campaign, .plan, .destination, .dlma: break
                }
            }
            // The stream ends with its connection pool; what was missed meanwhile is found by looking at everything.
            let clock = self.context.clock
            try? await clock.sleep(until: clock.uptime() + self.context.configuration.longestRetryDelay)
            self.inbox.note(.everything)
        }
    }

    /// Brings lists whose order changed into it, piece by piece, while everything else goes on. That the database fails is reported by
    /// the next look, which has it begin again.
    private func arrangeLists() async {
        while !Task.isCancelled {
            await self.arranging.wait()
            while !Task.isCancelled, (try? await self.context.store.rearrangeLists()) == true {}
        }
    }

    // MARK: Looking

    private func look(in group: inout DiscardingTaskGroup) async {
        guard !self.isStopping else { return }
        let news = self.inbox.take()
        self.arranging.raise()
        let clock = self.context.clock
        do throws(StoreError) {
            _ = try await self.context.store.releaseExpired(now: clock.now())
            _ = try await self.context.store.purgeDoNotCall(now: clock.now())
            let all = try await self.context.store.campaignsNeedingEngine()
            let states = all.filter { self.context.leases.isActive($0.leaseKey) }
            // Of some nobody may have the lease yet.
            if states.count < all.count { self.context.leases.news.raise() }
            await self.forget(except: Set(states.map(\.campaign.uuid)))
            for state in states {
                try await self.settle(
                    state,
                    isListEnded: news.listEnded.contains(state.campaign.uuid),
                    isResourceChanged: news.isResourceChanged,
                    in: &group
                )
            }
            self.trouble = nil
            self.retryDelay = self.context.configuration.retryDelay
            self.alarm.set(at: clock.uptime() + self.context.configuration.superviseInterval)
        } catch {
            if self.trouble == nil {
                self.logger.error("campaigns cannot be looked after", metadata: ["error": "\(error)"])
            }
            self.trouble = "\(error)"
            self.inbox.restore(news)
            self.alarm.set(at: clock.uptime() + self.retryDelay)
            self.retryDelay = min(self.retryDelay * 2, self.context.configuration.longestRetryDelay)
        }
    }

    /// Campaigns that were deleted, or stopped or paused without a schedule: their calls go on, nothing new begins.
    private func forget(except kept: Set<UUID>) async {
        for campaign in self.statuses.keys where !kept.contains(campaign) {
            await self.stopRunner(of: campaign)
            self.statuses[campaign] = nil
            self.schedules[campaign] = nil
        }
    }

    private func settle(
        _ found: CampaignState,
        isListEnded: Bool,
        isResourceChanged: Bool,
        in group: inout DiscardingTaskGroup
    ) async throws(StoreError) {
        let uuid = found.campaign.uuid
        var state = found
        var isListEnded = isListEnded
        let rules = self.rules(of: state.campaign)
        for _ in 0..<Self.longestChain {
            self.statuses[uuid] = state.campaign.status
            if state.campaign.status != .start { await self.stopRunner(of: uuid) }
            let now = self.context.clock.now()
            let window = rules?.windowID(at: now)
            guard
                let input = try await self.input(
                    to: state, rules: rules, window: window, isListEnded: isListEnded,
                    isResourceChanged: isResourceChanged)
            else { break }
            isListEnded = false
            guard let next = try await self.advance(state, by: input, window: window) else { break }
            state = next
        }
        if let change = rules?.nextChange(after: self.context.clock.now()) {
            self.alarm.set(at: self.context.clock.uptime(at: change))
        }
        if state.campaign.status == .start, let assignment = self.assignments[uuid] {
            await self.run(assignment, in: &group)
        }
    }

    /// What the campaign's state machine has to be told now; nil when it stays as it is.
    private func input(
        to state: CampaignState, rules: ScheduleRules?, window: String?, isListEnded: Bool, isResourceChanged: Bool
    ) async throws(StoreError) -> CampaignStateMachine.Input? {
        let campaign = state.campaign
        switch campaign.status {
        case .pause:
            return nil
        case .stop:
            return rules == nil ? nil : window == nil ? .scheduleClosed : .scheduleOpen
        case .starting, .start:
            if rules != nil, window == nil { return .scheduleClosed }
            guard
                let assignment = try await self.assignment(
                    for: state, rules: rules, isResourceChanged: isResourceChanged)
            else { return .referenceMissing }
            switch assignment.plan.dialMode {
            case .none, .redirect: return .nothingToDial
            case .predictive, .preview, .power, .robo: break
            }
            if campaign.status == .starting { return .takenUp }
            guard isListEnded else { return nil }
            // The runner may have looked at other lists, or somebody may have been added since.
            let outlook = try await self.context.store.outlook(
                campaign: campaign.uuid,
                plan: assignment.plan.uuid,
                lists: assignment.lists.map(\.uuid)
            )
            return outlook.hasOpenContacts ? nil : .listExhausted(assignment.plan.listEndHandling)
        case .stopping, .pausing, .stoppingForcedly:
            guard self.context.ledger.load(of: campaign.uuid).isEmpty else {
                if campaign.status == .stoppingForcedly {
                    for desk in self.context.desks { await desk.hangUpAll(of: campaign.uuid) }
                }
                return nil
            }
            // A claim whose answer was lost would otherwise stay open for ever.
            guard try await self.context.endLostClaims(of: campaign.uuid) == 0 else {
                // Its destination was another's a moment ago: those calls are the other lease's.
                self.alarm.set(at: self.context.clock.uptime() + .seconds(1))
                return nil
            }
            return self.context.ledger.load(of: campaign.uuid).isEmpty ? .lastCallEnded : nil
        }
    }

    /// Makes one transition in the store.
    ///
    /// - Returns: the campaign after it; nil when nothing changed.
    private func advance(
        _ state: CampaignState, by input: CampaignStateMachine.Input, window: String?
    ) async throws(StoreError) -> CampaignState? {
        let campaign = state.campaign
        var machine = CampaignStateMachine(Self.memory(of: state))
        // Only `lastCallEnded` leads to the end: it is told with the runner stopped and lost claims ended. Before that a claim may
        // be under way that nobody has counted yet.
        let effects = machine.handle(input, callsInProgress: input == .lastCallEnded ? 0 : 1, window: window)
        guard machine.status != campaign.status else { return nil }
        if machine.status != .start { await self.stopRunner(of: campaign.uuid) }
        // Before the campaign itself is stored as stopped: a crash between the two must not lose the successor.
        if effects.contains(.startNext), let next = campaign.nextCampaign {
            _ = try await self.context.store.setStatus(of: next, from: [.stop, .stopping], to: .starting, note: nil)
            self.inbox.wake()
        }
        let note = Self.note(for: machine, before: state, input: input, window: window)
        let changed = try await self.context.store.setStatus(
            of: campaign.uuid, from: [campaign.status], to: machine.status, note: note)
        guard let changed else {
            // Somebody else changed it in between.
            self.inbox.wake()
            return nil
        }
        self.logger.notice(
            "campaign status",
            metadata: [
                "campaign": "\(campaign.uuid)", "from": "\(campaign.status)", "to": "\(changed.status)",
                "because": "\(input)",
            ]
        )
        return CampaignState(
            campaign: changed, endNote: note ?? (machine.status == .starting ? nil : state.endNote),
            leaseKey: state.leaseKey)
    }

    private static func memory(of state: CampaignState) -> CampaignStateMachine.Memory {
        let isEnding = state.campaign.status == .stopping && state.endNote?.reason == .listEnd
        return CampaignStateMachine.Memory(
            status: state.campaign.status, isEndedByList: isEnding, heldWindow: state.endNote?.window)
    }

    /// Why the campaign ends, to be remembered; nil when it does not end or the reason is known.
    private static func note(
        for machine: CampaignStateMachine, before state: CampaignState, input: CampaignStateMachine.Input,
        window: String?
    ) -> CampaignEndNote? {
        switch input {
        case .listExhausted:
            return CampaignEndNote(reason: .listEnd, window: window)
        case .referenceMissing, .nothingToDial:
            return CampaignEndNote(reason: .stoppedByPerson, window: window)
        case .scheduleClosed:
            // No window: the next one starts it.
            return CampaignEndNote(reason: .stoppedByPerson, window: nil)
        case .lastCallEnded:
            guard machine.status == .stop, state.endNote == nil else { return nil }
            return CampaignEndNote(reason: .stoppedByPerson, window: window)
        case .requested, .predecessorEnded, .takenUp, .scheduleOpen, .deleted:
            return nil
        }
    }

    // MARK: Resources

    private func rules(of campaign: Campaign) -> ScheduleRules? {
        guard campaign.schedule.isOn else { return nil }
        if let known = self.schedules[campaign.uuid], known.text == campaign.schedule { return known.rules }
        var rules: ScheduleRules?
        do throws(ValidationError) {
            rules = try ScheduleRules(campaign.schedule)
        } catch {
            self.logger.error(
                "a schedule cannot be understood and is ignored",
                metadata: ["campaign": "\(campaign.uuid)", "error": "\(error.message)"]
            )
        }
        self.schedules[campaign.uuid] = (campaign.schedule, rules)
        return rules
    }

    /// The campaign's plan, destination and lists; nil when one is not set or not in use, or no list is.
    private func assignment(
        for state: CampaignState, rules: ScheduleRules?, isResourceChanged: Bool
    ) async throws(StoreError) -> CampaignAssignment? {
        let campaign = state.campaign
        let named = campaign.dialedLists
        guard let plan = campaign.plan, let destination = campaign.destination, !named.isEmpty else {
            self.assignments[campaign.uuid] = nil
            return nil
        }
        if !isResourceChanged, var known = self.assignments[campaign.uuid], known.plan.uuid == plan,
            known.destination.uuid == destination, known.campaign.dialedLists == named, known.leaseKey == state.leaseKey
        {
            known.campaign = campaign
            known.schedule = rules
            self.assignments[campaign.uuid] = known
            return known
        }
        var lists: [DialListMaster] = []
        for uuid in named {
            if let dlma = try await self.context.store.dlma(uuid) { lists.append(dlma) }
        }
        guard let plan = try await self.context.store.plan(plan),
            let destination = try await self.context.store.destination(destination),
            !lists.isEmpty
        else {
            self.assignments[campaign.uuid] = nil
            return nil
        }
        var assignment = CampaignAssignment(
            campaign: campaign, leaseKey: state.leaseKey, plan: plan, destination: destination, lists: lists,
            schedule: rules)
        for (detour, uuid) in plan.detours {
            assignment.detours[detour] = try await self.context.store.destination(uuid)
        }
        self.assignments[campaign.uuid] = assignment
        return assignment
    }

    // MARK: Runners

    private func run(_ assignment: CampaignAssignment, in group: inout DiscardingTaskGroup) async {
        // It may have been lost, or asked for, while the database was asked.
        guard self.context.leases.isActive(assignment.leaseKey) else { return }
        let uuid = assignment.campaign.uuid
        if let runner = self.runners[uuid] {
            await runner.assign(assignment)
            return
        }
        guard !self.isStopping else { return }
        let inbox = self.inbox
        let runner = CampaignRunner(assignment, context: self.context) { inbox.noteListEnd(of: uuid) }
        self.runners[uuid] = runner
        if assignment.pool == .nobody {
            self.logger.warning(
                "nothing is dialed: the destination is incomplete",
                metadata: ["campaign": "\(uuid)", "destination": "\(assignment.destination.uuid)"]
            )
        }
        group.addTask { await runner.run() }
    }

    private func stopRunner(of campaign: UUID) async {
        self.assignments[campaign] = nil
        guard let runner = self.runners.removeValue(forKey: campaign) else { return }
        await runner.stop()
    }
}
