import PostgresClient

import struct Foundation.UUID

extension ListJobRepository {
    /// What one step left.
    package struct Step: Sendable, Hashable {
        package var job: ListJob
        /// Only contacts are left that are in a call, shown to an agent, or locked: the next step should not come at once.
        package var isHeldUp: Bool
    }

    /// Does one step of a job: ``stepSize`` contacts in a transaction of their own.
    ///
    /// - Returns: nil when the job is over, or somebody else does a step of it.
    package func step(_ uuid: UUID, size: Int = Self.stepSize) async throws(StoreError) -> Step? {
        let rows = try await self.database.query(
            """
            SELECT o_is_held_up, \(unescaped: ListJob.columnList(prefix: "(o_job)."))
            FROM step_list_job(\(uuid), \(max(size, 1))::integer)
            """
        )
        guard let row = rows.first else { return nil }
        return try Database.decoding { () throws(PostgresError) in
            Step(job: try ListJob(row: row, from: 1), isHeldUp: try row.decode(Bool.self, at: 0))
        }
    }

    /// Does a small job to its end, as far as contacts need not be waited for; leaves a large one as it is.
    ///
    /// - Returns: The job as it stands then.
    package func hurry(_ job: ListJob) async throws(StoreError) -> ListJob {
        var job = job
        guard job.total <= Self.smallList else { return job }
        while !job.status.isOver, let step = try await self.step(job.uuid) {
            job = step.job
            if step.isHeldUp { break }
        }
        return job
    }

    /// Forgets jobs that ended a month ago.
    package func forget() async throws(StoreError) {
        try await self.database.execute("DELETE FROM list_job WHERE tm_end < clock_timestamp() - interval '30 days'")
    }
}
