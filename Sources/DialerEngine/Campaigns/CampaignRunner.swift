import CoreMetrics
import DialerModel
import DialerStore
import Logging
import Metrics
import Pacing
import Telephony

import struct Foundation.UUID

/// Dials one started campaign: at each event asks how many calls may be placed, claims that many contacts, and hands them to their PBX.
///
/// Nothing is polled: its ``signal`` is raised when an agent or a line is free, a result was written, or its resources changed; its alarm
/// when a contact falls due or the rate allows the next call. However many events come while a claim is under way, one look follows.
actor CampaignRunner {
    /// What the last look at the lists said.
    private enum List {
        /// Nothing is known against it having somebody due.
        case open
        /// Nobody is due: until something is written about the list (`version` changes), somebody falls due, or the next idle check.
        case dry(version: Int, due: Timestamp?)
    }

    nonisolated let uuid: UUID
    nonisolated let signal = Signal()
    private let context: EngineContext
    private let logger: Logger
    private let alarm: Alarm
    /// Tells the supervisor that no contact can be dialed any more.
    private let onListEnd: @Sendable () -> Void

    private(set) var assignment: CampaignAssignment
    private var list = List.open
    /// Uptime of the next look at the list without being told to.
    private var nextListCheck = Duration.zero
    private var nextClaim = Duration.zero
    private var retryDelay: Duration
    /// A claim failed and may have been committed all the same.
    private var isClaimUncertain = false
    private var manualClaims = 0
    /// Whether it is known how many calls were abandoned of late.
    private var isBookOpen = false
    private var isStopping = false
    /// Raised when ``run()`` is over.
    private nonisolated let ended = Signal()

    init(
        _ assignment: CampaignAssignment, context: EngineContext, onListEnd: @escaping @Sendable () -> Void
    ) {
        self.uuid = assignment.campaign.uuid
        self.assignment = assignment
        self.context = context
        self.onListEnd = onListEnd
        self.alarm = Alarm(clock: context.clock)
        self.retryDelay = context.configuration.retryDelay
        var logger = context.logger
        logger[metadataKey: "campaign"] = "\(assignment.campaign.uuid)"
        self.logger = logger
    }

    /// Dials until stopped or cancelled.
    func run() async {
        self.register()
        self.isBookOpen = !self.context.abandonment.retain(self.uuid)
        self.signal.raise()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.alarm.run { self.signal.raise() } }
            while !self.isStopping, !Task.isCancelled {
                await self.signal.wait()
                if self.isStopping || Task.isCancelled { break }
                await self.dial()
                self.alarm.set(at: self.context.clock.uptime() + self.context.configuration.idleCheckInterval)
            }
            group.cancelAll()
        }
        self.leave()
    }

    private func leave() {
        self.context.ledger.unregister(self.uuid)
        self.context.abandonment.release(self.uuid, isIdle: self.context.ledger.load(of: self.uuid).isEmpty)
        self.ended.raise()
    }

    /// No claim is begun any more; returns when the one under way is settled and its calls are with their desk.
    func stop() async {
        self.isStopping = true
        self.signal.raise()
        await self.ended.wait()
    }

    /// The campaign or something it refers to changed.
    func assign(_ assignment: CampaignAssignment) {
        guard assignment != self.assignment else { return }
        self.assignment = assignment
        self.list = .open
        self.nextListCheck = .zero
        if !self.isStopping { self.register() }
        self.signal.raise()
    }

    private func register() {
        let ratio = self.assignment.plan.pacingInForce == .ratio ? max(1, self.assignment.plan.pacingRatio) : 1
        self.context.ledger.register(
            self.uuid,
            runner: LedgerState.Runner(
                signal: self.signal, queue: self.assignment.pool.queue, lists: Set(self.assignment.lists.map(\.uuid)),
                ratio: ratio)
        )
    }

    // MARK: Dialing

    private func dial() async {
        let now = self.context.clock.uptime()
        guard await self.openBook(), await self.recoverClaims() else { return }
        guard self.mayDial else {
            // It takes no share of the agents; and by hand or not, a list can end.
            self.context.ledger.standBack(self.uuid)
            if self.assignment.plan.dialMode == .preview { _ = await self.hasDueContacts() }
            return
        }
        if now < self.nextClaim {
            self.alarm.set(at: self.nextClaim)
            return
        }
        guard await self.hasDueContacts() else {
            self.context.ledger.standBack(self.uuid)
            return
        }
        // The campaign may have been stopped while the database was asked.
        guard !self.isStopping, self.mayDial else { return }
        let demand = DialDemand(
            campaign: self.uuid,
            plan: self.assignment.plan,
            pool: self.assignment.pool,
            limit: self.context.configuration.claimBatch,
            queues: self.queues(),
            risk: self.risk()
        )
        let allowance = self.context.ledger.grant(demand)
        if let askAgainAt = allowance.askAgainAt { self.alarm.set(at: askAgainAt) }
        guard allowance.total > 0 else { return }
        await withTaskGroup(of: Void.self) { group in
            for grant in allowance.grants {
                group.addTask { await self.claim(grant, triggeredAt: allowance.triggeredAt) }
            }
        }
        if !self.assignment.isPaced {
            // A failed claim has asked for a longer pause.
            self.nextClaim = max(
                self.nextClaim,
                self.context.clock.uptime() + self.context.configuration.unpacedClaimInterval
            )
        }
        self.signal.raise()
    }

    /// Whether the plan dials by itself, and the schedule allows it at this very moment.
    private var mayDial: Bool {
        guard self.context.leases.isGood(self.assignment.leaseKey) else { return false }
        return switch self.assignment.plan.dialMode {
        case .predictive, .power, .robo: self.isScheduleOpen
        case .none, .preview, .redirect: false
        }
    }

    private var isScheduleOpen: Bool {
        self.assignment.schedule?.isOpen(at: self.context.clock.now()) ?? true
    }

    private func queues() -> [String: QueueSnapshot] {
        guard let queue = self.assignment.pool.queue else { return [:] }
        var snapshots: [String: QueueSnapshot] = [:]
        for desk in self.context.desks { snapshots[desk.name] = desk.driver.queue(named: queue) }
        return snapshots
    }

    private func risk() -> QueuePacing.Risk {
        let plan = self.assignment.plan
        let figures = self.context.abandonment.figures(of: self.uuid, at: self.context.clock.now())
        return QueuePacing.Risk(
            target: plan.abandonTarget,
            grace: plan.abandonGrace,
            windows: figures.map { figures in
                [figures.day, figures.thirtyDays].map { .init(live: $0.live, abandoned: $0.abandoned) }
            })
    }

    private func claim(_ grant: DialGrant, triggeredAt: Duration?) async {
        let assignment = self.assignment
        let queue = assignment.pool.queue
        let ledger = self.context.ledger
        guard let ticket = self.context.leases.beginClaim(assignment.leaseKey) else {
            ledger.settle(grant, dialings: [], campaign: self.uuid, queue: queue)
            return
        }
        // Until the calls are with their desk.
        defer { self.context.leases.endClaim(assignment.leaseKey, ticket) }
        let request = self.request(count: grant.count, pbx: grant.pbx, lease: ticket)
        let version = ledger.load(of: self.uuid).listVersion
        let start = self.context.clock.uptime()
        do throws(StoreError) {
            let claimed = try await self.context.store.claim(request)
            let dialings = claimed.dialings
            self.context.blocked(claimed.blocked)
            EngineMetrics.claimLatency.record(duration: self.context.clock.uptime() - start)
            EngineMetrics.claims.increment(by: dialings.count)
            self.retryDelay = self.context.configuration.retryDelay
            // Behind numbers on the do-not-call list others may be due.
            if dialings.count < grant.count, claimed.blocked == 0 {
                self.list = .dry(version: version, due: self.context.clock.now())
            }
            ledger.settle(grant, dialings: dialings, campaign: self.uuid, queue: queue)
            if !dialings.isEmpty {
                await self.context.desk(named: grant.pbx)?.place(
                    dialings, destinations: assignment.detourDestinations, triggeredAt: triggeredAt)
            }
        } catch {
            ledger.settle(grant, dialings: [], campaign: self.uuid, queue: queue)
            self.claimFailed(error)
        }
    }

    private func request(count: Int, pbx: String, lease: LeaseTicket) -> ClaimRequest {
        var request = ClaimRequest(
            campaign: self.uuid,
            plan: self.assignment.plan.uuid,
            destination: self.assignment.destination.uuid,
            lists: self.assignment.campaign.dialedLists,
            count: count,
            pbx: pbx,
            now: self.context.clock.now()
        )
        request.lease = lease
        return request
    }

    private func claimFailed(_ error: StoreError) {
        if case .leaseLost = error {
            // Nothing was claimed. The renewal says what is lost.
            self.context.leases.news.raise()
            self.backOff()
            return
        }
        EngineMetrics.claimFailures.increment()
        self.logger.error("claiming contacts failed", metadata: ["error": "\(error)"])
        self.isClaimUncertain = true
        self.backOff()
    }

    private func backOff() {
        self.nextClaim = self.context.clock.uptime() + self.retryDelay
        self.retryDelay = min(self.retryDelay * 2, self.context.configuration.longestRetryDelay)
        self.alarm.set(at: self.nextClaim)
    }

    // MARK: The list

    /// Whether somebody may be due. Asks the database only when the list was empty at the last look and something changed since, or nobody
    /// has looked for a while.
    private func hasDueContacts() async -> Bool {
        let load = self.context.ledger.load(of: self.uuid)
        let uptime = self.context.clock.uptime()
        switch self.list {
        case .open where uptime < self.nextListCheck:
            return true
        case .dry(let version, let due) where version == load.listVersion && uptime < self.nextListCheck:
            guard let due, due <= self.context.clock.now() else { return false }
        case .open, .dry:
            break
        }
        return await self.lookAtList(load)
    }

    private func lookAtList(_ load: LedgerState.Load) async -> Bool {
        let assignment = self.assignment
        let outlook: ListOutlook
        do throws(StoreError) {
            outlook = try await self.context.store.outlook(
                campaign: self.uuid, plan: assignment.plan.uuid, lists: assignment.lists.map(\.uuid))
        } catch {
            self.logger.error("looking at the list failed", metadata: ["error": "\(error)"])
            self.backOff()
            return false
        }
        let (now, uptime) = (self.context.clock.now(), self.context.clock.uptime())
        self.nextListCheck = uptime + self.context.configuration.idleCheckInterval
        if let due = outlook.nextDue, due <= now {
            // Due, and perhaps held by another campaign's claim at this moment: not again at once.
            if case .dry(_, let last?) = self.list, last <= now { self.nextClaim = uptime + .milliseconds(20) }
            self.list = .open
            return true
        }
        self.list = .dry(version: load.listVersion, due: outlook.nextDue)
        if let due = outlook.nextDue {
            self.alarm.set(at: self.context.clock.uptime(at: due))
        } else if !outlook.hasOpenContacts {
            self.onListEnd()
        } else if load.isEmpty {
            // Somebody is said to be dialed, and not by this engine's calls: a claim whose answer was lost, or another campaign.
            self.isClaimUncertain = true
        }
        return false
    }

    /// Reads how many calls were abandoned of late; nothing is dialed before that is known.
    private func openBook() async -> Bool {
        guard !self.isBookOpen else { return true }
        guard self.context.clock.uptime() >= self.nextClaim else {
            self.alarm.set(at: self.nextClaim)
            return false
        }
        do throws(StoreError) {
            let hours = try await self.context.store.answeredHours(of: [self.uuid])
            self.context.abandonment.fill(self.uuid, with: hours[self.uuid] ?? [])
            self.isBookOpen = true
            return true
        } catch {
            self.logger.error("reading the campaign's abandonment failed", metadata: ["error": "\(error)"])
            self.backOff()
            return false
        }
    }

    /// Ends dialings that were claimed in the database while the answer was lost: nobody will ever place them.
    ///
    /// - Returns: false when that could not be found out; then nothing may be claimed.
    private func recoverClaims() async -> Bool {
        guard self.isClaimUncertain, self.manualClaims == 0 else { return true }
        guard self.context.clock.uptime() >= self.nextClaim else {
            self.alarm.set(at: self.nextClaim)
            return false
        }
        do throws(StoreError) {
            try await self.context.endLostClaims(of: self.uuid)
            self.isClaimUncertain = false
            return true
        } catch {
            self.backOff()
            return false
        }
    }

    // MARK: By hand

    /// Reserves the next due contact for an agent's preview.
    func reserve(for target: String?) async throws(EngineError) -> DialListEntry? {
        try self.requirePreview()
        guard let pbx = self.nextPBX() ?? self.context.desks.first?.name else { return nil }
        let key = self.assignment.leaseKey
        let ticket = try self.beginClaim(key)
        defer { self.context.leases.endClaim(key, ticket) }
        let request = self.request(count: 1, pbx: pbx, lease: ticket)
        do throws(StoreError) {
            let reservation = try await self.context.store.reserve(
                request, target: target, until: self.context.clock.now() + self.context.configuration.reservationTime)
            self.context.blocked(reservation.blocked)
            return reservation.entry
        } catch {
            throw .store(error)
        }
    }

    /// Dials a reserved contact.
    func dialReserved(_ entry: UUID) async throws(EngineError) -> Dialing {
        try self.requirePreview()
        let ledger = self.context.ledger
        guard let pbx = self.nextPBX(), let desk = self.context.desk(named: pbx) else {
            throw .pbxUnavailable(name: self.context.desks.first?.name ?? "")
        }
        let key = self.assignment.leaseKey
        let ticket = try self.beginClaim(key)
        defer { self.context.leases.endClaim(key, ticket) }
        let queue = self.assignment.pool.queue
        let seat = CallSeat(campaign: self.uuid, pbx: pbx, trunk: self.assignment.plan.trunk, queue: queue)
        guard let grant = ledger.takeOne(seat) else { throw .atCapacity }
        self.manualClaims += 1
        defer {
            self.manualClaims -= 1
            if self.isStopping { self.signal.raise() }
        }
        let request = self.request(count: 1, pbx: pbx, lease: ticket)
        let claimed: Dialing?
        do throws(StoreError) {
            let claim = try await self.context.store.dialReserved(request, entry: entry)
            self.context.blocked(claim.blocked)
            claimed = claim.dialings.first
        } catch {
            ledger.settle(grant, dialings: [], campaign: self.uuid, queue: queue)
            self.claimFailed(error)
            throw .store(error)
        }
        ledger.settle(grant, dialings: claimed.map { [$0] } ?? [], campaign: self.uuid, queue: queue)
        guard let claimed else { throw .notFound }
        await desk.place([claimed], destinations: self.assignment.detourDestinations)
        return claimed
    }

    private func beginClaim(_ key: String) throws(EngineError) -> LeaseTicket {
        guard let ticket = self.context.leases.beginClaim(key) else {
            throw .wrongState("the campaign is being handed over to another engine; try again in a moment")
        }
        return ticket
    }

    private func nextPBX() -> String? {
        self.context.ledger.nextPBX(
            trunk: self.assignment.plan.trunk, queue: self.assignment.pool.queue,
            shownBy: Array(self.queues().keys))
    }

    private func requirePreview() throws(EngineError) {
        guard self.assignment.plan.dialMode == .preview else {
            throw .wrongState(
                "the campaign's plan dials by itself; set its dial_mode to 2 (preview) to reserve contacts")
        }
        guard !self.isStopping else { throw .wrongState("the campaign is being stopped; start it to reserve contacts") }
        guard self.isScheduleOpen else { throw .wrongState("the campaign's schedule allows no calls now") }
    }
}
