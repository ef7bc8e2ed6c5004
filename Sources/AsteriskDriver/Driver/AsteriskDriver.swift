import AsteriskManager
import DialerModel
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import Telephony

import struct Foundation.UUID

/// Telephony over Asterisk's manager interface.
///
/// Calls are placed by `Originate` with the dialing's uuid as `ChannelId`, so that every event of the call bears it. The driver keeps
/// what it needs to tell our events from everybody else's, and the picture of the queues; the meaning of a call's events together is
/// the engine's business.
package final class AsteriskDriver: TelephonyDriver {
    package let configuration: AsteriskServerConfiguration
    package let events: TelephonyEvents

    private let continuation: TelephonyEvents.Continuation
    let state: NIOLockedValueBox<DriverStateMachine>
    private let logger: Logger
    private let clock: AMIClock
    let client: AMIClient

    package init(
        configuration: AsteriskServerConfiguration,
        logger: Logger,
        clock: AMIClock = .continuous
    ) {
        var logger = logger
        logger[metadataKey: "pbx"] = "\(configuration.name)"
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
        (self.events, self.continuation) = TelephonyEvents.makeStream(capacity: configuration.eventCapacity)
        self.state = NIOLockedValueBox(
            DriverStateMachine(
                idPrefix: "sync-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))-",
                settings: QueueBoard.Settings(
                    wrapUp: configuration.queueWrapUp,
                    defaultWrapUp: configuration.defaultWrapUp,
                    countsUnknownAsIdle: configuration.countsUnknownAsIdle
                ),
                resyncInterval: configuration.resyncInterval,
                resyncTimeout: configuration.resyncTimeout
            )
        )
        let relay = Relay()
        self.client = AMIClient(configuration: configuration.client, handler: relay, logger: logger, clock: clock)
        relay.set(self)
    }

    package var name: String { self.configuration.name }

    package var limits: LineLimits { self.configuration.limits }

    package var isReady: Bool { self.state.withLockedValue { $0.isReady } && self.client.isReady }

    /// How many calls the driver keeps state for, ended ones of the last moments included.
    package var trackedCalls: Int { self.state.withLockedValue { $0.calls.count } }

    package func queue(named name: String) -> QueueSnapshot? {
        self.state.withLockedValue { $0.isReady ? $0.queues.snapshot(named: name) : nil }
    }

    // MARK: Life

    package func run() async throws {
        defer { self.continuation.finish() }
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.client.run() }
                group.addTask { try await self.keepTime() }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    /// Ends wrap-ups when they end, and checks the picture now and then.
    private func keepTime() async throws {
        let round = Duration.milliseconds(100)
        while true {
            let next = self.state.withLockedValue { $0.nextDeadline }
            let pause = next.map { max(.milliseconds(1), min(round, $0 - self.clock.now)) } ?? round
            try await self.clock.sleep(for: pause)
            let now = self.clock.now
            let (output, resync) = self.state.withLockedValue { state in
                let (output, resync) = state.tick(now: now)
                self.continuation.yield(contentsOf: output.events)
                return (output, resync)
            }
            self.perform(output)
            if let resync { self.post(resync) }
        }
    }

    // MARK: Orders

    package func originate(_ order: DialOrder) async throws(TelephonyError) {
        let dialplan = self.state.withLockedValue { $0.dialplan }
        let exten = dialplan.exten(for: order)
        let action = try OriginateAction.make(order, through: exten)
        let now = self.clock.now
        let (isReady, isWarned) = self.state.withLockedValue { state in
            guard state.isReady else { return (false, false) }
            // Before the write: the first events may be faster than its end.
            state.placed(order.dialing, actionID: order.actionID, hasDialplan: exten != nil, now: now)
            return (true, order.mayMove && !dialplan.holds(order) && state.placedUnmovable())
        }
        guard isReady else { throw .notReady }
        if isWarned {
            self.logger.warning(
                "calls are placed that cannot be diverted later",
                metadata: ["target": "\(order.target)", "remedy": "\(MoveDialplan.remedy)"]
            )
        }
        do {
            try await self.client.post(action, actionID: order.actionID)
        } catch {
            self.state.withLockedValue { $0.withdraw(order.dialing) }
            switch error {
            case .invalidAction(let error):
                throw .invalidOrder(
                    field: OriginateAction.field(ofHeader: error.header),
                    reason: String(describing: error)
                )
            default:
                throw .notReady
            }
        }
    }

    package func hangUp(_ dialing: UUID) async throws(TelephonyError) -> Bool {
        guard self.isReady else { throw .notReady }
        let (isLive, known) = self.state.withLockedValue { state in
            (state.calls.isLive(dialing), state.calls.channel(of: dialing))
        }
        var channel = isLive ? known : nil
        if channel == nil {
            channel = try await self.liveCalls().first { $0.dialing == dialing }?.channel
        }
        if channel == nil {
            // Placed a moment ago: its channel is hung up as soon as it is heard of.
            channel = self.state.withLockedValue { state -> String? in
                guard state.calls.isLive(dialing) else { return nil }
                if let known = state.calls.channel(of: dialing) { return known }
                state.hangUpWhenNamed(dialing)
                return nil
            }
            guard channel != nil else { return isLive }
        }
        guard let channel else { return false }
        do {
            _ = try await self.client.send(Self.hangUpAction(channel))
            return true
        } catch .refused {
            return false
        } catch {
            throw TelephonyError(error)
        }
    }

    package func follow(_ dialings: [UUID]) {
        let now = self.clock.now
        self.state.withLockedValue { $0.follow(dialings, now: now) }
    }

    package func liveCalls() async throws(TelephonyError) -> [LiveCall] {
        guard self.isReady else { throw .notReady }
        do {
            let list = try await self.client.send(AMIAction("CoreShowChannels"))
            return list.items.compactMap { item in
                let event = AMIChannelEvent(item)
                return event.isSecondLocalHalf ? nil : LiveCall(event)
            }
        } catch {
            throw TelephonyError(error)
        }
    }

    /// Closes the connection; ``run()`` makes another one.
    func dropConnection() { self.client.reconnect(because: "asked for") }

    private static func hangUpAction(_ channel: String) -> AMIAction {
        // 16, normal clearing: without a cause the channel's Hangup says 0.
        AMIAction("Hangup", headers: [("Channel", channel), ("Cause", "16")])
    }

    // MARK: What the client tells

    fileprivate func connected() {
        let now = self.clock.now
        self.post(self.state.withLockedValue { $0.connected(now: now) })
    }

    fileprivate func received(_ messages: [AMIMessage]) async {
        let now = self.clock.now
        let output = self.state.withLockedValue { state in
            let output = state.received(messages, now: now)
            // Under the lock, so that a timer's events keep their place; waiting for room comes after it.
            self.continuation.yield(contentsOf: output.events)
            return output
        }
        self.perform(output)
        await self.continuation.waitForRoom()
    }

    fileprivate func disconnected(_ error: AMIError) {
        self.state.withLockedValue { state in
            let output = state.disconnected(reason: String(describing: error))
            self.continuation.yield(contentsOf: output.events)
        }
    }

    private func post(_ resync: Resync) {
        do {
            for (action, id) in resync.actions { try self.client.enqueue(action, actionID: id) }
        } catch {
            self.client.reconnect(because: "the check of calls and queues could not be sent: \(error)")
        }
    }

    private func perform(_ output: DriverStateMachine.Output) {
        for channel in output.hangUps {
            try? self.client.enqueue(Self.hangUpAction(channel), actionID: "hangup-\(channel)")
        }
        for note in output.notes {
            self.logger.warning("Asterisk tells no queues", metadata: ["message": "\(note)"])
        }
        if let reason = output.reconnect {
            self.logger.error(
                "Asterisk's calls and queues cannot be read; the manager user needs write=reporting or system",
                metadata: ["reason": "\(reason)"]
            )
            self.client.reconnect(because: reason)
        }
    }
}

