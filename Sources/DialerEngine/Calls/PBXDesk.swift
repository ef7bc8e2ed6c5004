import DequeModule
import DialerModel
import DialerStore
import Logging
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
    let limits: DialingStateMachine.Limits
    /// The PBXs trunks are pinned to.
    private let pins: [String: String]

    var calls: [UUID: TrackedCall] = [:]
    /// Between a handled `ready` and a handled `lost`.
    var isUp = false
    var lostReason: String?
    var isClosed = false
    var outbox: Deque<UUID> = []
    var hangUps: Deque<UUID> = []
    var moves: Deque<(dialing: UUID, detour: Detour)> = []
    var deadlines = CallDeadlines()
    var nextReconcile: Duration?

    nonisolated let orderWaits = Signal()
    nonisolated let hangUpWaits = Signal()
    nonisolated let moveWaits = Signal()
    nonisolated let reconcileWaits = Signal()
    nonisolated let alarm: Alarm

    /// How long a call sent may be unknown to a PBX that is asked: an accepted request makes its channel a moment later.
    static let sendingTime = Duration.seconds(5)
    /// How many events pass between two reports of how many wait; a power of two less one.
    static let eventsPerReport = 63
    /// The pause between two questions whether a call still exists.
    static let confirmTime = Duration.seconds(3)

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
        self.pins = Dictionary(
            configuration.trunks.compactMap { trunk in trunk.pbx.map { (trunk.name, $0) } },
            uniquingKeysWith: { first, _ in first })
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
            if let trunk = call.seat.trunk, let pinned = self.pins[trunk], pinned != self.name {
                // An edit came between the grant and the claim.
                self.fail(call, reason: "The plan's trunk was changed to one of \(pinned) before the call was sent.")
                continue
            }
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
                self.hangUpSoon(call)
            }
        }
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

    /// How the PBX stands; the engine says whether it can do without.
    var health: ComponentHealth {
        let component = "asterisk:\(self.name)"
        guard self.isUp, self.driver.isReady else {
            let detail = "not connected\(self.lostReason.map { ": \($0)" } ?? "")"
            return ComponentHealth(component: component, isHealthy: false, detail: detail)
        }
        let heldBack = self.ledger.heldBack(pbx: self.name)
        let words = heldBack.map { state in
            state.trunk.map { "calls by the trunk \($0) meet congestion" } ?? "its calls meet congestion"
        }
        return ComponentHealth(
            component: component, isHealthy: !heldBack.contains { $0.trunk == nil },
            detail: words.isEmpty ? nil : words.joined(separator: "; "))
    }
}
