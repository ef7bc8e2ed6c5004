import struct Foundation.UUID

/// An answered call to send elsewhere.
package struct MoveOrder: Sendable, Hashable {
    package var dialing: UUID
    /// Where the call went at its answer, as its ``DialOrder`` said.
    package var origin: DialOrder.Target
    /// Where it goes now.
    package var target: DialOrder.Target

    package init(dialing: UUID, origin: DialOrder.Target, target: DialOrder.Target) {
        self.dialing = dialing
        self.origin = origin
        self.target = target
    }
}
