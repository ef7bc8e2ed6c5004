import DialerModel
import NIOConcurrencyHelpers
import Telephony

import struct Foundation.UUID

/// Reads a driver's events and keeps them.
final class Listener: Sendable {
    private let kept = NIOLockedValueBox<[TelephonyEvent]>([])

    var events: [TelephonyEvent] { self.kept.withLockedValue { $0 } }

    func calls(_ dialing: UUID) -> [CallEvent] {
        self.events.compactMap { event in
            guard case .call(dialing, let call) = event else { return nil }
            return call
        }
    }

    var readyCount: Int { self.events.count { if case .ready = $0 { true } else { false } } }
    var lostCount: Int { self.events.count { if case .lost = $0 { true } else { false } } }

    func listen(to events: TelephonyEvents) async {
        for await event in events { self.kept.withLockedValue { $0.append(event) } }
    }
}
