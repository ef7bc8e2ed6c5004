import CoreMetrics
import DequeModule
import DialerModel
import DialerStore
import HeapModule
import Logging
import Metrics
import ServiceLifecycle
import Telephony

import struct Foundation.UUID

/// The desk of one PBX: sends its orders, follows its calls, and makes one result of each.
///
/// Everything that happens at a PBX is handled here in the order the driver told it, without leaving the actor; campaigns hear of it
/// through the ledger.
actor PBXDesk {
    nonisolated let name: String
    let driver: any TelephonyDriver
    let ledger: DialingLedger
    let leases: LeaseBook
    let writer: ResultWriter
    let answers: AnswerLog
    let abandonment: AbandonBook
    let clock: any EngineClock
    let configuration: EngineConfiguration
    let logger: Logger
    private let limits: DialingStateMachine.Limits

    var calls: [UUID: TrackedCall] = [:]
    /// Between a handled `ready` and a handled `lost`.
    private(set) var isUp = false
    private var lostReason: String?
    private var isClosed = false
    private var outbox: Deque<UUID> = []
    private var hangUps: Deque<UUID> = []
    var moves: Deque<(dialing: UUID, detour: Detour)> = []
    private var deadlines: Heap<CallDeadline> = []
    private var nextReconcile: Duration?

    private nonisolated let orderWaits = Signal()
    private nonisolated let hangUpWaits = Signal()
    nonisolated let moveWaits = Signal()
    private nonisolated let reconcileWaits = Signal()
    private nonisolated let alarm: Alarm

    /// How long a call sent may be unknown to a PBX that is asked: an accepted request makes its channel a moment later.
    private static let sendingTime = Duration.seconds(5)
    /// The pause between two questions whether a call still exists.
    private static let confirmTime = Duration.seconds(3)
    private static let parallelHangUps = 32

    init(
        driver: any TelephonyDriver,
        ledger: DialingLedger,
        leases: LeaseBook,
        writer: ResultWriter,
        answers: AnswerLog,
        abandonment: AbandonBook,
        clock: any EngineClock,
        configuration: EngineConfiguration,
        logger: Logger
    ) {
        self.name = driver.name
        self.driver = driver
        self.ledger = ledger
        self.leases = leases
        self.writer = writer
        self.answers = answers
        self.abandonment = abandonment
        self.clock = clock
        self.configuration = configuration
        var logger = logger
        logger[metadataKey: "pbx"] = "\(driver.name)"
        self.logger = logger
        self.limits = DialingStateMachine.Limits(margin: configuration.ringMargin)
        self.alarm = Alarm(clock: clock)
    }

    /// Serves until cancelled. Calls in progress stay at the PBX.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.runDriver() }
            group.addTask { await self.follow() }
            group.addTask { await self.sendOrders() }
            group.addTask { await self.sendHangUps() }
            group.addTask { await self.sendMoves() }
            group.addTask { await self.answerReconciles() }
            group.addTask { await self.alarm.run { await self.ring() } }
            await group.waitForAll()
        }
    }

    // MARK: What the engine asks for

    /// Takes over calls another process placed, one that is over or another engine's. The PBX, or the driver's next `ready`, tells which
    /// of them live.
    ///
    /// - Parameter destinations: Those the calls' plans may send them to.
    func restore(_ dialings: [Dialing], destinations: [UUID: Destination] = [:]) async {
        let now = self.clock.now()
        var found: [TrackedCall] = []
        for dialing in dialings {
            if let known = self.calls[dialing.uuid] {
                known.fence = dialing.fence
                continue
            }
            // Its order may have been sent a moment ago; before a start there was time enough.
            let sentAt = self.isUp ? self.clock.uptime() : self.clock.uptime() - Self.sendingTime
            let call = self.track(dialing, destinations: destinations, request: .sent(at: sentAt), now: now)
            found.append(call)
            call.machine.connectionLost()
            if let answeredAt = dialing.answeredAt {
                call.machine.restoreAnswer(at: answeredAt)
                call.pacing = PacingReporter(isAnswered: true)
            }
            self.ledger.adopt(call.seat)
            if dialing.answeredAt == nil { self.ledger.tell([.placed], of: dialing.uuid, at: call.seat) }
        }
        guard self.isUp, !found.isEmpty else { return }
        await self.lookFor(found)
    }

    /// Asks a PBX that has been there all along about calls taken over. One it does not know yet may be on its way.
    private func lookFor(_ taken: [TrackedCall]) async {
        self.driver.follow(taken.map(\.dialing.uuid))
        for call in taken { call.isMissing = true }
        self.reconcile(in: Self.sendingTime)
        guard let liveCalls = try? await self.driver.liveCalls(), self.isUp else { return }
        let live = Dictionary(liveCalls.map { ($0.dialing, $0) }, uniquingKeysWith: { first, _ in first })
        let now = self.clock.now()
        for call in taken where self.calls[call.dialing.uuid] === call {
            guard let found = live[call.dialing.uuid] else { continue }
            call.isMissing = false
            self.apply(
                call.machine.callIsLive(channel: found.channel, isAnswered: found.isAnswered, at: now), to: call,
                event: nil)
        }
    }

    /// Follows calls under some leases no more: they are another engine's.
    func forget(fences: Set<Int64>) {
        for call in Array(self.calls.values) where fences.contains(call.fence) {
            self.calls[call.dialing.uuid] = nil
            self.answers.forget(call.dialing.uuid)
            if self.ledger.forget(call.seat, from: call.phase, dlma: call.dialing.dlma) {
                self.abandonment.drained(call.seat.campaign)
            }
        }
    }

    /// Whether calls under some leases are claimed and not sent yet.
    func isWaiting(toSend fences: Set<Int64>) -> Bool {
        self.calls.values.contains { $0.request == .waiting && fences.contains($0.fence) }
    }

    /// Places claimed calls. Their lines are taken already.
    ///
    /// - Parameter destinations: Those the calls' plans may send them to.
    func place(_ dialings: [Dialing], destinations: [UUID: Destination] = [:], triggeredAt: Duration? = nil) {
        let now = self.clock.now()
        for dialing in dialings {
            let call = self.track(dialing, destinations: destinations, request: .waiting, now: now)
            call.triggeredAt = triggeredAt
            guard !self.isClosed else {
                self.fail(call, reason: "The dialer was stopped before the call was sent.")
                continue
            }
            guard self.isUp else {
                self.fail(call, reason: "No connection to \(self.name)\(self.lostReason.map { ": \($0)" } ?? ".")")
                continue
            }
            self.outbox.append(dialing.uuid)
            self.schedule(call)
        }
        if !self.outbox.isEmpty { self.orderWaits.raise() }
    }

    /// Hangs one call up.
    func hangUp(_ dialing: UUID) async throws(EngineError) {
        guard let call = self.calls[dialing] else { throw .notFound }
        guard call.request != .waiting else {
            self.fail(call, reason: "Hung up before it was sent.")
            return
        }
        do throws(TelephonyError) {
            if try await !self.driver.hangUp(dialing) { self.hangUpLater(dialing) }
        } catch {
            throw .pbxUnavailable(name: self.name)
        }
    }

    /// Hangs every call of a campaign up.
    func hangUpAll(of campaign: UUID) {
        for call in Array(self.calls.values) where call.seat.campaign == campaign {
            if call.request == .waiting {
                self.fail(call, reason: "The campaign was stopped before the call was sent.")
            } else {
                self.hangUps.append(call.dialing.uuid)
            }
        }
        self.hangUpWaits.raise()
    }

    /// No call is placed from here on; those not sent yet get their result.
    func close() {
        self.isClosed = true
        for uuid in self.outbox {
            guard let call = self.calls[uuid], call.request == .waiting else { continue }
            self.fail(call, reason: "The dialer was stopped before the call was sent.")
        }
        self.outbox = []
    }

    func isTracking(_ dialing: UUID) -> Bool { self.calls[dialing] != nil }

    func liveState(of dialing: UUID) -> LiveDialingState? {
        guard let call = self.calls[dialing] else { return nil }
        return LiveDialingState(
            status: call.machine.status,
            channel: call.machine.channel,
            dialResult: call.machine.answeredAt == nil ? 0 : 4,
            hangupCause: 0,
            updatedAt: call.updatedAt
        )
    }

    var health: ComponentHealth {
        let isHealthy = self.isUp && self.driver.isReady
        let detail = isHealthy ? nil : "not connected\(self.lostReason.map { ": \($0)" } ?? "")"
        return ComponentHealth(component: "asterisk:\(self.name)", isHealthy: isHealthy, detail: detail)
    }

    // MARK: The driver

    private func runDriver() async {
        var delay = self.configuration.retryDelay
        while !Task.isCancelled {
            do {
                try await self.driver.run()
                if Task.isCancelled || Task.isShuttingDownGracefully { return }
                self.logger.error("the driver ended by itself and is started again")
            } catch {
                if Task.isCancelled || Task.isShuttingDownGracefully { return }
                self.logger.error("the driver failed and is started again", metadata: ["error": "\(error)"])
            }
            try? await self.clock.sleep(until: self.clock.uptime() + delay)
            delay = min(delay * 2, self.configuration.longestRetryDelay)
        }
    }

    private func follow() async {
        for await event in self.driver.events {
            if Task.isCancelled { return }
            switch event {
            case .ready(let liveCalls): self.ready(liveCalls)
            case .lost(let reason): self.lost(reason)
            case .call(let dialing, let event): self.handle(event, of: dialing)
            case .queue(let snapshot): self.ledger.queueChanged(snapshot, pbx: self.name)
            }
        }
    }

    private func ready(_ liveCalls: [LiveCall]) {
        let live = Dictionary(liveCalls.map { ($0.dialing, $0) }, uniquingKeysWith: { first, _ in first })
        var ended = 0
        let now = self.clock.now()
        self.isUp = true
        self.lostReason = nil
        for call in Array(self.calls.values) {
            guard case .sent(let sentAt) = call.request else { continue }
            if let found = live[call.dialing.uuid] {
                call.isMissing = false
                self.apply(
                    call.machine.callIsLive(channel: found.channel, isAnswered: found.isAnswered, at: now), to: call,
                    event: nil)
            } else if self.clock.uptime() - sentAt < Self.sendingTime {
                // Sent over the connection that has just come, maybe after the PBX was asked.
                call.isMissing = true
                self.reconcile(in: Self.sendingTime)
            } else {
                ended += 1
                self.apply(call.machine.handle(.vanished, at: now), to: call, event: nil)
            }
        }
        let unknown = live.keys.count { self.calls[$0] == nil }
        self.logger.notice(
            "PBX ready",
            metadata: ["live_calls": "\(live.count)", "ended_unseen": "\(ended)", "not_ours": "\(unknown)"]
        )
        self.ledger.setUp(true, pbx: self.name)
        self.reconcile(in: self.configuration.reconcileInterval)
        self.orderWaits.raise()
    }

    private func lost(_ reason: String) {
        self.isUp = false
        self.lostReason = reason
        self.ledger.setUp(false, pbx: self.name)
        self.logger.log(
            level: Task.isShuttingDownGracefully ? .info : .warning, "PBX lost",
            metadata: ["reason": "\(reason)", "calls": "\(self.calls.count)"])
        self.outbox = []
        for call in Array(self.calls.values) {
            if call.request == .waiting {
                self.fail(call, reason: "The connection to \(self.name) was lost before the call was sent.")
            } else {
                call.machine.connectionLost()
                self.schedule(call)
            }
        }
    }

    private func handle(_ event: CallEvent, of dialing: UUID) {
        guard let call = self.calls[dialing] else { return }
        call.isMissing = false
        self.apply(call.machine.handle(event, at: self.clock.now()), to: call, event: event)
        if call.isUnwanted, case .channelCreated = event, self.calls[dialing] != nil {
            call.isUnwanted = false
            self.hangUps.append(dialing)
            self.hangUpWaits.raise()
        }
    }

    // MARK: Sending

    private func sendOrders() async {
        while !Task.isCancelled {
            guard let uuid = self.outbox.popFirst() else {
                await self.orderWaits.wait()
                continue
            }
            guard let call = self.calls[uuid], call.request == .waiting else { continue }
            guard self.driver.isReady else {
                self.fail(call, reason: "\(self.name) is not ready.")
                continue
            }
            guard self.leases.mayPlace(call.fence) else {
                // Another engine may work for the campaign by now; then it makes the result, and this one is refused.
                self.fail(call, reason: "The engine's lease on the campaign was over before the call was sent.")
                continue
            }
            let now = self.clock.uptime()
            call.request = .sent(at: now)
            if let triggeredAt = call.triggeredAt { EngineMetrics.reactionLatency.record(duration: now - triggeredAt) }
            do throws(TelephonyError) {
                try await self.driver.originate(DialOrder(call.dialing, mayMove: !call.detours.isEmpty))
                EngineMetrics.originates.increment()
            } catch {
                EngineMetrics.originateFailures.increment()
                self.originateFailed(call, error)
            }
        }
    }

    private func originateFailed(_ call: TrackedCall, _ error: TelephonyError) {
        guard self.calls[call.dialing.uuid] != nil else { return }
        self.logger.debug(
            "originate failed",
            metadata: ["dialing": "\(call.dialing.uuid)", "campaign": "\(call.seat.campaign)", "error": "\(error)"]
        )
        switch error {
        case .notReady:
            self.fail(call, reason: "\(self.name) is not ready.")
        case .invalidOrder(let field, let reason):
            self.fail(call, reason: "The order's \(field) may not be sent: \(reason)")
        case .refused(let text):
            self.apply(
                call.machine.handle(.originateRefused(message: text), at: self.clock.now()), to: call, event: nil)
        case .noAnswer:
            // The call may exist: only the PBX knows.
            call.isMissing = true
            self.reconcile(in: Self.sendingTime)
        }
    }

    private func sendHangUps() async {
        while !Task.isCancelled {
            guard !self.hangUps.isEmpty else {
                await self.hangUpWaits.wait()
                continue
            }
            let batch = self.hangUps.prefix(Self.parallelHangUps)
            self.hangUps.removeFirst(batch.count)
            await withTaskGroup(of: UUID?.self) { group in
                for uuid in batch {
                    group.addTask { [driver = self.driver] in
                        // A PBX that cannot be asked now tells its live calls when it is back.
                        let isKnown = (try? await driver.hangUp(uuid)) ?? true
                        return isKnown ? nil : uuid
                    }
                }
                for await unknown in group {
                    if let unknown { self.hangUpLater(unknown) }
                }
            }
        }
    }

    /// The PBX does not know the call (yet): hang it up when its channel comes, or end it when it never does.
    private func hangUpLater(_ dialing: UUID) {
        guard let call = self.calls[dialing] else { return }
        call.isUnwanted = true
        self.reconcile(in: Self.confirmTime)
    }

    // MARK: Time

    private func ring() {
        let uptime = self.clock.uptime()
        while let next = self.deadlines.min, next.at <= uptime {
            self.deadlines.removeMin()
            guard let call = self.calls[next.dialing], let deadline = call.deadline, deadline.uptime == next.at else {
                continue
            }
            call.deadline = nil
            // The wall clock may have been stepped; the time that passed is what counts.
            self.apply(call.machine.deadlineReached(at: max(self.clock.now(), deadline.wall)), to: call, event: nil)
        }
        if let next = self.deadlines.min { self.alarm.set(at: next.at) }
        guard let due = self.nextReconcile else { return }
        if due <= uptime {
            self.nextReconcile = nil
            self.reconcileWaits.raise()
        } else {
            self.alarm.set(at: due)
        }
    }

    private func schedule(_ call: TrackedCall) {
        guard let deadline = call.machine.deadline else {
            call.deadline = nil
            return
        }
        guard call.deadline?.wall != deadline else { return }
        let at = self.clock.uptime(at: deadline)
        call.deadline = (deadline, at)
        self.deadlines.insert(CallDeadline(at: at, dialing: call.dialing.uuid))
        self.alarm.set(at: at)
    }

    private func reconcile(in delay: Duration) {
        let at = self.clock.uptime() + delay
        guard self.nextReconcile.map({ at < $0 }) ?? true else { return }
        self.nextReconcile = at
        self.alarm.set(at: at)
    }

    private func answerReconciles() async {
        while !Task.isCancelled {
            await self.reconcileWaits.wait()
            if Task.isCancelled { return }
            await self.askForLiveCalls()
            self.reconcile(
                in: self.calls.values.contains { $0.isMissing }
                    ? Self.confirmTime : self.configuration.reconcileInterval)
        }
    }

    /// Asks the PBX which calls live. One it does not know twice in a row has ended unseen.
    private func askForLiveCalls() async {
        guard self.isUp, !self.calls.isEmpty else { return }
        let askedAt = self.clock.uptime()
        guard let liveCalls = try? await self.driver.liveCalls(), self.isUp else { return }
        let live = Dictionary(liveCalls.map { ($0.dialing, $0) }, uniquingKeysWith: { first, _ in first })
        let now = self.clock.now()
        for call in Array(self.calls.values) {
            guard case .sent(let sentAt) = call.request, askedAt - sentAt >= Self.sendingTime else { continue }
            if let found = live[call.dialing.uuid] {
                call.isMissing = false
                if found.isAnswered, call.machine.answeredAt == nil {
                    self.apply(
                        call.machine.callIsLive(channel: found.channel, isAnswered: true, at: now), to: call, event: nil
                    )
                }
            } else if call.isMissing {
                self.apply(call.machine.handle(.vanished, at: now), to: call, event: nil)
            } else {
                call.isMissing = true
            }
        }
    }

    // MARK: Following one call

    private func track(
        _ dialing: Dialing, destinations: [UUID: Destination], request: TrackedCall.Request, now: Timestamp
    ) -> TrackedCall {
        let call = TrackedCall(
            dialing: dialing,
            seat: CallSeat(dialing, pbx: self.name),
            machine: DialingStateMachine(dialing, at: now, limits: self.limits),
            detours: dialing.snapshot.plan.detours.compactMapValues { destinations[$0] },
            request: request,
            now: now
        )
        self.calls[dialing.uuid] = call
        return call
    }

    /// The call was never sent.
    private func fail(_ call: TrackedCall, reason: String) {
        self.apply(call.machine.requestFailed(reason: reason, at: self.clock.now()), to: call, event: nil)
    }

    private func apply(_ action: DialingStateMachine.Action?, to call: TrackedCall, event: CallEvent?) {
        self.book(call)
        switch action {
        case .finish(let result, let hangUp):
            if hangUp { self.hangUpSoon(call) }
            self.finish(call, result)
            return
        case .move(let detour):
            self.moves.append((call.dialing.uuid, detour))
            self.moveWaits.raise()
        case .dropMachine: self.hangUpSoon(call)
        case .update, nil: break
        }
        if action != nil {
            call.updatedAt = self.clock.now()
            if call.phase == .unanswered, let answeredAt = call.machine.answeredAt {
                EngineMetrics.answered.increment()
                self.answers.note(call.dialing.uuid, answeredAt: answeredAt)
            }
        }
        let phase = call.phase(after: event)
        // Before the phase: the campaigns it wakes are to find the pacing up to date.
        self.tellPacing(call, phase: phase, event: event)
        if phase != call.phase {
            self.ledger.move(call.seat, from: call.phase, to: phase)
            call.phase = phase
        }
        self.schedule(call)
    }

    private func tellPacing(_ call: TrackedCall, phase: CallPhase, event: CallEvent?) {
        guard call.seat.queue != nil else { return }
        let progress = call.pacing.progress(
            phase: phase, event: event, outcome: call.bookedOutcome, needsAgentAtOnce: call.needsAgentAtOnce,
            isTurnedAway: call.isTurnedAway)
        self.ledger.tell(progress, of: call.dialing.uuid, at: call.seat)
    }

    private func hangUpSoon(_ call: TrackedCall) {
        self.hangUps.append(call.dialing.uuid)
        self.hangUpWaits.raise()
    }

    /// Tells the campaign's abandonment what the call counts as, once that is certain.
    private func book(_ call: TrackedCall) {
        guard call.bookedOutcome == nil, let outcome = call.machine.outcome,
            let answeredAt = call.machine.result?.liveAnswerAt ?? call.machine.answeredAt
        else { return }
        call.bookedOutcome = outcome
        self.abandonment.record(outcome, of: call.seat.campaign, answeredAt: answeredAt)
    }

    private func finish(_ call: TrackedCall, _ result: DialingResult) {
        self.calls[call.dialing.uuid] = nil
        self.answers.forget(call.dialing.uuid)
        EngineMetrics.finished.increment()
        if result.isAbandoned { EngineMetrics.abandoned.increment() }
        let progress = call.pacing.end(
            isAnswered: result.isAnswered, dialResult: result.dialResult, outcome: call.bookedOutcome)
        self.ledger.tell(progress, of: call.dialing.uuid, at: call.seat)
        // The ledger first: it must count the result before the writer can report it written.
        self.ledger.end(call.seat, from: call.phase)
        let line = ResultLine(dialing: call.dialing, result: result).bytes
        self.writer.enqueue(FinishedDialing(dialing: call.dialing, result: result, line: line))
    }
}
