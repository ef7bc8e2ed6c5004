import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore

/// `/plans`
struct PlanEndpoints: Sendable {
    private let plans: PlanRepository
    private let controller: ResourceController<PlanRepository>
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.plans = environment.store.plans
        self.controller = ResourceController(repository: environment.store.plans, environment: environment)
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        let controller = self.controller
        let techName = self.environment.configuration.defaultTechName
        return [
            Endpoint(.get, controller.collectionPath, controller.listOperation(query: controller.pagingParameters)) {
                request, _ in
                let maximum = self.environment.configuration.maximumListItems
                let window = try ListWindow(QueryParameters(request), maximum: maximum)
                return controller.list(try await self.plans.page(window.request))
            },
            Endpoint(.post, controller.collectionPath, controller.createOperation) { request, _ in
                try await controller.create(request) { Plan(blank: $0, techName: techName) }
            },
            Endpoint(.get, controller.memberPath, controller.findOperation) { _, context in
                try await controller.find(context)
            },
            Endpoint(.put, controller.memberPath, controller.updateOperation) { request, context in
                try await controller.update(request, context)
            },
            Endpoint(.delete, controller.memberPath, controller.deleteOperation(query: [.force])) { request, context in
                let force = try QueryParameters(request).flag("force")
                return controller.show(try await self.plans.delete(try context.uuid(), force: force))
            },
        ]
    }
}
