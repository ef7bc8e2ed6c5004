import DialerModel
import DialerStore
import Logging
import NIOConcurrencyHelpers

extension ResultWriter {
    /// Writes what the last process kept on the disk, before anybody looks at which dialings are open. What is committed already is
    /// passed over by the database, so this may be done again when it fails.
    ///
    /// - Parameter holder: Under which leases it may: those nobody has taken over from the last process.
    /// - Returns: the results the database refuses; they are still on the disk, and ``hold(_:)`` takes them.
    /// - Throws: ``StoreError`` while the database is away, ``ResultsFileError`` when the disk fails.
    func replay(by holder: LeaseHolder) async throws -> [FinishedDialing] {
        guard let spool = self.spool else { return [] }
        var refused: [FinishedDialing] = []
        var written = 0
        let reading = try await spool.read(batch: self.configuration.resultBatch) { batch in
            written += try await self.writeBack(batch, by: holder, refused: &refused)
        }
        guard reading != SpoolFile.Reading() else { return [] }
        if reading.isDamaged {
            let copy = try await spool.setAside(as: "damaged-\(self.clock.now().microseconds)")
            self.logger.error(
                "some of what the last process kept on the disk is damaged; those dialings end with status 10",
                metadata: [
                    "bytes": "\(reading.damagedBytes)", "unreadable": "\(reading.unreadable)", "file": "\(copy)",
                ])
        }
        if reading.tornBytes > 0 {
            self.logger.warning(
                "cut a torn last result off what was kept on the disk", metadata: ["bytes": "\(reading.tornBytes)"])
        }
        try await spool.replace(with: refused)
        self.logger.notice(
            "wrote the results the last process kept on the disk",
            metadata: ["results": "\(reading.records)", "missing_before": "\(written)"])
        return refused
    }

    /// Goes on trying to write results that ``replay(by:)`` gave back, and whose dialings this engine has taken over.
    func hold(_ refused: [FinishedDialing]) {
        guard !refused.isEmpty else { return }
        self.state.withLockedValue { state in
            state.book.adopt(refused)
            state.refused.append(contentsOf: refused.map(\.dialing))
        }
        self.refusedAlarm.set(at: self.clock.uptime() + self.configuration.longestRetryDelay)
    }

    private func writeBack(
        _ batch: [FinishedDialing], by holder: LeaseHolder, refused: inout [FinishedDialing]
    ) async throws -> Int {
        do throws(StoreError) {
            return try await self.store.finish(batch, by: holder)
        } catch {
            guard error.isRefusal else { throw error }
            if let only = batch.first, batch.count == 1 {
                self.logger.error(
                    "the database refuses a result; it is kept and tried again",
                    metadata: ["dialing": "\(only.dialing)", "campaign": "\(only.campaign)", "error": "\(error)"])
                refused.append(only)
                return 0
            }
            var written = 0
            for finished in batch { written += try await self.writeBack([finished], by: holder, refused: &refused) }
            return written
        }
    }
}
