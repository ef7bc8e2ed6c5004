import DialerModel

/// One contact a claim picked.
struct PickedContact: Sendable {
    /// The call that is to be placed, or would have been.
    var dialing: Dialing
    /// The snapshot's number in the database.
    var snapshot: Int64
    /// Whether the number is on the do-not-call list; then nothing is written yet.
    var isBlocked: Bool
}
