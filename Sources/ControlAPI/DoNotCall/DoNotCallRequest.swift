import DialerModel
import Foundation
import Hummingbird
import HummingbirdCore
import ListImport
import OrderedCollections

/// What a client says of one number.
enum DoNotCallRequest {
    /// Made by the service, and passed over when they come back.
    private static let ownFields: Set<String> = ["tm_create", "tm_update"]

    /// The number a body puts on the list.
    static func row(in body: JSONValue, now: Timestamp) throws(ValidationError) -> DoNotCallRow {
        var texts: [DoNotCallRow.Field: String] = [:]
        for (name, value) in body.objectValue ?? [:] where !self.ownFields.contains(name) {
            guard let field = DoNotCallRow.Field(rawValue: name) else {
                let known = DoNotCallRow.Field.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError(field: name, message: "\(quoted(name)): unknown field; a number has \(known)")
            }
            switch value {
            case .null: continue
            case .string(let text): texts[field] = text
            case .integer where field == .number: texts[field] = value.text
            case .integer, .number, .bool, .array, .object:
                throw ValidationError(field: name, message: "\(name): expected a text, got \(value.excerpt)")
            }
        }
        do throws(RowRefusal) {
            return try DoNotCallRow(texts, region: nil, now: now)
        } catch {
            throw ValidationError(
                field: error.field, message: (error.field.map { $0 + ": " } ?? "") + error.reason)
        }
    }

    /// The query's `region`; nil when absent.
    static func region(_ query: QueryParameters) throws(APIError) -> String? {
        guard let region = try query.text("region") else { return nil }
        guard NumberRules.isKnown(region: region) else {
            throw .badRequest(
                "query parameter region must be a country's code of ISO 3166-1 like DE, not \(quoted(region))")
        }
        return region
    }

    /// The number in the path, in the form of the list.
    ///
    /// - Throws: 404 when it is none: nothing can have that name.
    static func number(_ request: Request, _ context: ControlRequestContext) throws(APIError) -> String {
        let text = context.parameters.get("number") ?? ""
        guard let number = text.removingPercentEncoding else {
            throw .notFound("\(quoted(text)) is not percent-encoded text")
        }
        let region = try self.region(QueryParameters(request))
        do throws(NumberRules.Refusal) {
            return try NumberRules.doNotCallNumber(number, region: region)
        } catch {
            throw .notFound("there is no such number on the do-not-call list: \(error.reason)")
        }
    }
}
