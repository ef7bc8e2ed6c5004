import DialerModel

import struct Foundation.UUID

/// What the control surface may ask of a running engine.
///
/// What is the work of another engine on the same database is asked of that one, and throws ``EngineError/engineSilent(name:)`` when it
/// does not answer.
package protocol EngineControl: Sendable {
    /// Tells the engine that a campaign changed in the store, so that it reacts at once instead of at the next notification.
    func nudge(campaign: UUID)

    /// Hangs a call up, ringing or answered. Returns once the PBX has accepted; the result is written when the call ends.
    ///
    /// - Throws: ``EngineError``: `notFound` when no such call is in progress, `pbxUnavailable` when its PBX cannot be reached.
    func hangUp(dialing: UUID) async throws(EngineError)

    /// How far a call got, fresher than the stored row; nil when nobody follows it, or another engine does and does not answer.
    func liveState(of dialing: UUID) async -> LiveDialingState?

    /// The same, without asking another engine: for many calls at a time.
    func ownState(of dialing: UUID) async -> LiveDialingState?

    /// What a campaign does at this moment; nil when nobody runs it, or another engine does and does not answer.
    func liveStatistics(of campaign: UUID) async -> CampaignLiveStatistics?

    /// Reserves the next contact of a preview campaign for an agent.
    ///
    /// - Returns: nil when nobody is due.
    func reserve(campaign: UUID, for target: String?) async throws(EngineError) -> DialListEntry?

    /// Dials a reserved contact.
    func dialReserved(campaign: UUID, entry: UUID) async throws(EngineError) -> Dialing

    /// Gives a reserved contact back undialed.
    func releaseReserved(campaign: UUID, entry: UUID) async throws(EngineError)

    /// The state of every part the engine depends on, for the readiness check.
    func health() async -> [ComponentHealth]
}
