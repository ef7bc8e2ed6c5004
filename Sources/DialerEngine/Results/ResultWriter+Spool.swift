import DialerStore
import Logging
import Metrics
import NIOConcurrencyHelpers

extension ResultWriter {
    /// Why results cannot be put on the disk while they have to be; nil when all is well.
    var spoolTrouble: String? { self.state.withLockedValue { $0.spoolTrouble } }

    /// Puts everything that is not committed on the disk, and what comes from here on.
    ///
    /// - Returns: whether it is there; false too when the task is cancelled first.
    func secure() async -> Bool {
        self.beginSpooling()
        while !Task.isCancelled {
            let (isSafe, trouble) = self.state.withLockedValue { ($0.book.isAllOnDisk, $0.spoolTrouble) }
            if isSafe { return true }
            if self.spool == nil || trouble != nil { return false }
            self.moreToSpool.raise()
            await self.spoolTried.wait()
        }
        return self.state.withLockedValue { $0.book.isAllOnDisk }
    }

    /// The database does not take results promptly.
    func beginSpooling() {
        guard let spool = self.spool else { return }
        let count = self.state.withLockedValue { $0.book.begin() ? $0.book.count : nil }
        guard let count else { return }
        self.moreToSpool.raise()
        guard count > 0 else { return }
        self.logger.warning(
            "results are kept on the disk until the database takes them",
            metadata: ["results": "\(count)", "folder": "\(spool.folder)"])
    }

    /// Begins with the spool when a result has waited for too long.
    func lookForSlowness() {
        let oldest = self.state.withLockedValue { state in
            state.book.isSpooling ? nil : state.writingSince ?? state.waiting.first?.since
        }
        guard let oldest else { return }
        let due = oldest + self.configuration.spoolDelay
        if self.clock.uptime() >= due { self.beginSpooling() } else { self.slowAlarm.set(at: due) }
    }

    /// The one owner of the file while results are written.
    func spoolUntilCancelled(_ spool: SpoolFile) async {
        var delay = self.configuration.retryDelay
        while !Task.isCancelled {
            guard let work = self.state.withLockedValue({ $0.book.next() }) else {
                self.settledSpool()
                await self.moreToSpool.wait()
                continue
            }
            do {
                switch work {
                case .append(let batch): try await spool.append(batch)
                case .rewrite(let batch): try await spool.replace(with: batch)
                }
                self.spooled(work)
                delay = self.configuration.retryDelay
            } catch {
                self.state.withLockedValue { $0.book.failed(work) }
                if Task.isCancelled { return }
                self.reportSpool(error)
                try? await self.clock.sleep(until: self.clock.uptime() + delay)
                delay = min(delay * 2, self.configuration.longestRetryDelay)
            }
        }
    }

    private func spooled(_ work: SpoolBook.Work) {
        let count = self.state.withLockedValue { state in
            state.book.done(work)
            return state.book.countOnDisk
        }
        EngineMetrics.spooled.record(count)
        self.settledSpool()
        if case .rewrite(let left) = work, left.isEmpty {
            self.logger.notice("the database has every result that was kept on the disk")
        }
        self.spoolTried.raise()
    }

    /// The disk took something, or there is nothing it would have to take.
    private func settledSpool() {
        let wasInTrouble = self.state.withLockedValue { state in
            defer { state.spoolTrouble = nil }
            return state.spoolTrouble != nil
        }
        if wasInTrouble { self.logger.notice("nothing is missing on the disk any more") }
    }

    private func reportSpool(_ error: any Error) {
        let text = "\(error)"
        let isNew = self.state.withLockedValue { state -> Bool in
            defer { state.spoolTrouble = text }
            return state.spoolTrouble != text
        }
        if isNew {
            self.logger.error(
                "results cannot be kept on the disk and are in memory alone", metadata: ["error": "\(text)"])
        }
        self.spoolTried.raise()
    }
}
