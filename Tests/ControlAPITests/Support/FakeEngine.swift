import DialerEngine
import DialerModel
import DialerStore
import NIOConcurrencyHelpers

import struct Foundation.UUID

/// An engine that remembers what it was asked and answers what a test prepared.
final class FakeEngine: EngineControl {
    struct Script: Sendable {
        var nudged: [UUID] = []
        var hungUp: [UUID] = []
        var reservedFor: [String?] = []
        var hangUpError: EngineError?
        var liveStates: [UUID: LiveDialingState] = [:]
        /// What another engine says when it is asked.
        var othersLiveStates: [UUID: LiveDialingState] = [:]
        var liveStatistics: [UUID: CampaignLiveStatistics] = [:]
        var reservation: Result<DialListEntry?, EngineError> = .success(nil)
        var dialing: Result<Dialing, EngineError> = .failure(.notFound)
        var releaseError: EngineError?
        var health: [ComponentHealth] = [ComponentHealth(component: "postgresql", isHealthy: true)]
    }

    private let box = NIOLockedValueBox(Script())

    var script: Script {
        get { self.box.withLockedValue { $0 } }
        set { self.box.withLockedValue { $0 = newValue } }
    }

    func nudge(campaign: UUID) {
        self.box.withLockedValue { $0.nudged.append(campaign) }
    }

    func hangUp(dialing: UUID) async throws(EngineError) {
        if let error = self.script.hangUpError { throw error }
        self.box.withLockedValue { $0.hungUp.append(dialing) }
    }

    func liveState(of dialing: UUID) async -> LiveDialingState? {
        self.script.liveStates[dialing] ?? self.script.othersLiveStates[dialing]
    }

    func ownState(of dialing: UUID) async -> LiveDialingState? { self.script.liveStates[dialing] }

    func liveStatistics(of campaign: UUID) async -> CampaignLiveStatistics? { self.script.liveStatistics[campaign] }

    func reserve(campaign: UUID, for target: String?) async throws(EngineError) -> DialListEntry? {
        self.box.withLockedValue { $0.reservedFor.append(target) }
        return try self.script.reservation.get()
    }

    func dialReserved(campaign: UUID, entry: UUID) async throws(EngineError) -> Dialing {
        try self.script.dialing.get()
    }

    func releaseReserved(campaign: UUID, entry: UUID) async throws(EngineError) {
        if let error = self.script.releaseError { throw error }
    }

    func health() async -> [ComponentHealth] { self.script.health }
}
