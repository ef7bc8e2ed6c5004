/// The kinds of resources the API manages; raw values are the singular words of the wire.
package enum ResourceKind: String, Sendable, Hashable, CaseIterable {
    case plan
    case destination
    case dlma
    case dl
    case campaign

    /// The path component of the collection.
    package var collection: String {
        switch self {
        case .plan: "plans"
        case .destination: "destinations"
        case .dlma: "dlmas"
        case .dl: "dls"
        case .campaign: "campaigns"
        }
    }
}
