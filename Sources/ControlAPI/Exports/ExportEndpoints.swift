import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

import struct Foundation.UUID

/// `GET /dlmas/{uuid}/dls` and `GET /results`: contacts and results as files.
struct ExportEndpoints: Sendable {
    private let environment: APIEnvironment
    private let exports: ExportRepository

    init(_ environment: APIEnvironment) {
        self.environment = environment
        self.exports = environment.store.exports
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/dlmas/{uuid}/dls", isStreaming: true, Self.contactsOperation) { request, context in
                try await self.contacts(request, try context.uuid())
            },
            Endpoint(.get, "/results", isStreaming: true, Self.resultsOperation) { request, _ in
                try await self.results(request)
            },
        ]
    }

    private func contacts(_ request: Request, _ dlma: UUID) async throws -> Response {
        guard try await self.environment.store.dlmas.find(dlma) != nil else { throw StoreError.notFound(.dlma, dlma) }
        let query = try ExportQuery(request)
        let export = try query.contacts(of: dlma)
        let exports = self.exports
        return try await self.file("contacts-\(dlma.wire)", query, usually: ContactExport.columnNames) {
            try await exports.page(export, columns: query.columns, format: query.format, after: $0)
        }
    }

    private func results(_ request: Request) async throws -> Response {
        let query = try ExportQuery(request)
        let export = try query.results()
        let exports = self.exports
        return try await self.file("results", query, usually: ResultExport.columnNames) {
            try await exports.page(export, columns: query.columns, format: query.format, after: $0)
        }
    }

    /// Sends page after page. The first is fetched before the answer begins, so that what is wrong with the request, or a
    /// database that is away, is an error; later the connection is broken off, which a client can tell from the file's end.
    private func file(
        _ name: String, _ query: ExportQuery, usually columns: [String],
        _ page: @escaping @Sendable (ExportPlace?) async throws -> ExportPage
    ) async throws -> Response {
        let first = try await page(nil)
        let heading = query.format == .csv ? (query.columns ?? columns).joined(separator: ",") + "\n" : ""
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: heading))
            var current = first
            while let place = current.next {
                // PostgreSQL writes one page while the client reads the one before; nothing is fetched further ahead than that.
                async let next = page(place)
                try await writer.write(contentsOf: current.pieces.lazy.map { ByteBuffer(bytes: $0) })
                current = try await next
            }
            try await writer.write(contentsOf: current.pieces.lazy.map { ByteBuffer(bytes: $0) })
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: query.format == .csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
                .contentDisposition: "attachment; filename=\"\(name).\(query.format.rawValue)\"",
                .cacheControl: "no-store",
            ],
            body: body
        )
    }

    // MARK: What the API description says

    private static let contactsOperation = Operation(
        id: "export_dls",
        tag: "exports",
        summary: "A list's contacts as CSV or NDJSON, in the order of their creation, of any length.",
        query: ExportQuery.parameters(columns: ContactExport.columnNames, time: "tm_last_hangup") + [
            Operation.Parameter(
                name: "tried", kind: .text,
                explanation: "1: only contacts that were called; 0: only those never called."
            )
        ],
        result: .raw(contentType: "text/csv"),
        errors: [400, 404]
    )

    private static let resultsOperation = Operation(
        id: "export_results",
        tag: "exports",
        summary: "Results of finished calls as CSV or NDJSON, in the order in which the calls ended, of any number.",
        query: ExportQuery.parameters(columns: ResultExport.columnNames, time: "tm_end") + [
            Operation.Parameter(name: "campaign_uuid", kind: .uuid, explanation: "Only calls of this campaign."),
            Operation.Parameter(name: "dlma_uuid", kind: .uuid, explanation: "Only calls of contacts of this list."),
            Operation.Parameter(
                name: "abandoned", kind: .text, explanation: "1: only abandoned calls; 0: only the others."
            ),
        ],
        result: .raw(contentType: "text/csv"),
        errors: [400]
    )
}
