import DialerModel
import OrderedCollections

extension JSONValue {
    /// A member of an object; nil when there is none, or this is none.
    func member(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var word: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var whole: Int? {
        guard case .integer(let number) = self else { return nil }
        return Int(number)
    }

    /// A number, with or without a fraction.
    var seconds: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }
}
