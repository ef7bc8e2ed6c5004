import DialerModel
import NIOConcurrencyHelpers
import Telephony

import struct Foundation.UUID

/// One engine's connection to a ``ScriptedPBX``: a driver double.
package final class ScriptedTelephony: TelephonyDriver {
    package let events: TelephonyEvents
    private let pbx: ScriptedPBX
    private let continuation: TelephonyEvents.Continuation
    private let isCut = NIOLockedValueBox(false)

    package init(_ pbx: ScriptedPBX) {
        self.pbx = pbx
        (self.events, self.continuation) = TelephonyEvents.makeStream()
    }

    package var name: String { self.pbx.name }
    package var limits: LineLimits { self.pbx.limits }
    package var isReady: Bool { !self.isCut.withLockedValue { $0 } && self.pbx.isUp }

    package func run() async throws {
        self.pbx.open(self, self.continuation)
        let (forever, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in forever {}
        self.pbx.close(self)
    }

    /// From here on nothing the engine says reaches the PBX, as if its process were dead.
    package func cut() {
        self.isCut.withLockedValue { $0 = true }
        self.pbx.close(self)
    }

    package func originate(_ order: DialOrder) async throws(TelephonyError) {
        if self.isCut.withLockedValue({ $0 }) { throw .notReady }
        try self.pbx.originate(order)
    }

    package func hangUp(_ dialing: UUID) async throws(TelephonyError) -> Bool {
        if self.isCut.withLockedValue({ $0 }) { throw .notReady }
        return try self.pbx.hangUp(dialing)
    }

    package func redirect(_ move: MoveOrder) async throws(TelephonyError) -> Bool {
        if self.isCut.withLockedValue({ $0 }) { throw .notReady }
        return try self.pbx.redirect(move)
    }

    /// It hears of every call anyway.
    package func follow(_ dialings: [UUID]) {}

    package func liveCalls() async throws(TelephonyError) -> [LiveCall] {
        guard self.isReady else { throw .notReady }
        return self.pbx.liveCalls
    }

    package func queue(named name: String) -> QueueSnapshot? { self.pbx.queue(named: name) }
}
