import DialerModel
import DialerStore
import Logging

import struct Foundation.UUID

/// Keeps this engine's leases: says that it lives, takes over what it is given, hands over what others shall have, and sees to it that
/// every lease is held by somebody.
///
/// Renewing goes by itself: nothing else that takes its time may let the leases run out.
actor LeaseKeeper {
    let context: EngineContext
    private let inbox: SupervisorInbox
    let relay: EngineRelay
    let leases: LeaseBook
    let logger: Logger
    private nonisolated let renewNow = Signal()
    private nonisolated let work = Signal()
    private nonisolated let renewAlarm: Alarm
    private nonisolated let workAlarm: Alarm
    /// Raised when another engine has started under this one's name.
    nonisolated let replaced = Signal()
    private var lost: [HeldLease] = []
    /// The fences of leases whose calls are followed no more, and which the database has not given to their successors yet.
    private var forgotten: Set<Int64> = []
    /// Results of a former process which the database refuses for now, and whose dialings were not taken over yet.
    private var refused: [FinishedDialing] = []
    private var silence: SilenceWatch
    private(set) var trouble: String?
    /// Looks at who lives that were begun, and the latest of those whose part was taken.
    private var (looks, newestLook) = (0, 0)
    /// Others' calls keep this engine below its part.
    private var isShort = false
    /// How often the leases were over before they were renewed, and how many of these times others have made room since.
    var (absences, answeredAbsences) = (0, 0)
    /// The engine has said that it is over: it must not say again that it lives.
    private var isOver = false

    init(context: EngineContext, inbox: SupervisorInbox, relay: EngineRelay) {
        self.context = context
        self.inbox = inbox
        self.relay = relay
        self.leases = context.leases
        self.logger = context.logger
        self.silence = SilenceWatch(limit: context.configuration.leaseTime)
        self.renewAlarm = Alarm(clock: context.clock)
        self.workAlarm = Alarm(clock: context.clock)
    }

    // MARK: Start and end

    /// Takes results of a former process which the database refuses for now: whenever their dialings are taken over, these are what
    /// became of them.
    func keep(_ refused: [FinishedDialing]) {
        self.refused = refused
    }

    /// Registers the engine, and takes over what it gets: a former process's calls among it. May be done again when it fails.
    func begin() async throws(StoreError) {
        let configuration = self.context.configuration
        let isFirst = try await self.context.store.registerEngine(
            self.leases.name, self.leases.engine, lease: configuration.leaseTime)
        self.leases.registered(isFirst: isFirst)
        self.context.exporter.rowsWritten()
        try await self.renew()
        try await self.askForRoom()
        try await self.share()
        try await self.renew()
        try await self.takeOver()
    }

    /// Works until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.renewAlarm.run { self.renewNow.raise() } }
            group.addTask { await self.workAlarm.run { self.work.raise() } }
            group.addTask {
                while !Task.isCancelled {
                    await self.leases.news.wait()
                    self.renewNow.raise()
                    self.work.raise()
                }
            }
            group.addTask { await self.renewUntilCancelled() }
            group.addTask { await self.workUntilCancelled() }
            self.renewNow.raise()
            self.work.raise()
            await group.waitForAll()
        }
    }

    /// Lets others have the leases at once.
    func end() async {
        self.isOver = true
        try? await self.context.store.retireEngine(self.leases.engine)
    }

    // MARK: Renewing

    private func renewUntilCancelled() async {
        let (clock, configuration) = (self.context.clock, self.context.configuration)
        while !Task.isCancelled {
            await self.renewNow.wait()
            if Task.isCancelled || self.isOver { return }
            do throws(StoreError) {
                try await self.renew()
                if self.trouble != nil { self.logger.notice("the leases are renewed again") }
                self.trouble = nil
                // Over before the answer came, as when the machine stood still meanwhile: nothing is dialed until it is asked again.
                let isGood = self.leases.update { $0.isGood(at: clock.uptime()) }
                self.renewAlarm.set(at: clock.uptime() + (isGood ? configuration.heartbeatInterval : .zero))
            } catch .engineReplaced {
                if self.isOver { return }
                self.give(up: self.leases.update { $0.replaced() })
                self.logger.critical("another engine has started under this one's name; this one stops")
                self.replaced.raise()
                return
            } catch {
                if Task.isCancelled { return }
                if self.trouble == nil {
                    self.logger.error(
                        "the leases cannot be renewed; nothing is dialed once they are over",
                        metadata: ["error": "\(error)"])
                }
                self.trouble = "\(error)"
                self.renewAlarm.set(at: clock.uptime() + configuration.heartbeatInterval / 4)
            }
        }
    }

    private func renew() async throws(StoreError) {
        let now = self.context.clock.uptime()
        let held = try await self.context.store.renewLeases(
            self.leases.engine, lease: self.context.configuration.leaseTime)
        let wasGood = self.leases.update { $0.isGood(at: self.context.clock.uptime()) }
        if !wasGood {
            // Others may have taken its part of the lines meanwhile. Held before the leases are good again.
            self.absences += 1
            self.context.ledger.hold()
        }
        let (lost, hasWork) = self.leases.update { machine in
            (machine.renewed(held, requestedAt: now), !machine.takeovers.isEmpty || !machine.departures.isEmpty)
        }
        self.give(up: lost)
        if hasWork || !wasGood { self.work.raise() }
        if !wasGood { self.context.ledger.wakeAll() }
    }

    private func give(up lost: [HeldLease]) {
        guard !lost.isEmpty else { return }
        self.lost += lost
        self.logger.warning(
            "leases are lost: another engine works for these campaigns",
            metadata: ["leases": "\(lost.map(\.key).joined(separator: " "))"])
        self.work.raise()
    }

    // MARK: Taking over, handing over, sharing out

    private func workUntilCancelled() async {
        let (clock, configuration) = (self.context.clock, self.context.configuration)
        var delay = configuration.retryDelay
        while !Task.isCancelled {
            await self.work.wait()
            if Task.isCancelled || self.isOver { return }
            await self.letGo()
            do throws(StoreError) {
                try await self.takeOver()
                if self.isAbsent { try await self.askForRoom() }
                // Before anything is handed over: whoever gets it takes its part of the PBXs' limits at once.
                var next = try await self.share()
                if try await self.handOver() { next = try await self.share() }
                delay = configuration.retryDelay
                self.workAlarm.set(at: clock.uptime() + min(configuration.heartbeatInterval, next))
            } catch {
                // Renewing fails for the same reason, and says so.
                self.logger.debug("leases cannot be worked on", metadata: ["error": "\(error)"])
                self.workAlarm.set(at: clock.uptime() + delay)
                delay = min(delay * 2, configuration.longestRetryDelay)
            }
        }
    }

    /// Forgets the calls of leases that are lost: their results are others' to make.
    private func letGo() async {
        guard !self.lost.isEmpty else { return }
        let fences = Set(self.lost.map(\.fence))
        self.lost = []
        // Until it is known how many calls the others have now.
        self.context.ledger.hold()
        for desk in self.context.desks { await desk.forget(fences: fences) }
        self.inbox.wake()
    }

    /// Follows the calls that are open under leases this engine was given.
    private func takeOver() async throws(StoreError) {
        let takeovers = self.leases.update { $0.takeovers }
        guard !takeovers.isEmpty else { return }
        let context = self.context
        var fences = takeovers.map(\.fence)
        if takeovers.contains(where: { $0.key.isEmpty }) { fences.append(0) }
        let open = try await context.store.openDialings(fences: fences)
        // Before any of these calls can end: what is written later is told to the book.
        let campaigns = Set(open.map(\.campaign))
        let hours = try await context.store.answeredHours(of: Array(campaigns))
        var destinations: [UUID: Destination] = [:]
        for uuid in Set(open.flatMap { $0.snapshot.plan.detours.values }) {
            destinations[uuid] = try await context.store.destination(uuid)
        }
        for campaign in campaigns { context.abandonment.fill(campaign, with: hours[campaign] ?? []) }
        self.holdResults(among: open)
        await self.follow(open.filter { !context.writer.holds($0.uuid) }, destinations: destinations)
        self.leases.update { machine in
            for lease in takeovers { machine.tookOver(lease) }
        }
        if !open.isEmpty {
            self.logger.notice(
                "took over what was left open",
                metadata: [
                    "dialings": "\(open.count)", "leases": "\(takeovers.map(\.key).joined(separator: " "))",
                ])
        }
        self.inbox.wake()
    }

    /// Dialings whose results are known, and which the database refuses for now: nobody else is to end them.
    private func holdResults(among open: [Dialing]) {
        let known = Set(self.refused.map(\.dialing))
        let held = open.filter { known.contains($0.uuid) }
        for dialing in held {
            let seat = CallSeat(dialing, pbx: dialing.pbx ?? "")
            self.context.ledger.adopt(seat)
            self.context.ledger.end(seat, from: .unanswered)
        }
        let uuids = Set(held.map(\.uuid))
        self.context.writer.hold(self.refused.filter { uuids.contains($0.dialing) })
        self.refused.removeAll { uuids.contains($0.dialing) }
    }

    private func follow(_ open: [Dialing], destinations: [UUID: Destination]) async {
        for (pbx, dialings) in Dictionary(grouping: open, by: \.pbx) {
            if let desk = self.context.desk(named: pbx) {
                await desk.restore(dialings, destinations: destinations)
                continue
            }
            for dialing in dialings {
                var result = DialingResult(dialing: dialing.uuid, status: .error, endedAt: self.context.clock.now())
                result.dialResultDetail =
                    "The PBX \(pbx ?? "of this call") is not configured any more; what became of the call is not known."
                self.context.end(dialing, with: result)
            }
        }
    }

    /// Hands over what others shall have: no claim is begun any more, those under way are settled, what waits to be sent is sent, what
    /// ended is written; then the calls are the successor's.
    ///
    /// - Returns: Whether anything changed hands.
    private func handOver() async throws(StoreError) -> Bool {
        let departures = self.leases.update { $0.departures }
        // Others than these are lost, or handed over by an answer that did not come.
        self.forgotten.formIntersection(departures.map(\.lease.fence))
        guard !departures.isEmpty else { return false }
        // A result that cannot be written now could be written by nobody afterwards.
        guard self.context.writer.trouble == nil else { return false }
        let (clock, configuration) = (self.context.clock, self.context.configuration)
        self.inbox.wake()
        let patience = clock.uptime() + configuration.handOverTime
        let fences = Set(departures.map(\.lease.fence))
        while await !self.isSettled(fences), clock.uptime() < patience, !Task.isCancelled {
            try? await clock.sleep(until: clock.uptime() + .milliseconds(10))
        }
        guard self.leases.update({ machine in machine.departures.allSatisfy { $0.claims == 0 } }) else {
            // A claim hangs in the database: the next round tries again.
            self.work.raise()
            return false
        }
        // The lines of what is forgotten are in use still, and nothing else may take them.
        self.forgotten.formUnion(fences)
        self.context.ledger.hold()
        for desk in self.context.desks { await desk.forget(fences: fences) }
        await self.writeWhatEnded(until: clock.uptime() + configuration.handOverTime / 4)
        let kept = try await self.context.store.handOver(departures.map(\.lease))
        self.leases.update { machine in
            for departure in departures {
                if kept.contains(departure.lease.key) {
                    machine.kept(departure.lease)
                } else {
                    machine.handedOver(departure.lease)
                }
            }
        }
        self.logger.notice(
            "handed leases over",
            metadata: ["leases": "\(departures.map(\.lease.key).filter { !kept.contains($0) }.joined(separator: " "))"])
        self.forgotten.subtract(fences)
        if !kept.isEmpty { self.work.raise() }
        self.inbox.wake()
        return true
    }

    private func isSettled(_ fences: Set<Int64>) async -> Bool {
        guard self.leases.update({ machine in machine.departures.allSatisfy { $0.claims == 0 } }) else { return false }
        for desk in self.context.desks where await desk.isWaiting(toSend: fences) { return false }
        return true
    }

    /// Results under a lease that is gone are refused, and the successor could only say that their calls vanished.
    private func writeWhatEnded(until deadline: Duration) async {
        let context = self.context
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await context.answers.flush()
                await context.writer.flush()
            }
            group.addTask { try? await context.clock.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Takes this engine's part of the PBXs' limits.
    private func divide(_ picture: LeasePicture, live: [EngineRecord]) -> LedgerState.Part {
        let own = self.leases.engine
        var part = LedgerState.Part()
        part.place = live.firstIndex { $0.uuid == own } ?? 0
        part.count = max(1, live.count)
        part.isHeld = !self.forgotten.isEmpty || self.isAbsent || self.hasUntaken(picture)
        let calls = Dictionary(grouping: picture.calls.filter { $0.engine != own }, by: \.engine)
        for engine in Set(calls.keys).union(live.map(\.uuid)).subtracting([own]) {
            var other = LedgerState.Part.Other(place: live.firstIndex { $0.uuid == engine })
            for calls in calls[engine, default: []] {
                other.calls[calls.pbx, default: 0] += calls.count
                if let trunk = calls.trunk { other.trunkCalls[trunk, default: 0] += calls.count }
            }
            part.others.append(other)
        }
        return part
    }

    /// Whether the database has given this engine leases whose calls it does not follow yet.
    private func hasUntaken(_ picture: LeasePicture) -> Bool {
        self.leases.update { machine in
            picture.needs.contains { need in
                guard need.engine == self.leases.engine, let fence = need.fence else { return false }
                return !machine.follows(need.key, fence: fence)
            }
        }
    }

    /// Ends the leases of engines that were silent for as long as leases are good, by this engine's clock: PostgreSQL's was set back.
    ///
    /// - Returns: Whether there was one.
    private func endSilent(_ engines: [EngineRecord]) async throws(StoreError) -> Bool {
        let others = engines.filter { $0.isLive && $0.uuid != self.leases.engine }
        var ended = false
        for engine in self.silence.silent(among: others, at: self.context.clock.uptime()) {
            guard try await self.context.store.endEngine(engine.uuid, heldUntil: engine.heldUntil) else { continue }
            self.logger.warning("an engine is silent; its leases are over", metadata: ["engine": "\(engine.name)"])
            ended = true
        }
        return ended
    }

    /// Gives leases nobody holds to whom they are due, asks for others to be moved, and forgets those that cover nothing.
    ///
    /// - Returns: When to look again at the latest.
    @discardableResult
    func share() async throws(StoreError) -> Duration {
        let store = self.context.store
        self.looks += 1
        var look = self.looks
        var picture = try await store.leasePicture()
        if try await self.endSilent(picture.engines) {
            self.looks += 1
            look = self.looks
            picture = try await store.leasePicture()
        }
        let live = picture.engines.filter(\.isLive)
        let balance = LeaseBalance(picture)
        // Another look may have begun later and be over: then this one may not know of an engine that one has made room for.
        if look > self.newestLook {
            self.newestLook = look
            self.isShort = self.context.ledger.take(self.divide(picture, live: live))
        }
        if self.hasUntaken(picture) { self.renewNow.raise() }
        if try await store.assignLeases(balance.assignments) > 0 { self.renewNow.raise() }
        _ = try await store.nameSuccessors(balance.moves)
        let unused = picture.needs.filter { !$0.isUsed && $0.engine == self.leases.engine }
        try await store.dropLeases(unused.map(\.key), of: self.leases.engine)
        if unused.contains(where: { self.leases.isActive($0.key) }) { self.renewNow.raise() }
        let expiries = live.filter { $0.uuid != self.leases.engine }.compactMap(\.remaining)
        // A little later than it may be: it must be over when this engine looks.
        let expiry = (expiries.min() ?? .seconds(3600)) + .milliseconds(50)
        // Others' calls above their parts end at any moment.
        return self.isShort ? min(expiry, self.context.configuration.heartbeatInterval / 4) : expiry
    }
}
