import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore

import struct Foundation.UUID

/// `/dls`, the contacts.
struct DialListEntryEndpoints: Sendable {
    private let entries: DialListEntryRepository
    private let controller: ResourceController<DialListEntryRepository>
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.entries = environment.store.dls
        self.controller = ResourceController(repository: environment.store.dls, environment: environment)
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        let controller = self.controller
        let listParameters = self.listParameters
        return [
            Endpoint(.get, controller.collectionPath, controller.listOperation(query: listParameters)) { request, _ in
                try await self.list(request)
            },
            Endpoint(.post, controller.collectionPath, controller.createOperation) { request, _ in
                try await controller.create(request)
            },
            Endpoint(.get, controller.memberPath, controller.findOperation) { _, context in
                try await controller.find(context)
            },
            Endpoint(.put, controller.memberPath, controller.updateOperation) { request, context in
                try await controller.update(request, context)
            },
            Endpoint(
                .delete, controller.memberPath, controller.deleteOperation(query: [Self.force])
            ) { request, context in
                let force = try QueryParameters(request).flag("force")
                return controller.show(try await self.entries.delete(try context.uuid(), force: force))
            },
        ]
    }

    private func list(_ request: Request) async throws -> Response {
        let query = QueryParameters(request)
        guard let text = try query.text("dlma_uuid") else {
            throw APIError.badRequest("query parameter dlma_uuid is required: the list whose contacts to show")
        }
        guard let dlma = UUID(wire: text) else {
            throw APIError.badRequest("query parameter dlma_uuid must be a uuid, not \(quoted(text))")
        }
        let window = try ListWindow(countedBy: query, maximum: self.environment.configuration.maximumListItems)
        return self.controller.list(try await self.entries.page(dlma: dlma, window.request))
    }

    private var listParameters: [Operation.Parameter] {
        let maximum = self.environment.configuration.maximumListItems
        return [
            Operation.Parameter(
                name: "dlma_uuid", kind: .uuid, isRequired: true, explanation: "The list whose contacts to show."
            ),
            Operation.Parameter(
                name: "count",
                kind: .integer(1...Int(Int32.max), default: maximum),
                explanation: "jade's name for limit; more than \(maximum) counts as \(maximum)."
            ),
        ] + self.controller.pagingParameters
    }

    private static let force = Operation.Parameter(
        name: "force",
        kind: .flag,
        explanation: "Accepted for compatibility: nothing refers to a contact."
    )
}
