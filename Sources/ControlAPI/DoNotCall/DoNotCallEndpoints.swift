import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import ListImport

/// `/dnc`: the do-not-call list.
struct DoNotCallEndpoints: Sendable {
    private static let tag = "dnc"

    private let environment: APIEnvironment
    private let list: DoNotCallRepository
    private let receiver: DoNotCallReceiver
    private let limiter: RequestLimiter

    init(_ environment: APIEnvironment) {
        self.environment = environment
        self.list = environment.store.doNotCall
        self.receiver = DoNotCallReceiver(
            list: environment.store.doNotCall, maximumBytes: environment.configuration.maximumUploadBytes,
            now: environment.now
        )
        self.limiter = RequestLimiter(maximum: environment.configuration.maximumConcurrentUploads)
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(.post, "/dnc", Self.addOperation) { request, _ in
                let body = try await request.jsonObject(upTo: self.environment.configuration.maximumBodyBytes)
                let now = self.environment.now()
                let row = try DoNotCallRequest.row(in: body, now: now)
                return self.show(
                    try await self.list.add(row.number, reason: row.reason, expiresAt: row.expiresAt, now: now))
            },
            Endpoint(.get, "/dnc", self.listOperation) { request, _ in
                try await self.page(QueryParameters(request))
            },
            // Before the paths of numbers: what has this name is no number.
            Endpoint(.post, "/dnc/upload", isStreaming: true, Self.uploadOperation) { request, _ in
                try await self.limiter.run { try await self.upload(request) }
            },
            Endpoint(.get, "/dnc/{number}", Self.findOperation) { request, context in
                let number = try DoNotCallRequest.number(request, context)
                guard let entry = try await self.list.find(number) else { throw Self.missing(number) }
                return self.show(entry)
            },
            Endpoint(.delete, "/dnc/{number}", Self.deleteOperation) { request, context in
                let number = try DoNotCallRequest.number(request, context)
                guard let entry = try await self.list.remove(number) else { throw Self.missing(number) }
                return self.show(entry)
            },
        ]
    }

    private static func missing(_ number: String) -> APIError {
        .notFound("the number \(quoted(number)) is not on the do-not-call list")
    }

    private func show(_ entry: DoNotCallEntry) -> Response {
        self.environment.envelope.response { entry.write(to: &$0) }
    }

    private func page(_ query: QueryParameters) async throws -> Response {
        let maximum = self.environment.configuration.maximumListItems
        let limit = try query.integer("limit", in: 1...maximum) ?? maximum
        var cursor: DoNotCallCursor?
        if let text = try query.text("cursor") {
            cursor = DoNotCallCursor(text: text)
            guard cursor != nil else {
                throw APIError.badRequest(
                    "query parameter cursor must be the next_cursor of an earlier answer, not \(quoted(text))")
            }
        }
        let page = try await self.list.page(prefix: try query.text("number") ?? "", limit: limit, after: cursor)
        return self.environment.envelope.response(reservingCapacity: 192 * (page.entries.count + 1)) { writer in
            writer.beginObject()
            writer.beginArray("list")
            for entry in page.entries { entry.write(to: &writer) }
            writer.endArray()
            if let next = page.next { writer.field("next_cursor", next.text) }
            writer.endObject()
        }
    }

    private func upload(_ request: Request) async throws -> Response {
        let report = try await self.receiver.receive(request)
        return self.environment.envelope.response { report.write(to: &$0) }
    }

    // MARK: What the API description says

    private static let region = Operation.Parameter(
        name: "region", kind: .text, explanation: "Whose national numbers are read: a country's code like DE."
    )

    private static let addOperation = Operation(
        id: "add_do_not_call",
        tag: tag,
        summary:
            "Put a number on the list, or replace what it says of it. After the answer no call to the number is begun.",
        body: "NewDoNotCallEntry",
        result: .schema("DoNotCallEntry"),
        errors: [400, 413]
    )

    private var listOperation: Operation {
        Operation(
            id: "list_do_not_call",
            tag: Self.tag,
            summary: "List in the order of the numbers' characters.",
            query: [
                Operation.Parameter(
                    name: "number", kind: .text, explanation: "Only numbers that begin so, as they stand on the list.")
            ] + Operation.Parameter.paging(self.environment.configuration),
            result: .list("DoNotCallEntry"),
            errors: [400]
        )
    }

    private static let uploadOperation = Operation(
        id: "upload_do_not_call",
        tag: tag,
        summary:
            "Put a file of numbers on the list: CSV, NDJSON or a JSON array, gzip or plain, with number, reason, expire and "
            + "region. What was read before a fault stays on the list; the same file may be sent again.",
        query: DoNotCallQuery.parameters + [Self.region],
        contentTypes: ["text/csv", "application/x-ndjson", "application/json", "application/gzip"],
        result: .schema("DoNotCallUpload"),
        errors: [400, 415]
    )

    private static let findOperation = Operation(
        id: "get_do_not_call",
        tag: tag,
        summary: "What the list says of a number.",
        query: [Self.region],
        result: .schema("DoNotCallEntry"),
        errors: [400, 404]
    )

    private static let deleteOperation = Operation(
        id: "remove_do_not_call",
        tag: tag,
        summary:
            "Take a number off the list; the answer shows what it said. Contacts it held back may be dialed again.",
        query: [Self.region],
        result: .schema("DoNotCallEntry"),
        errors: [400, 404]
    )
}
