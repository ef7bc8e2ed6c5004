import DialerModel

/// What a claim brought.
package struct Claim: Sendable, Hashable {
    /// The calls to place.
    package var dialings: [Dialing]
    /// Numbers that were due and are not dialed, because they are on the do-not-call list; their results are written.
    package var blocked: Int

    package init(dialings: [Dialing] = [], blocked: Int = 0) {
        self.dialings = dialings
        self.blocked = blocked
    }
}
