import DialerModel
import NIOConcurrencyHelpers
import Telephony

import struct Foundation.UUID

/// A PBX whose every word the test writes. It outlives the engines that connect to it, as a real one does, and remembers what it was
/// asked: the independent witness of what was dialed.
package final class ScriptedPBX: Sendable {
    /// What the PBX does with an order by itself, after accepting it.
    package typealias Reaction = @Sendable (ScriptedPBX, DialOrder) -> Void

    private struct State {
        var orders: [DialOrder] = []
        var hangUps: [UUID] = []
        var moves: [MoveOrder] = []
        var moveRefusal: TelephonyError?
        var live: [UUID: LiveCall] = [:]
        var queues: [String: QueueSnapshot] = [:]
        var isUp = true
        var refusal: (@Sendable (DialOrder) -> TelephonyError?)?
        var reaction: Reaction?
        var sessions: [ObjectIdentifier: TelephonyEvents.Continuation] = [:]
        var mostLive = 0
    }

    package let name: String
    package let limits: LineLimits
    private let state: NIOLockedValueBox<State>

    package init(
        name: String = "pbx1",
        limits: LineLimits = LineLimits(maxCalls: 1000, maxCallsPerSecond: 100_000),
        queues: [QueueSnapshot] = [],
        reaction: Reaction? = nil
    ) {
        self.name = name
        self.limits = limits
        var state = State()
        state.reaction = reaction
        for queue in queues { state.queues[queue.name] = queue }
        self.state = NIOLockedValueBox(state)
    }

    // MARK: What it saw

    /// Every order it accepted, in order.
    package var orders: [DialOrder] { self.state.withLockedValue { $0.orders } }
    package var hangUps: [UUID] { self.state.withLockedValue { $0.hangUps } }
    /// Every move it was asked for, refused ones included.
    package var moves: [MoveOrder] { self.state.withLockedValue { $0.moves } }
    package var liveCalls: [LiveCall] { self.state.withLockedValue { Array($0.live.values) } }
    /// The most calls it ever carried at once.
    package var mostLive: Int { self.state.withLockedValue { $0.mostLive } }
    package var isUp: Bool { self.state.withLockedValue { $0.isUp } }

    package func queue(named name: String) -> QueueSnapshot? {
        self.state.withLockedValue { $0.isUp ? $0.queues[name] : nil }
    }

    // MARK: What it does

    /// Refuses or fails the orders for which `refusal` returns an error.
    package func refuse(_ refusal: (@Sendable (DialOrder) -> TelephonyError?)?) {
        self.state.withLockedValue { $0.refusal = refusal }
    }

    /// Refuses or fails moves with that error; nil carries them out.
    package func refuseMoves(_ error: TelephonyError?) {
        self.state.withLockedValue { $0.moveRefusal = error }
    }

    package func react(_ reaction: Reaction?) {
        self.state.withLockedValue { $0.reaction = reaction }
    }

    /// Tells what happened to a call; its life at the PBX follows from it.
    package func tell(_ event: CallEvent, of dialing: UUID) {
        self.state.withLockedValue { state in
            switch event {
            case .originateResponse(answered: true, _, let channel):
                state.live[dialing] = LiveCall(dialing: dialing, channel: channel ?? "", isAnswered: true)
            case .originateResponse(answered: false, _, _), .originateRefused, .hangup(_, _, isPeerHalf: false):
                state.live[dialing] = nil
            default: break
            }
            Self.send(.call(dialing, event), state)
        }
    }

    /// Changes a queue and tells it.
    package func setQueue(_ snapshot: QueueSnapshot) {
        self.state.withLockedValue { state in
            state.queues[snapshot.name] = snapshot
            Self.send(.queue(snapshot), state)
        }
    }

    package func changeQueue(_ name: String, _ change: (inout QueueSnapshot) -> Void) {
        self.state.withLockedValue { state in
            var snapshot = state.queues[name] ?? QueueSnapshot(name: name)
            change(&snapshot)
            state.queues[name] = snapshot
            Self.send(.queue(snapshot), state)
        }
    }

    /// Breaks the connection; calls go on unseen.
    package func lose(_ reason: String = "connection reset") {
        self.state.withLockedValue { state in
            guard state.isUp else { return }
            state.isUp = false
            Self.send(.lost(reason: reason), state)
        }
    }

    /// The connection is back; whoever is connected learns which calls live.
    package func comeBack() {
        self.state.withLockedValue { state in
            guard !state.isUp else { return }
            state.isUp = true
            Self.send(.ready(liveCalls: Array(state.live.values)), state)
        }
    }

    /// A call ends and nobody is told.
    package func endUnseen(_ dialing: UUID) {
        self.state.withLockedValue { $0.live[dialing] = nil }
    }

    // MARK: Sessions

    func open(_ session: ScriptedTelephony, _ continuation: TelephonyEvents.Continuation) {
        self.state.withLockedValue { state in
            state.sessions[ObjectIdentifier(session)] = continuation
            if state.isUp { continuation.yield(.ready(liveCalls: Array(state.live.values))) }
        }
    }

    func close(_ session: ScriptedTelephony) {
        self.state.withLockedValue { $0.sessions[ObjectIdentifier(session)] = nil }
    }

    func originate(_ order: DialOrder) throws(TelephonyError) {
        let (error, reaction) = self.state.withLockedValue { state -> (TelephonyError?, Reaction?) in
            guard state.isUp else { return (.notReady, nil) }
            let error = state.refusal?(order)
            // A time-out says nothing: this PBX got the order all the same.
            if let error, error != .noAnswer { return (error, nil) }
            state.orders.append(order)
            state.live[order.dialing] = LiveCall(dialing: order.dialing, channel: order.channel, isAnswered: false)
            state.mostLive = max(state.mostLive, state.live.count)
            return (error, state.reaction)
        }
        reaction?(self, order)
        if let error { throw error }
    }

    func hangUp(_ dialing: UUID) throws(TelephonyError) -> Bool {
        let isUp = self.state.withLockedValue { state in
            state.hangUps.append(dialing)
            return state.isUp
        }
        guard isUp else { throw .notReady }
        guard self.state.withLockedValue({ $0.live[dialing] }) != nil else { return false }
        self.tell(.hangup(cause: 16, text: "Normal Clearing", isPeerHalf: false), of: dialing)
        self.tell(.originateResponse(answered: false, reason: 0, channel: nil), of: dialing)
        return true
    }

    /// Takes a waiting caller out of the queue, as a real PBX tells it.
    func redirect(_ move: MoveOrder) throws(TelephonyError) -> Bool {
        let (isUp, refusal, isLive) = self.state.withLockedValue { state in
            state.moves.append(move)
            return (state.isUp, state.moveRefusal, state.live[move.dialing] != nil)
        }
        guard isUp else { throw .notReady }
        if let refusal { throw refusal }
        guard isLive else { return false }
        self.tell(.leftQueueUnanswered(hold: .seconds(2)), of: move.dialing)
        return true
    }

    private static func send(_ event: TelephonyEvent, _ state: State) {
        // A connection that is down tells nothing but that it is down.
        if case .lost = event {} else if !state.isUp { return }
        for session in state.sessions.values { session.yield(event) }
    }
}
