import AsteriskManager
import DialerModel
import Telephony

import struct Foundation.UUID

/// Everything the driver knows, without I/O: calls, queues, and whether both agree with the server.
struct DriverStateMachine {
    private enum State {
        /// No connection.
        case away
        /// Connected; the server is telling what it carries.
        case synchronising
        /// Calls can be placed.
        case ready
    }

    /// What the owner has to do.
    struct Output {
        var events: [TelephonyEvent] = []
        /// Channels to hang up.
        var hangUps: [String] = []
        /// The connection is of no use; make another one.
        var reconnect: String?
        var notes: [String] = []
    }

    private let idPrefix: String
    private let resyncInterval: Duration
    private let resyncTimeout: Duration
    private var state = State.away
    private var resync: Resync?
    private var resyncCount = 0
    private var lastResync = Duration.zero
    private(set) var calls = CallBook()
    private(set) var queues: QueueBoard
    /// What the server has of the dialplan that lets calls be sent elsewhere.
    private(set) var dialplan = MoveDialplan()
    private var hasToldOfUnmovable = false

    /// - Parameter idPrefix: Begins the `ActionID`s of checks; nobody else may use it.
    init(idPrefix: String, settings: QueueBoard.Settings, resyncInterval: Duration, resyncTimeout: Duration) {
        self.idPrefix = idPrefix
        self.resyncInterval = resyncInterval
        self.resyncTimeout = resyncTimeout
        self.queues = QueueBoard(settings: settings)
    }

    var isReady: Bool {
        switch self.state {
        case .ready: true
        case .away, .synchronising: false
        }
    }

    // MARK: Orders

    mutating func placed(_ dialing: UUID, actionID: String, hasDialplan: Bool, now: Duration) {
        self.calls.placed(dialing, actionID: actionID, hasDialplan: hasDialplan, now: now)
    }

    /// A call that may have to be sent elsewhere is placed so that it cannot be.
    ///
    /// - Returns: Whether to say so: once for each connection.
    mutating func placedUnmovable() -> Bool {
        defer { self.hasToldOfUnmovable = true }
        return !self.hasToldOfUnmovable
    }

    mutating func withdraw(_ dialing: UUID) { self.calls.withdraw(dialing) }

    mutating func follow(_ dialings: [UUID], now: Duration) { self.calls.follow(dialings, now: now) }

    mutating func hangUpWhenNamed(_ dialing: UUID) { self.calls.hangUpWhenNamed(dialing) }

    // MARK: Connection

    /// - Returns: The check to post.
    mutating func connected(now: Duration) -> Resync {
        self.state = .synchronising
        return self.startResync(isInitial: true, now: now)
    }

    mutating func disconnected(reason: String) -> Output {
        var output = Output()
        switch self.state {
        case .ready: output.events.append(.lost(reason: reason))
        case .away, .synchronising: break
        }
        self.state = .away
        self.resync = nil
        self.hasToldOfUnmovable = false
        self.queues.forgetEverything()
        return output
    }

    private mutating func startResync(isInitial: Bool, now: Duration) -> Resync {
        self.resyncCount += 1
        self.lastResync = now
        let resync = Resync(prefix: "\(self.idPrefix)\(self.resyncCount)", isInitial: isInitial, startedAt: now)
        self.resync = resync
        return resync
    }

    // MARK: Time

    /// - Returns: Also a check to post, when one is due.
    mutating func tick(now: Duration) -> (output: Output, resync: Resync?) {
        var output = Output()
        self.calls.forget(now: now)
        self.queues.tick(now: now)
        var due: Resync?
        if let resync = self.resync {
            if now - resync.startedAt >= self.resyncTimeout {
                self.resync = nil
                output.reconnect = "the server did not tell its calls and queues in time"
            }
        } else {
            switch self.state {
            case .ready:
                if now - self.lastResync >= self.resyncInterval { due = self.startResync(isInitial: false, now: now) }
            case .away, .synchronising: break
            }
        }
        self.takeQueueChanges(into: &output)
        return (output, due)
    }

    /// When ``tick(now:)`` has something to do beyond its regular rounds.
    var nextDeadline: Duration? { self.queues.nextDeadline }

    // MARK: Messages

    mutating func received(_ messages: [AMIMessage], now: Duration) -> Output {
        var output = Output()
        for message in messages { self.received(message, now: now, into: &output) }
        self.calls.forget(now: now)
        self.takeQueueChanges(into: &output)
        return output
    }

    private mutating func received(_ message: AMIMessage, now: Duration, into output: inout Output) {
        if self.resync != nil {
            // Taken out of the optional and back, so that lists grow in place.
            let type = message.eventType
            if type != nil || !message.has("Event"), let progress = self.resync?.received(message, type: type) {
                switch progress {
                case .foreign: break
                case .taken: return
                case .complete:
                    self.finishResync(now: now, into: &output)
                    return
                case .refused(let reason):
                    self.resync = nil
                    output.reconnect = "the server refuses to list its channels: \(reason)"
                    return
                }
            }
        }
        guard let type = message.eventType else {
            if !message.has("Event"), let outcome = self.calls.answered(message, now: now) {
                output.events.append(.call(outcome.dialing, outcome.event))
            }
            return
        }
        if let outcome = self.calls.received(type, message, now: now) {
            output.events.append(.call(outcome.dialing, outcome.event))
            if let channel = outcome.hangUp { output.hangUps.append(channel) }
        }
        switch self.state {
        case .ready, .synchronising: self.queues.received(type, message, now: now)
        case .away: break
        }
    }

    private mutating func finishResync(now: Duration, into output: inout Output) {
        guard let resync = self.resync else { return }
        self.resync = nil
        if let seconds = resync.serverTime { self.queues.serverTime(seconds, now: now) }
        self.dialplan = resync.dialplan
        if let refusal = resync.queueRefusal {
            output.notes.append(refusal)
        } else {
            self.queues.replace(with: resync.queueItems, now: now)
        }
        if resync.isInitial {
            self.calls.reset(to: resync.liveCalls, now: now)
            self.state = .ready
            output.events.append(.ready(liveCalls: resync.liveCalls))
        } else {
            for dialing in self.calls.compare(with: resync.liveCalls, since: resync.startedAt, now: now) {
                output.events.append(.call(dialing, .vanished))
            }
        }
    }

    private mutating func takeQueueChanges(into output: inout Output) {
        guard self.isReady else { return }
        for snapshot in self.queues.takeChanges() { output.events.append(.queue(snapshot)) }
    }
}
