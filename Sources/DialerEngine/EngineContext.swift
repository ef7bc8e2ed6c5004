import CoreMetrics
import DialerModel
import DialerStore
import Logging

import struct Foundation.UUID

/// What the parts of one engine share.
struct EngineContext: Sendable {
    let store: any EngineStore
    let ledger: DialingLedger
    let leases: LeaseBook
    let writer: ResultWriter
    let answers: AnswerLog
    let exporter: ResultExporter
    let abandonment: AbandonBook
    /// In the order of the configuration.
    let desks: [PBXDesk]
    let clock: any EngineClock
    let configuration: EngineConfiguration
    let logger: Logger

    func desk(named name: String?) -> PBXDesk? {
        self.desks.first { $0.name == name }
    }

    /// Results of numbers on the do-not-call list were written.
    func blocked(_ count: Int) {
        guard count > 0 else { return }
        EngineMetrics.blocked.increment(by: count)
        self.exporter.rowsWritten()
    }

    /// The desk that follows a dialing; nil when none does.
    func desk(tracking dialing: UUID) async -> PBXDesk? {
        for desk in self.desks where await desk.isTracking(dialing) { return desk }
        return nil
    }

    /// Writes a result for every open dialing of the campaign that nobody follows: it was claimed while the answer got lost, so no call
    /// was placed and none will be.
    ///
    /// - Returns: How many of its dialings other engines follow.
    @discardableResult
    func endLostClaims(of campaign: UUID) async throws(StoreError) -> Int {
        let begin = self.clock.now()
        let fences = Set(self.leases.holder.fences)
        var elsewhere = 0
        for dialing in try await self.store.openDialings(of: campaign) {
            guard fences.contains(dialing.fence) else {
                elsewhere += 1
                continue
            }
            // A claim begin by hand meanwhile reaches its desk in a moment.
            guard dialing.createdAt < begin else { continue }
            guard await self.desk(tracking: dialing.uuid) == nil, !self.writer.holds(dialing.uuid) else { continue }
            var result = DialingResult(dialing: dialing.uuid, status: .requestFailed, endedAt: self.clock.now())
            result.dialResultDetail = "Never sent: the database's answer to the claim was lost."
            self.end(dialing, with: result)
        }
        return elsewhere
    }

    /// Writes a result for a dialing no desk follows.
    func end(_ dialing: Dialing, with result: DialingResult) {
        let seat = CallSeat(dialing, pbx: dialing.pbx ?? "")
        self.ledger.adopt(seat)
        self.ledger.end(seat, from: .unanswered)
        let line = ResultLine(dialing: dialing, result: result).bytes
        self.writer.enqueue(FinishedDialing(dialing: dialing, result: result, line: line))
        self.logger.warning(
            "ended a dialing nobody followed",
            metadata: [
                "dialing": "\(dialing.uuid)", "campaign": "\(dialing.campaign)", "pbx": "\(dialing.pbx ?? "")",
                "reason": "\(result.dialResultDetail ?? "")",
            ]
        )
    }
}
