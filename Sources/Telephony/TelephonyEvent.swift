import DialerModel

import struct Foundation.UUID

/// What a driver reports.
package enum TelephonyEvent: Sendable, Equatable {
    /// The PBX became usable: logged in, booted, and `liveCalls` tells which of our calls it still carries (every other dialing sent
    /// there before has ended unseen).
    case ready(liveCalls: [LiveCall])
    /// The PBX cannot be used any more; calls in progress may go on unseen until the next ``ready(liveCalls:)``.
    case lost(reason: String)
    /// Something happened to one of our dialings.
    case call(UUID, CallEvent)
    /// A queue's members or callers changed; the whole picture after the change.
    case queue(QueueSnapshot)
}
