import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore

/// `/destinations`
struct DestinationEndpoints: Sendable {
    private let destinations: DestinationRepository
    private let controller: ResourceController<DestinationRepository>
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.destinations = environment.store.destinations
        self.controller = ResourceController(repository: environment.store.destinations, environment: environment)
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        let controller = self.controller
        return [
            Endpoint(.get, controller.collectionPath, controller.listOperation(query: controller.pagingParameters)) {
                request, _ in
                let maximum = self.environment.configuration.maximumListItems
                let window = try ListWindow(QueryParameters(request), maximum: maximum)
                return controller.list(try await self.destinations.page(window.request))
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
            Endpoint(.delete, controller.memberPath, controller.deleteOperation(query: [.force])) { request, context in
                let force = try QueryParameters(request).flag("force")
                return controller.show(try await self.destinations.delete(try context.uuid(), force: force))
            },
        ]
    }
}
