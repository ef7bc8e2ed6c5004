import DialerModel
import DialerStore
import Telephony

import struct Foundation.UUID

extension DialerEngine: EngineControl {
    package func nudge(campaign: UUID) {
        // Whoever nudges may have changed what the campaign refers to.
        self.supervisor.inbox.note(.everything)
    }

    package func hangUp(dialing: UUID) async throws(EngineError) {
        guard let desk = await self.context.desk(tracking: dialing) else {
            let name = try? await self.context.store.engineName(ofDialing: dialing)
            guard let name, name != self.context.leases.name else { throw .notFound }
            throw .wrongState("the engine \(name) follows the call; ask that one")
        }
        try await desk.hangUp(dialing)
    }

    package func liveState(of dialing: UUID) async -> LiveDialingState? {
        for desk in self.context.desks {
            if let state = await desk.liveState(of: dialing) { return state }
        }
        return nil
    }

    package func liveStatistics(of campaign: UUID) async -> CampaignLiveStatistics? {
        let load = self.context.ledger.load(of: campaign)
        guard await self.supervisor.isSupervising(campaign) || !load.isEmpty else { return nil }
        var statistics = CampaignLiveStatistics()
        statistics.inProgress = load.inProgress
        statistics.ringing = load.unanswered
        statistics.waiting = load.answered + load.waiting
        statistics.connected = load.connected
        statistics.pacingState = load.pacingState
        if let figures = self.context.abandonment.figures(of: campaign, at: self.context.clock.now()) {
            statistics.day = figures.day
            statistics.thirtyDays = figures.thirtyDays
        }
        guard let queue = await self.supervisor.assignment(of: campaign)?.pool.queue else { return statistics }
        for desk in self.context.desks {
            guard let snapshot = desk.driver.queue(named: queue) else { continue }
            statistics.agents = (statistics.agents ?? 0) + snapshot.members.count
            statistics.agentsIdle = (statistics.agentsIdle ?? 0) + snapshot.idleMembers
            statistics.agentsTalking = (statistics.agentsTalking ?? 0) + snapshot.members.count { $0.state == .talking }
            statistics.agentsPaused = (statistics.agentsPaused ?? 0) + snapshot.members.count { $0.isPaused }
        }
        return statistics
    }

    package func reserve(campaign: UUID, for target: String?) async throws(EngineError) -> DialListEntry? {
        try await self.runner(of: campaign).reserve(for: target)
    }

    package func dialReserved(campaign: UUID, entry: UUID) async throws(EngineError) -> Dialing {
        try await self.runner(of: campaign).dialReserved(entry)
    }

    package func releaseReserved(campaign: UUID, entry: UUID) async throws(EngineError) {
        let isReleased: Bool
        do throws(StoreError) {
            isReleased = try await self.context.store.release(entry: entry, campaign: campaign)
        } catch {
            throw .store(error)
        }
        guard isReleased else { throw .notFound }
    }

    package func health() async -> [ComponentHealth] {
        var health: [ComponentHealth] = []
        do throws(StoreError) {
            try await self.context.store.ping()
            let trouble = self.context.writer.trouble
            health.append(ComponentHealth(component: "postgresql", isHealthy: trouble == nil, detail: trouble))
        } catch {
            health.append(ComponentHealth(component: "postgresql", isHealthy: false, detail: "\(error)"))
        }
        var lines: [ComponentHealth] = []
        for desk in self.context.desks { lines.append(await desk.health) }
        // While another PBX carries calls, one that does not is no reason to send clients away.
        let isOptional = lines.contains(where: \.isHealthy)
        for index in lines.indices { lines[index].isOptional = isOptional }
        health += lines
        health.append(self.resultsHealth)
        if let spool = self.spoolHealth { health.append(spool) }
        return health
    }

    private func runner(of campaign: UUID) async throws(EngineError) -> CampaignRunner {
        if let runner = await self.supervisor.runner(of: campaign) { return runner }
        guard await self.supervisor.isSupervising(campaign) else {
            let name = try? await self.context.store.engineName(ofCampaign: campaign)
            if let name, name != self.context.leases.name {
                throw .wrongState("the engine \(name) works for the campaign; ask that one")
            }
            throw .wrongState("the campaign is not started; set its status to 1 first")
        }
        throw .wrongState("the campaign is not started yet, or is being stopped; try again when its status is 1")
    }
}
