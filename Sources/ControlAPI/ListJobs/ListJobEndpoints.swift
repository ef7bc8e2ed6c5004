import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore

import struct Foundation.UUID

/// `POST /dlmas/{uuid}/recycle`, `…/move`, `…/purge` and `/jobs`: work on many contacts of a list.
struct ListJobEndpoints: Sendable {
    private typealias Reading = @Sendable (JSONValue) throws(ValidationError) -> (ListJobKind, ListJobFilter)

    private static let tag = "jobs"

    private let environment: APIEnvironment
    private let jobs: ListJobRepository

    init(_ environment: APIEnvironment) {
        self.environment = environment
        self.jobs = environment.store.listJobs
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/dlmas/{uuid}/recycle", Self.recycleOperation) { request, context in
                try await self.make(request, context, ListJobRequest.recycling)
            },
            Endpoint(.post, "/dlmas/{uuid}/move", Self.moveOperation) { request, context in
                try await self.make(request, context, ListJobRequest.moving)
            },
            Endpoint(.post, "/dlmas/{uuid}/purge", Self.purgeOperation) { request, context in
                try await self.make(request, context, ListJobRequest.purging)
            },
            Endpoint(.get, "/jobs", self.listOperation) { request, _ in
                let maximum = self.environment.configuration.maximumListItems
                let page = try await self.jobs.page(ListWindow(QueryParameters(request), maximum: maximum).request)
                let now = self.environment.now()
                return self.environment.envelope.response(page) { job, writer in job.write(now: now, to: &writer) }
            },
            Endpoint(.get, "/jobs/{uuid}", Self.findOperation) { _, context in
                self.show(try await self.find(try context.uuid()))
            },
            Endpoint(.delete, "/jobs/{uuid}", Self.cancelOperation) { _, context in
                try await self.cancel(try context.uuid())
            },
        ]
    }

    /// 200 when it is done, 202 when it goes on.
    private func make(
        _ request: Request, _ context: ControlRequestContext, _ read: Reading
    ) async throws -> Response {
        let list = try context.uuid()
        let body = try await request.jsonObject(upTo: self.environment.configuration.maximumBodyBytes)
        let (kind, filter) = try read(body)
        let job = try await self.jobs.create(UUID(), kind, of: list, filter)
        // The job is made, whatever becomes of this; the desk goes on with it.
        return self.show((try? await self.jobs.hurry(job)) ?? job)
    }

    private func find(_ uuid: UUID) async throws -> ListJob {
        guard let job = try await self.jobs.find(uuid) else {
            throw APIError.notFound("there is no job \(uuid.wire)")
        }
        return job
    }

    private func cancel(_ uuid: UUID) async throws -> Response {
        let isEnded = try await self.jobs.cancel(uuid)
        let job = try await self.find(uuid)
        guard isEnded else {
            throw APIError.conflict(
                job.status.isOver
                    ? "the job \(uuid.wire) is \(job.status.word) already"
                    : "the job \(uuid.wire) deletes the contacts of a deleted list and cannot be cancelled"
            )
        }
        return self.show(job)
    }

    private func show(_ job: ListJob) -> Response {
        let now = self.environment.now()
        let status: HTTPResponse.Status = job.status.isOver ? .ok : .accepted
        return self.environment.envelope.response(status) { writer in
            writer.key("result")
            job.write(now: now, to: &writer)
        }
    }

    // MARK: What the API description says

    private static let recycleOperation = Operation(
        id: "recycle_dlma",
        tag: tag,
        summary: "Let contacts of a list be called again: forget their tries. 202 while it goes on; see /jobs.",
        body: "RecycleRequest",
        result: .schema("ListJob"),
        isLater: true,
        errors: [400, 404, 409, 413]
    )

    private static let moveOperation = Operation(
        id: "move_dls",
        tag: tag,
        summary: "Put contacts of a list on another one, as they are. 202 while it goes on; see /jobs.",
        body: "MoveRequest",
        result: .schema("ListJob"),
        isLater: true,
        errors: [400, 404, 409, 413]
    )

    private static let purgeOperation = Operation(
        id: "purge_dlma",
        tag: tag,
        summary: "Delete contacts of a list, all of them with {}. 202 while it goes on; see /jobs.",
        body: "PurgeRequest",
        result: .schema("ListJob"),
        isLater: true,
        errors: [400, 404, 409, 413]
    )

    private var listOperation: Operation {
        Operation(
            id: "list_jobs",
            tag: Self.tag,
            summary: "List jobs in the order they were made.",
            query: Operation.Parameter.paging(self.environment.configuration),
            result: .list("ListJob"),
            errors: [400]
        )
    }

    private static let findOperation = Operation(
        id: "get_job",
        tag: tag,
        summary: "How far a job is.",
        result: .schema("ListJob"),
        errors: [404]
    )

    private static let cancelOperation = Operation(
        id: "cancel_job",
        tag: tag,
        summary: "Stop a job that is not over; what it has done stays done.",
        result: .schema("ListJob"),
        errors: [404, 409]
    )
}
