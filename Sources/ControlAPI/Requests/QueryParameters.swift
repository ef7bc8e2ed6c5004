import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The query of one request, read strictly: a parameter that is there and wrong is an error that names it.
///
/// Parameters nobody asks for are ignored: jade's clients send `authtoken` with every request.
struct QueryParameters {
    private let values: [Substring: [Substring]]

    init(_ request: Request) {
        self.values = Dictionary(grouping: request.uri.queryParameters, by: \.key).mapValues { $0.map(\.value) }
    }

    /// The text of `name`; nil when it is absent.
    func text(_ name: String) throws(APIError) -> String? {
        guard let given = self.values[name[...]] else { return nil }
        guard given.count == 1, let value = given.first else {
            throw .badRequest("query parameter \(name) is given \(given.count) times; give it once")
        }
        return String(value)
    }

    /// A switch: `1` is on, `0` or absence is off.
    func flag(_ name: String) throws(APIError) -> Bool {
        switch try self.text(name) {
        case nil, "0": return false
        case "1": return true
        case .some(let value):
            throw .badRequest("query parameter \(name) must be 0 or 1, not \(quoted(value))")
        }
    }

    /// A decimal number in `range`; nil when absent.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let value = try self.text(name) else { return nil }
        guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(value), range.contains(number)
        else {
            throw .badRequest(
                "query parameter \(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), "
                    + "not \(quoted(value))"
            )
        }
        return number
    }
}
