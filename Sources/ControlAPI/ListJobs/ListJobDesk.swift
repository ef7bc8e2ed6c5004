import DialerModel
import DialerStore
import Logging
import ServiceLifecycle

import struct Foundation.UUID

/// Works on the jobs of lists, a step of each in turn, and keeps the counts of lists short.
///
/// All it knows it reads from the database: jobs another process made, and those a stop interrupted, go on here. Two desks on one
/// database do not get into each other's way.
struct ListJobDesk: Service {
    private let jobs: ListJobRepository
    private let counts: ListCountRepository
    private let logger: Logger
    private let interval: Duration

    /// - Parameter interval: How long to wait while there is nothing to do.
    init(jobs: ListJobRepository, counts: ListCountRepository, logger: Logger, interval: Duration = .seconds(1)) {
        self.jobs = jobs
        self.counts = counts
        self.logger = logger
        self.interval = interval
    }

    /// Works until the service stops. Rests as long as it works, so that dialing has the database to itself half of the time.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            let clock = ContinuousClock()
            var isAway = false
            while !Task.isCancelled {
                let begin = clock.now
                var rest = self.interval
                do throws(StoreError) {
                    if try await self.turn() { rest = min(clock.now - begin, self.interval) }
                    if isAway { self.logger.notice("Work on lists goes on") }
                    isAway = false
                } catch {
                    if !isAway, !Task.isCancelled {
                        self.logger.warning("Work on lists has to wait", metadata: ["error": "\(error)"])
                    }
                    isAway = true
                }
                try? await clock.sleep(for: rest)
            }
        }
    }

    /// A step of every job that is not over.
    ///
    /// - Returns: Whether there is more to do at once.
    func turn() async throws(StoreError) -> Bool {
        var hasMore = try await self.counts.fold() >= ListCountRepository.foldedAtOnce
        let open = try await self.jobs.open()
        for job in open where try await self.step(job) { hasMore = true }
        return hasMore
    }

    private func step(_ job: UUID) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            guard let step = try await self.jobs.step(job) else { return false }
            if step.job.status.isOver {
                self.logger.info(
                    "A job of a list is over",
                    metadata: ["job": "\(job.wire)", "status": "\(step.job.status)", "changed": "\(step.job.changed)"]
                )
                try await self.jobs.forget()
            }
            return !step.job.status.isOver && !step.isHeldUp
        } catch {
            if case .unavailable = error { throw error }
            // It would fail again, and keep the list from every other job.
            self.logger.error("A job of a list failed", metadata: ["job": "\(job.wire)", "error": "\(error)"])
            _ = try await self.jobs.fail(job, message: APIError(error).message)
            return false
        }
    }
}
