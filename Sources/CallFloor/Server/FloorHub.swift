import Chance
import Logging
import NIOCore

/// Owns the world and the sessions, and tells the one what the others want. Confined to one event loop, which is also every
/// session's, so nothing here needs a lock or a hop.
final class FloorHub {
    let configuration: CallFloorServer.Configuration
    let world: FloorWorld
    let logger: Logger
    private let eventLoop: NIOIsolatedEventLoop
    private let renderer = EventRenderer()
    private var log: FloorLog?

    private var sessions: [ObjectIdentifier: FloorSession] = [:]
    private var unauthenticated = 0
    /// What any session may want to hear; the rest isn't even written.
    private var interest: EventKinds = []
    private var scratch = ByteBuffer()

    private let opened: NIODeadline
    /// The wall clock, in seconds since 1970, when the floor opened.
    let epoch: Double
    private var manualTime: FloorTime = .zero
    private var wakeUp: Scheduled<Void>?
    private var wakeUpTime: NIODeadline?
    private var logFlush: Scheduled<Void>?
    private var isShutDown = false
    private var random: SplitMix64

    init(
        configuration: CallFloorServer.Configuration, log: FloorLog?, epoch: Double, eventLoop: any EventLoop,
        logger: Logger
    ) {
        var configuration = configuration
        configuration.world.epoch = Int64(epoch)
        configuration.world.speed = configuration.speed
        self.configuration = configuration
        self.world = FloorWorld(configuration: configuration.world)
        self.log = log
        self.logger = logger
        self.eventLoop = eventLoop.assumeIsolated()
        self.opened = .now()
        self.epoch = epoch
        self.random = SplitMix64(seed: configuration.world.seed ^ UInt64(bitPattern: Int64(epoch * 1e6)))
    }

    // MARK: Sessions

    /// Takes a session in, or not when too many are open that haven't logged in.
    func open(_ session: FloorSession) -> Bool {
        guard !self.isShutDown, self.unauthenticated < self.configuration.unauthenticatedLimit else { return false }
        self.sessions[ObjectIdentifier(session)] = session
        self.unauthenticated += 1
        return true
    }

    func close(_ session: FloorSession) {
        guard self.sessions.removeValue(forKey: ObjectIdentifier(session)) != nil else { return }
        if session.login != .done { self.unauthenticated -= 1 }
        self.interestChanged()
    }

    func authenticated() {
        self.unauthenticated -= 1
    }

    func interestChanged() {
        self.interest = self.sessions.values.reduce(into: []) { kinds, session in
            guard session.login == .done else { return }
            kinds.formUnion(session.certainKinds)
            kinds.formUnion(session.doubtfulKinds)
        }
    }

    func droppedSlowReader(unsentBytes: Int) {
        self.logger.notice("dropped a session that does not read", metadata: ["unsent_bytes": "\(unsentBytes)"])
    }

    /// A challenge for MD5 logins: nine digits, as Asterisk's.
    func makeChallenge() -> String {
        String(self.random.next() % 900_000_000 + 100_000_000)
    }

    // MARK: Time

    /// The floor's time at this moment.
    var floorTime: FloorTime {
        guard !self.configuration.isClockManual else { return self.manualTime }
        let nanoseconds = Double((NIODeadline.now() - self.opened).nanoseconds)
        return FloorTime(microseconds: Int64(nanoseconds * self.configuration.speed / 1000))
    }

    /// Seconds of the wall clock since 1970.
    var wallTime: Double { self.epoch + self.floorTime.seconds / self.configuration.speed }

    /// Moves a manual clock on.
    func advance(by time: FloorTime) {
        self.manualTime += time
        self.catchUp()
        self.settle()
    }

    /// Lets the world do what is due, and writes the events out for the sessions.
    func catchUp() {
        self.world.advance(to: self.floorTime)
        self.deliver()
    }

    /// Ends a turn: gives every session its bytes and sets the alarm for what comes next.
    func settle() {
        for session in self.sessions.values { session.flush() }
        self.setAlarm()
        if self.log != nil, self.logFlush == nil, !self.isShutDown {
            self.logFlush = self.eventLoop.scheduleTask(in: .milliseconds(20)) { [weak self] in
                self?.logFlush = nil
                self?.log?.flush()
            }
        }
    }

    private func setAlarm() {
        guard !self.configuration.isClockManual, !self.isShutDown, let next = self.world.nextEventTime else { return }
        let wall = TimeAmount.nanoseconds(Int64(Double(next.microseconds) * 1000 / self.configuration.speed))
        // A thousand turns a second are enough; what falls due within one is handled in its own order all the same.
        let deadline = max(self.opened + wall, .now() + .milliseconds(1))
        if let wakeUpTime, wakeUpTime <= deadline { return }
        self.wakeUp?.cancel()
        self.wakeUpTime = deadline
        self.wakeUp = self.eventLoop.scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            self.wakeUpTime = nil
            self.catchUp()
            self.settle()
        }
    }

    // MARK: Events

    /// Writes what has happened into the sessions' buffers and the log.
    func deliver() {
        for event in self.world.events {
            let kind = event.kind
            guard self.interest.contains(EventKinds(kind)) else { continue }
            self.scratch.clear()
            self.renderer.render(event, into: &self.scratch)
            self.send(kind)
        }
        self.world.events.removeAll(keepingCapacity: true)
        for record in self.world.records {
            self.log?.append(record, epoch: self.epoch, speed: self.configuration.speed)
        }
        self.world.records.removeAll(keepingCapacity: true)
    }

    /// Gives the event in the scratch buffer to whoever wants it.
    private func send(_ kind: EventKind) {
        for session in self.sessions.values where session.login == .done {
            if session.certainKinds.contains(EventKinds(kind)) {
                session.out.writeImmutableBuffer(self.scratch)
            } else if session.doubtfulKinds.contains(EventKinds(kind)),
                session.passes(kind, text: String(buffer: self.scratch))
            {
                session.out.writeImmutableBuffer(self.scratch)
            }
        }
    }

    // MARK: End

    /// Hangs up everything, says goodbye as Asterisk does, and closes the sessions and the log.
    func shutDown() -> EventLoopFuture<Void> {
        guard !self.isShutDown else { return self.eventLoop.nonisolated().makeSucceededVoidFuture() }
        self.catchUp()
        self.world.hangUpAll()
        self.deliver()
        self.isShutDown = true
        self.wakeUp?.cancel()
        self.logFlush?.cancel()
        self.scratch.clear()
        self.scratch.writeStaticString(
            "Event: Shutdown\r\nPrivilege: system,all\r\nShutdown: Cleanly\r\nRestart: False\r\n\r\n"
        )
        self.send(.shutdown)
        for session in self.sessions.values { session.closeAfterFlush() }
        return self.log?.close() ?? self.eventLoop.nonisolated().makeSucceededVoidFuture()
    }
}
