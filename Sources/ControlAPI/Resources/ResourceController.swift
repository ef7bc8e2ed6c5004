import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore

import struct Foundation.UUID

/// Create, show, change and list: what every resource has in common. What differs is in each resource's own endpoints.
struct ResourceController<Repository: ResourceRepository>: Sendable {
    typealias Item = Repository.Item

    let repository: Repository
    let environment: APIEnvironment

    /// The path of the collection and of one of its members.
    var collectionPath: String { "/\(Item.kind.collection)" }
    var memberPath: String { "/\(Item.kind.collection)/{uuid}" }

    func body(of request: Request) async throws -> JSONValue {
        try await request.jsonObject(upTo: self.environment.configuration.maximumBodyBytes)
    }

    func create(_ request: Request, blank: (UUID) -> Item = { Item(blank: $0) }) async throws -> Response {
        let body = try await self.body(of: request)
        let new = try Item.decodeNew(from: body, startingWith: blank(UUID()), now: self.environment.now())
        return self.show(try await self.repository.create(new))
    }

    func find(_ context: ControlRequestContext) async throws -> Response {
        let uuid = try context.uuid()
        guard let found = try await self.repository.find(uuid) else {
            throw StoreError.notFound(Item.kind, uuid)
        }
        return self.show(found)
    }

    func update(_ request: Request, _ context: ControlRequestContext) async throws -> Response {
        let uuid = try context.uuid()
        let body = try await self.body(of: request)
        let changed = try await self.repository.update(uuid) { (item: inout Item) throws(ValidationError) in
            try item.apply(body)
        }
        return self.show(changed)
    }

    func show(_ item: Item) -> Response {
        self.environment.envelope.response { item.write(to: &$0) }
    }

    func list(_ page: Page<Item>) -> Response {
        self.environment.envelope.response(page) { item, writer in item.write(to: &writer) }
    }

    // MARK: What the API description says

    var createOperation: Operation {
        Operation(
            id: "create_\(Item.kind.rawValue)",
            tag: Item.kind.collection,
            summary: "Create a \(Item.kind.label). Every field has a default unless it is required.",
            body: "New\(Item.kind.schemaName)",
            result: .schema(Item.kind.schemaName),
            errors: [400, 413]
        )
    }

    var findOperation: Operation {
        Operation(
            id: "get_\(Item.kind.rawValue)",
            tag: Item.kind.collection,
            summary: "Show a \(Item.kind.label).",
            result: .schema(Item.kind.schemaName),
            errors: [404]
        )
    }

    var updateOperation: Operation {
        Operation(
            id: "update_\(Item.kind.rawValue)",
            tag: Item.kind.collection,
            summary: "Change the fields the body names; all others stay as they are.",
            body: "Changed\(Item.kind.schemaName)",
            result: .schema(Item.kind.schemaName),
            errors: [400, 404, 413]
        )
    }

    func listOperation(query: [Operation.Parameter]) -> Operation {
        Operation(
            id: "list_\(Item.kind.collection)",
            tag: Item.kind.collection,
            summary: "List in the order of creation.",
            query: query,
            result: .list(Item.kind.schemaName),
            errors: [400]
        )
    }

    func deleteOperation(query: [Operation.Parameter], errors: [Int] = [400, 404, 409]) -> Operation {
        Operation(
            id: "delete_\(Item.kind.rawValue)",
            tag: Item.kind.collection,
            summary: "Delete; the answer shows the \(Item.kind.label) as it was left.",
            query: query,
            result: .schema(Item.kind.schemaName),
            errors: errors
        )
    }

    /// `limit` and `cursor`.
    var pagingParameters: [Operation.Parameter] { Operation.Parameter.paging(self.environment.configuration) }
}
