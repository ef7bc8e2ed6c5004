import DialerModel

import struct Foundation.UUID

/// One PBX as the engine sees it. The engine knows no protocol: it places orders and reads events.
///
/// A driver connects, reconnects and keeps its picture of queues and calls current inside ``run()``; it ends when its task is
/// cancelled or the service shuts down.
package protocol TelephonyDriver: Sendable {
    /// The PBX's name from the configuration; unique within a service.
    var name: String { get }

    /// What the PBX may carry at once, and how fast calls may be placed.
    var limits: LineLimits { get }

    /// Everything that happens, in the order the PBX told it. One consumer; never drops an event: a consumer that falls behind
    /// makes the driver read slower.
    var events: TelephonyEvents { get }

    /// Whether calls can be placed now: connected, logged in, fully booted and resynchronised.
    var isReady: Bool { get }

    /// Connects and serves until cancelled.
    func run() async throws

    /// Asks the PBX to place one call. Returns once the request is on the wire; what becomes of it arrives as events.
    ///
    /// - Throws: ``TelephonyError`` when the order cannot be sent: then no call was placed. After a return, even if the connection
    ///   breaks at once, the call may exist: reconcile with ``liveCalls()`` before dialing the contact again.
    func originate(_ order: DialOrder) async throws(TelephonyError)

    /// Hangs a dialing's channel up, ringing or answered.
    ///
    /// - Returns: `false` when the PBX has no such call.
    func hangUp(_ dialing: UUID) async throws(TelephonyError) -> Bool

    /// Takes an answered call from where it is and sends it elsewhere. What becomes of it arrives as events.
    ///
    /// - Returns: `false` when the PBX has no such call.
    /// - Throws: ``TelephonyError/refused(_:)`` with the reason when the call cannot be sent there: then it stays where it is.
    func redirect(_ move: MoveOrder) async throws(TelephonyError) -> Bool

    /// Tells of calls another process placed: what becomes of them arrives as events from here on.
    func follow(_ dialings: [UUID])

    /// The calls of ours that live at the PBX now, asked from the PBX itself.
    func liveCalls() async throws(TelephonyError) -> [LiveCall]

    /// The current picture of a queue; `nil` when the PBX has no queue of that name or the driver is not ready.
    func queue(named name: String) -> QueueSnapshot?
}
