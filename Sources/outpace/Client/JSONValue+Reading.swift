import DialerModel
import OrderedCollections

extension JSONValue {
    /// The member of an object; nil for any other value.
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    var integer: Int? {
        guard case .integer(let integer) = self else { return nil }
        return Int(integer)
    }

    /// A whole number or another.
    var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}
