import DialerStore
import Logging

/// Room under the PBXs' limits for an engine that joins, or comes back after its leases were over.
extension LeaseKeeper {
    /// Whether the others may dial as if this engine were none.
    var isAbsent: Bool { self.absences != self.answeredAbsences }

    /// Has the others make room before anything is dialed here: told by the database alone, they might place calls above their new parts
    /// for a moment. One that does not answer is not waited for.
    func askForRoom() async throws(StoreError) {
        let (clock, relay, logger) = (self.context.clock, self.relay, self.logger)
        let patience = self.context.configuration.questionPatience
        let absences = self.absences
        let others = try await self.context.store.leasePicture().engines.filter {
            $0.isLive && $0.uuid != self.leases.engine
        }
        guard !others.isEmpty else {
            self.answeredAbsences = absences
            return
        }
        let end = clock.uptime() + patience
        while !relay.isOpen, clock.uptime() < end, !Task.isCancelled {
            try? await clock.sleep(until: clock.uptime() + .milliseconds(5))
        }
        await withTaskGroup(of: Void.self) { group in
            for other in others {
                group.addTask {
                    do throws(EngineError) {
                        let identity = EngineIdentity(uuid: other.uuid, name: other.name)
                        _ = try await relay.ask(.makeRoom, of: identity, patience: patience)
                    } catch {
                        logger.warning(
                            "another engine did not say that it has made room, and is not waited for",
                            metadata: ["engine": "\(other.name)"])
                    }
                }
            }
        }
        self.answeredAbsences = absences
    }

    /// Takes a part that leaves room to an engine that has just come, and waits until nothing granted before can become a call above it.
    ///
    /// - Returns: false when a claim hangs in the database.
    func makeRoom() async throws(StoreError) -> Bool {
        try await self.share()
        let (clock, ledger) = (self.context.clock, self.context.ledger)
        let end = clock.uptime() + self.context.configuration.handOverTime
        while !ledger.isPartSettled, clock.uptime() < end, !Task.isCancelled {
            try? await clock.sleep(until: clock.uptime() + .milliseconds(5))
        }
        return ledger.isPartSettled
    }
}
