import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore

import struct Foundation.UUID

/// `POST /dlmas/{uuid}/dls` and `/uploads`: files of contacts.
struct UploadEndpoints: Sendable {
    private let environment: APIEnvironment
    private let uploads: UploadRepository
    private let desk: UploadDesk
    private let receiver: UploadReceiver
    private let limiter: RequestLimiter

    /// How many refused rows an answer shows.
    private static let shownRejects = 20
    /// Loading so many rows takes a second or two, which a client may wait for.
    private static let rowsToWaitFor = 50_000

    init(_ environment: APIEnvironment, desk: UploadDesk) {
        self.environment = environment
        self.uploads = environment.store.uploads
        self.desk = desk
        self.receiver = UploadReceiver(
            uploads: environment.store.uploads, maximumBytes: environment.configuration.maximumUploadBytes,
            now: environment.now
        )
        self.limiter = RequestLimiter(maximum: environment.configuration.maximumConcurrentUploads)
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/dlmas/{uuid}/dls", isStreaming: true, Self.uploadOperation) { request, context in
                try await self.limiter.run { try await self.upload(request, context) }
            },
            Endpoint(.get, "/uploads", self.listOperation) { request, _ in
                let maximum = self.environment.configuration.maximumListItems
                let page = try await self.uploads.page(ListWindow(QueryParameters(request), maximum: maximum).request)
                let now = self.environment.now()
                return self.environment.envelope.response(page) { upload, writer in
                    upload.write(rejects: [], now: now, to: &writer)
                }
            },
            Endpoint(.get, "/uploads/{uuid}", Self.findOperation) { _, context in
                try await self.show(try await self.find(context))
            },
            Endpoint(.delete, "/uploads/{uuid}", Self.cancelOperation) { _, context in
                try await self.cancel(try context.uuid())
            },
            Endpoint(.get, "/uploads/{uuid}/rejects", isStreaming: true, Self.rejectsOperation) { _, context in
                self.rejectsFile(of: try await self.find(context))
            },
        ]
    }

    private func find(_ context: ControlRequestContext) async throws -> Upload {
        let uuid = try context.uuid()
        guard let upload = try await self.uploads.find(uuid) else {
            throw APIError.notFound("there is no upload \(uuid.wire)")
        }
        return upload
    }

    private func cancel(_ uuid: UUID) async throws -> Response {
        guard let upload = try await self.uploads.cancel(uuid) else {
            throw APIError.notFound("there is no upload \(uuid.wire)")
        }
        guard upload.isCancelRequested else {
            throw APIError.conflict("the upload \(uuid.wire) is \(upload.status.word) already")
        }
        return try await self.show(upload)
    }

    /// The refused rows as CSV, in pages: a client that reads slowly holds nothing in the database.
    private func rejectsFile(of upload: Upload) -> Response {
        let uploads = self.uploads
        let body = ResponseBody { writer in
            var table = CSVTable(["line", "field", "reason", "row"])
            var place = RejectPlace.start
            while true {
                let page = try await uploads.rejects(of: upload.uuid, after: place, limit: 2_000)
                for (_, row) in page { table.append(["\(row.line)", row.field ?? "", row.reason, row.excerpt]) }
                try await writer.write(table.takeBytes())
                guard let last = page.last else { break }
                place = last.0
            }
            try await writer.finish(nil)
        }
        let name = "upload-\(upload.uuid.wire)-rejects.csv"
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name)\"",
            ],
            body: body
        )
    }

    // MARK: A file

    private func upload(_ request: Request, _ context: ControlRequestContext) async throws -> Response {
        let uuid = try context.uuid()
        guard let dlma = try await self.environment.store.dlmas.find(uuid) else {
            throw StoreError.notFound(.dlma, uuid)
        }
        let query = try UploadQuery(request, dlma: dlma)
        let upload = try await self.uploads.begin(UUID(), query.options)
        let staged: Upload
        do {
            staged = try await self.receiver.receive(request, query, for: upload)
        } catch let error as StoreError {
            await self.desk.end(upload, error)
            throw error
        } catch let error as APIError {
            await self.desk.end(upload, .failed, message: error.message)
            throw error
        } catch {
            await self.desk.end(upload, .failed, message: "the connection broke before the file was complete")
            throw APIError.badRequest("the body could not be read to its end; nothing was loaded")
        }
        return try await self.finish(staged, query)
    }

    private func finish(_ upload: Upload, _ query: UploadQuery) async throws -> Response {
        let received = try await self.uploads.received(upload)
        guard query.answersEarly ?? (received.counts.staged > Self.rowsToWaitFor) else {
            let loaded = try await self.desk.load(received)
            return try await loaded.status == .failed ? self.refuse(loaded) : self.show(loaded)
        }
        guard self.desk.loadLater(received) else {
            let message = "too many uploads wait to be loaded already"
            await self.desk.end(received, .failed, message: message)
            throw APIError.unavailable("\(message); send it again later", retryAfter: 60)
        }
        return try await self.show(received, status: .accepted)
    }

    // MARK: Answers

    private func show(_ upload: Upload, status: HTTPResponse.Status = .ok) async throws -> Response {
        let rejects = try await self.rejects(of: upload)
        let now = self.environment.now()
        return self.environment.envelope.response(status) { writer in
            writer.key("result")
            upload.write(rejects: rejects, now: now, to: &writer)
        }
    }

    /// 422 with the report beside the error.
    private func refuse(_ upload: Upload) async throws -> Response {
        let rejects = try await self.rejects(of: upload)
        let now = self.environment.now()
        var message = upload.message ?? "rows are refused"
        if let first = rejects.first {
            message += ". The first: line \(first.line): \(first.field.map { $0 + ": " } ?? "")\(first.reason)"
        }
        return self.environment.envelope.response(.unprocessableContent) { writer in
            writer.beginObject("error")
            writer.field("code", HTTPResponse.Status.unprocessableContent.code)
            writer.field("message", message)
            writer.endObject()
            writer.key("result")
            upload.write(rejects: rejects, now: now, to: &writer)
        }
    }

    private func rejects(of upload: Upload) async throws(StoreError) -> [RejectedRow] {
        guard upload.counts.rejected > 0 else { return [] }
        return try await self.uploads.rejects(of: upload.uuid, limit: Self.shownRejects)
    }

    // MARK: What the API description says

    private static let uploadOperation = Operation(
        id: "upload_dls",
        tag: "uploads",
        summary:
            "Load a file of contacts: CSV, NDJSON or a JSON array, gzip or plain. 202 for a large one; /uploads/{uuid} then "
            + "tells how far it is.",
        query: UploadQuery.parameters,
        contentTypes: ["text/csv", "application/x-ndjson", "application/json", "application/gzip"],
        result: .schema("Upload"),
        isLater: true,
        errors: [400, 404, 409, 415, 422]
    )

    private var listOperation: Operation {
        Operation(
            id: "list_uploads",
            tag: "uploads",
            summary: "List uploads in the order they began.",
            query: Operation.Parameter.paging(self.environment.configuration),
            result: .list("Upload"),
            errors: [400]
        )
    }

    private static let findOperation = Operation(
        id: "get_upload",
        tag: "uploads",
        summary: "How far an upload is, and what became of its rows.",
        result: .schema("Upload"),
        errors: [404]
    )

    private static let cancelOperation = Operation(
        id: "cancel_upload",
        tag: "uploads",
        summary: "Stop an upload that is not over; nothing of it is loaded.",
        result: .schema("Upload"),
        errors: [404, 409]
    )

    private static let rejectsOperation = Operation(
        id: "get_upload_rejects",
        tag: "uploads",
        summary: "The refused rows as CSV: line, field, reason and the row's beginning; up to 100,000 of them.",
        result: .raw(contentType: "text/csv"),
        errors: [404]
    )
}
