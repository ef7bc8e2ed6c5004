import DialerModel

extension ResourceKind {
    /// How messages call one of the kind.
    var label: String { self.rawValue }

    /// The name of the kind's schema in the OpenAPI document.
    var schemaName: String {
        switch self {
        case .plan: "Plan"
        case .destination: "Destination"
        case .dlma: "DialListMaster"
        case .dl: "DialListEntry"
        case .campaign: "Campaign"
        }
    }
}
