/// Where a column's values go.
package enum ColumnTarget: Sendable, Hashable {
    case name, detail, ukey, email, reservedTarget, priority
    /// `number_1` to `number_8`.
    case number(Int)
    /// A channel variable of this name.
    case variable(String)
    /// The object of variables itself; in a delimited file as JSON text.
    case variables
    case ignored

    /// The wire name.
    package var field: String {
        switch self {
        case .name: "name"
        case .detail: "detail"
        case .ukey: "ukey"
        case .email: "email"
        case .reservedTarget: "resv_target"
        case .priority: "priority"
        case .number(let index): "number_\(index)"
        case .variable(let name): name
        case .variables: "variables"
        case .ignored: "-"
        }
    }

    /// The target with that wire name; `-` leaves a column out.
    package init?(field: String) {
        switch field {
        case "name": self = .name
        case "detail": self = .detail
        case "ukey": self = .ukey
        case "email": self = .email
        case "resv_target": self = .reservedTarget
        case "priority": self = .priority
        case "variables": self = .variables
        case "-": self = .ignored
        default:
            guard field.hasPrefix("number_"), let index = Int(field.dropFirst(7)), (1...8).contains(index),
                field == "number_\(index)"
            else { return nil }
            self = .number(index)
        }
    }
}
