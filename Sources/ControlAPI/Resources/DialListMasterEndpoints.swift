import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore

/// `/dlmas`
struct DialListMasterEndpoints: Sendable {
    private let dlmas: DialListMasterRepository
    private let controller: ResourceController<DialListMasterRepository>
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.dlmas = environment.store.dlmas
        self.controller = ResourceController(repository: environment.store.dlmas, environment: environment)
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        let controller = self.controller
        return [
            Endpoint(.get, controller.collectionPath, controller.listOperation(query: controller.pagingParameters)) {
                request, _ in
                let maximum = self.environment.configuration.maximumListItems
                let window = try ListWindow(QueryParameters(request), maximum: maximum)
                return controller.list(try await self.dlmas.page(window.request))
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
                .delete, controller.memberPath, controller.deleteOperation(query: [.force, Self.deleteEntries])
            ) { request, context in
                let query = QueryParameters(request)
                let deleted = try await self.dlmas.delete(
                    try context.uuid(), force: try query.flag("force"), deleteEntries: try query.flag("delete_dls")
                )
                return controller.show(deleted)
            },
        ]
    }

    private static let deleteEntries = Operation.Parameter(
        name: "delete_dls",
        kind: .flag,
        explanation: "1 deletes the contacts on the list with it."
    )
}
