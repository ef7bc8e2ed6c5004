import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore

import struct Foundation.UUID

/// `/dlmas/{uuid}/stats`: how far a list is worked through.
struct ListCountEndpoints: Sendable {
    private let environment: APIEnvironment

    init(_ environment: APIEnvironment) {
        self.environment = environment
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get, "/dlmas/{uuid}/stats",
                Operation(
                    id: "get_dlma_stats",
                    tag: ResourceKind.dlma.collection,
                    summary: "Count where the contacts of a list stand. Costs the same however long the list is.",
                    query: [
                        Operation.Parameter(
                            name: "plan", kind: .uuid,
                            explanation: "Whose limits decide who is left; without it those of the list's campaigns."
                        )
                    ],
                    result: .schema("ListStatistics"),
                    errors: [400, 404]
                )
            ) { request, context in
                try await self.show(try context.uuid(), QueryParameters(request))
            }
        ]
    }

    private func show(_ uuid: UUID, _ query: QueryParameters) async throws -> Response {
        guard try await self.environment.store.dlmas.find(uuid) != nil else {
            throw StoreError.notFound(.dlma, uuid)
        }
        let plan = try await self.plan(query)
        let counts = try await self.environment.store.listCounts.counts(of: uuid, plan: plan)
        return self.environment.envelope.response { counts.write(of: uuid, plan: plan, to: &$0) }
    }

    private func plan(_ query: QueryParameters) async throws -> UUID? {
        guard let text = try query.text("plan") else { return nil }
        guard let plan = UUID(wire: text) else {
            throw APIError.badRequest("query parameter plan must be a plan's uuid, not \(quoted(text))")
        }
        guard try await self.environment.store.plans.find(plan) != nil else {
            throw APIError.badRequest("query parameter plan: there is no plan \(plan.wire)")
        }
        return plan
    }
}
