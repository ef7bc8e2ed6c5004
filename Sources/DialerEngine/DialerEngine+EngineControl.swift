import DialerModel
import DialerStore
import Logging
import Telephony

import struct Foundation.UUID

extension DialerEngine: EngineControl {
    package func nudge(campaign: UUID) {
        // Whoever nudges may have changed what the campaign refers to.
        self.supervisor.inbox.note(.everything)
    }

    package func hangUp(dialing: UUID) async throws(EngineError) {
        guard let other = try await self.other(following: dialing) else { return try await self.ownHangUp(dialing) }
        _ = try await self.relay.ask(.hangUp(dialing: dialing), of: other, patience: self.orderPatience)
    }

    package func liveState(of dialing: UUID) async -> LiveDialingState? {
        if let state = await self.ownState(of: dialing) { return state }
        do throws(EngineError) {
            guard let other = try await self.other(following: dialing) else { return nil }
            let reply = try await self.relay.ask(
                .stateOfDialing(dialing), of: other, patience: self.questionPatience)
            if case .state(let state) = reply { return state }
        } catch {
            self.context.logger.debug(
                "another engine cannot be asked for a call", metadata: ["dialing": "\(dialing)", "error": "\(error)"])
        }
        return nil
    }

    package func liveStatistics(of campaign: UUID) async -> CampaignLiveStatistics? {
        if let statistics = await self.ownStatistics(of: campaign) { return statistics }
        do throws(EngineError) {
            guard let other = try await self.other(runningCampaign: campaign) else { return nil }
            let reply = try await self.relay.ask(
                .statisticsOfCampaign(campaign), of: other, patience: self.questionPatience)
            guard case .statistics(var statistics?) = reply else { return nil }
            statistics.isOwn = false
            return statistics
        } catch {
            self.context.logger.debug(
                "another engine cannot be asked for a campaign",
                metadata: ["campaign": "\(campaign)", "error": "\(error)"])
        }
        return nil
    }

    package func reserve(campaign: UUID, for target: String?) async throws(EngineError) -> DialListEntry? {
        guard let other = try await self.other(insteadOfRunning: campaign) else {
            return try await self.runner(of: campaign).reserve(for: target)
        }
        let reply = try await self.relay.ask(
            .reserve(campaign: campaign, target: target), of: other, patience: self.orderPatience)
        guard case .contact(let entry?) = reply else { return nil }
        return try await self.stored { () throws(StoreError) in try await self.context.store.entry(entry) }
    }

    package func dialReserved(campaign: UUID, entry: UUID) async throws(EngineError) -> Dialing {
        guard let other = try await self.other(insteadOfRunning: campaign) else {
            return try await self.runner(of: campaign).dialReserved(entry)
        }
        let reply = try await self.relay.ask(
            .dialReserved(campaign: campaign, entry: entry), of: other, patience: self.orderPatience)
        guard case .dialing(let uuid) = reply else { throw .engineSilent(name: other.name) }
        let dialing = try await self.stored { () throws(StoreError) in try await self.context.store.openDialing(uuid) }
        guard let dialing else {
            throw .wrongState("the contact was dialed, and the call \(uuid) has ended already; its result says how")
        }
        return dialing
    }

    package func releaseReserved(campaign: UUID, entry: UUID) async throws(EngineError) {
        let isReleased = try await self.stored { () throws(StoreError) in
            try await self.context.store.release(entry: entry, campaign: campaign)
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
}

// MARK: What is this engine's own

extension DialerEngine {
    /// Does what another engine asks; asks nobody else in its turn.
    func carryOut(_ order: EngineOrder) async -> EngineReply {
        do throws(EngineError) {
            switch order {
            case .hangUp(let dialing):
                try await self.ownHangUp(dialing)
                return .done
            case .stateOfDialing(let dialing):
                return .state(await self.ownState(of: dialing))
            case .statisticsOfCampaign(let campaign):
                return .statistics(await self.ownStatistics(of: campaign))
            case .reserve(let campaign, let target):
                return .contact(try await self.runner(of: campaign).reserve(for: target)?.uuid)
            case .makeRoom:
                let hasMade = try await self.stored { () throws(StoreError) in try await self.keeper.makeRoom() }
                return hasMade ? .done : .refused(.wrongState("a claim hangs in the database"))
            case .dialReserved(let campaign, let entry):
                return .dialing(try await self.runner(of: campaign).dialReserved(entry).uuid)
            }
        } catch {
            return .refused(.init(error))
        }
    }

    private func ownHangUp(_ dialing: UUID) async throws(EngineError) {
        guard let desk = await self.context.desk(tracking: dialing) else { throw .notFound }
        try await desk.hangUp(dialing)
    }

    package func ownState(of dialing: UUID) async -> LiveDialingState? {
        for desk in self.context.desks {
            if let state = await desk.liveState(of: dialing) { return state }
        }
        return nil
    }

    private func ownStatistics(of campaign: UUID) async -> CampaignLiveStatistics? {
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

    private func runner(of campaign: UUID) async throws(EngineError) -> CampaignRunner {
        if let runner = await self.supervisor.runner(of: campaign) { return runner }
        guard await self.supervisor.isSupervising(campaign) else {
            throw .wrongState("the campaign is not started; set its status to 1 first")
        }
        throw .wrongState("the campaign is being started or stopped; if it is started, try again in a moment")
    }
}

// MARK: Whose work it is

extension DialerEngine {
    private var orderPatience: Duration { self.context.configuration.orderPatience }
    private var questionPatience: Duration { self.context.configuration.questionPatience }

    /// Another engine that follows a call; nil when this one does, or none.
    private func other(following dialing: UUID) async throws(EngineError) -> EngineIdentity? {
        guard await self.context.desk(tracking: dialing) == nil else { return nil }
        return self.unlessOwn(
            try await self.stored { () throws(StoreError) in try await self.context.store.engine(ofDialing: dialing) })
    }

    /// Another engine that works for a campaign; nil when this one does, or none.
    private func other(runningCampaign campaign: UUID) async throws(EngineError) -> EngineIdentity? {
        self.unlessOwn(
            try await self.stored { () throws(StoreError) in try await self.context.store.engine(ofCampaign: campaign) }
        )
    }

    /// The same, without asking the database where this engine works for the campaign.
    private func other(insteadOfRunning campaign: UUID) async throws(EngineError) -> EngineIdentity? {
        if await self.supervisor.isSupervising(campaign) { return nil }
        return try await self.other(runningCampaign: campaign)
    }

    private func unlessOwn(_ engine: EngineIdentity?) -> EngineIdentity? {
        engine?.uuid == self.context.leases.engine ? nil : engine
    }

    private func stored<R>(_ body: () async throws(StoreError) -> R) async throws(EngineError) -> R {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw .store(error)
        }
    }
}