/// Hands the client's calls to the driver, which cannot be its own client's argument while it is being made.
private final class Relay: AMIClientHandler {
    private struct Target {
        /// The driver owns the client and the client this relay.
        weak var driver: AsteriskDriver?
    }

    private let target = NIOLockedValueBox(Target())

    func set(_ driver: AsteriskDriver) { self.target.withLockedValue { $0.driver = driver } }

    private var driver: AsteriskDriver? { self.target.withLockedValue { $0.driver } }

    func clientDidBecomeReady() async { self.driver?.connected() }

    func clientDidReceive(_ messages: [AMIMessage]) async { await self.driver?.received(messages) }

    func clientDidDisconnect(_ error: AMIError) async { self.driver?.disconnected(error) }
}

extension TelephonyError {
    init(_ error: AMIError) {
        switch error {
        case .notConnected: self = .notReady
        case .refused(let message): self = .refused(message)
        case .invalidAction(let error):
            self = .invalidOrder(field: error.header ?? "", reason: String(describing: error))
        case .timedOut, .connectionLost, .connectFailed, .notAnAsterisk, .loginRefused, .notReadyInTime, .unresponsive,
            .malformed, .listTooLong, .tooManyPendingActions, .md5Unavailable, .invalidTLS, .cancelled:
            self = .noAnswer
        }
    }
}
