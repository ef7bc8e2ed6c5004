import DialerModel
import DialerStore
import HTTPTypes

extension APIError {
    /// What a client may know of a store's refusal.
    init(_ error: StoreError) {
        switch error {
        case .notFound(let kind, let uuid):
            self = .notFound("there is no \(kind.label) \(uuid.wire)")
        case .referenced(let kind, let uuid, let references):
            self = .conflict(Self.explainReferences(to: kind, uuid.wire, references))
        case .danglingReference(let field, let kind, let uuid):
            self = .badRequest("\(field): there is no \(kind.label) \(uuid.wire); create it first or use null")
        case .jobInProgress(let kind, let list, let job):
            self = .conflict(
                "the list \(list.wire) has the \(kind) job \(job.wire) in progress; wait for its end, or cancel it with "
                    + "DELETE /jobs/\(job.wire)"
            )
        case .invalid(let error):
            self.init(error)
        case .cancelled:
            self = .conflict("the work was cancelled on request; nothing was changed")
        case .unavailable:
            self = .unavailable("the database cannot be reached at the moment; try again", retryAfter: 2)
        case .leaseLost, .engineReplaced:
            self = .unavailable("the campaign is going over to another engine; try again in a moment", retryAfter: 2)
        case .database, .newerSchema, .incompatibleSchema:
            self.init(.internalServerError, "the request failed inside the server; its log says why")
        }
    }

    init(_ error: ValidationError) {
        self = .badRequest(error.message)
    }
}

extension APIError {
    /// How many of the things in the way a message names.
    private static let namedReferences = 5

    private static func explainReferences(to kind: ResourceKind, _ uuid: String, _ references: [Reference]) -> String {
        let named = references.prefix(Self.namedReferences).map { reference in
            let name = reference.name.map { " " + quoted($0) } ?? ""
            return "\(reference.kind.label) \(reference.uuid.wire)\(name)"
        }
        let more = references.count - named.count
        let list = named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        let onlyEntries = kind == .dlma && references.allSatisfy { $0.kind == .dl }
        let wayOut =
            onlyEntries
            ? "delete_dls=1 deletes these contacts with it"
            : "change that first, or give force=1, which makes the references null"
        return "\(kind.label) \(uuid) is in use by \(list); \(wayOut)"
    }
}
