import DialerModel
import DialerStore
import OrderedCollections

import struct Foundation.UUID

/// What a client says about a job: whom it takes, and what becomes of them.
enum ListJobRequest {
    /// Results by the names that campaigns count them under.
    enum ResultClass: String, CaseIterable {
        case noAnswer = "no_answer"
        case answered
        case busy
        case congested
        case failed
        /// Every result of a call but an answer.
        case all

        /// The one value of `res_dial`; nil when there are several.
        var number: Int? {
            switch self {
            case .noAnswer: 3
            case .answered: 4
            case .busy: 5
            case .congested: 8
            case .failed, .all: nil
            }
        }
    }

    /// Values in one filter at most.
    private static let maximumValues = 100
    private static let filterFields: Set<String> = ["status", "res_dial", "tried", "since", "until"]

    // MARK: The three kinds

    static func recycling(in body: JSONValue) throws(ValidationError) -> (ListJobKind, ListJobFilter) {
        let filter = try self.filter(in: body, besides: ["reset"])
        guard filter.dialResults != nil else {
            throw ValidationError(
                field: "res_dial",
                message: "res_dial: required; say which results are recycled: numbers, or of "
                    + "\(Self.resultNames), like [\"busy\", \"no_answer\"]"
            )
        }
        switch body["reset"] {
        case nil, .null?, "tries"?: return (.recycle(isWhole: false), filter)
        case "all"?: return (.recycle(isWhole: true), filter)
        case .some(let other):
            throw ValidationError(field: "reset", message: "reset: expected tries or all, got \(other.excerpt)")
        }
    }

    static func moving(in body: JSONValue) throws(ValidationError) -> (ListJobKind, ListJobFilter) {
        let filter = try self.filter(in: body, besides: ["target"])
        guard let target = body["target"], !target.isNull else {
            throw ValidationError(field: "target", message: "target: required; the uuid of the list to move to")
        }
        guard let uuid = target.stringValue.flatMap({ UUID(wire: $0) }) else {
            throw ValidationError(field: "target", message: "target: expected a list's uuid, got \(target.excerpt)")
        }
        return (.move(to: uuid), filter)
    }

    static func purging(in body: JSONValue) throws(ValidationError) -> (ListJobKind, ListJobFilter) {
        (.delete, try self.filter(in: body, besides: []))
    }

    // MARK: The filter

    private static func filter(
        in body: JSONValue, besides others: Set<String>
    ) throws(ValidationError) -> ListJobFilter {
        let known = self.filterFields.union(others)
        for name in body.objectValue?.keys ?? [] where !known.contains(name) {
            throw ValidationError(
                field: name,
                message: "\(quoted(name)): unknown field; there are \(known.sorted().joined(separator: ", "))"
            )
        }
        var filter = ListJobFilter()
        try self.readResults(body["res_dial"], into: &filter)
        filter.statuses = try self.statuses(body["status"])
        filter.isTried = try self.choice("tried", body["tried"])
        filter.since = try self.time("since", body["since"])
        filter.until = try self.time("until", body["until"])
        if let since = filter.since, let until = filter.until, until <= since {
            throw ValidationError(field: "until", message: "until: must be later than since")
        }
        return filter
    }

    private static var resultNames: String { ResultClass.allCases.map(\.rawValue).joined(separator: ", ") }

    private static func readResults(
        _ value: JSONValue?, into filter: inout ListJobFilter
    ) throws(ValidationError) {
        guard let values = try self.values("res_dial", value) else { return }
        var numbers: Set<Int> = []
        for (name, value) in values {
            switch value {
            case .integer(let number) where (0...9999).contains(number):
                numbers.insert(Int(number))
            case .string(let text):
                guard let known = ResultClass(rawValue: text) else { fallthrough }
                if let number = known.number { numbers.insert(number) }
                if known == .all { numbers.formUnion(ListJobFilter.namedResults.filter { $0 != 4 }) }
                if known == .failed || known == .all { filter.takesFailed = true }
            case .null, .bool, .integer, .number, .array, .object:
                throw ValidationError(
                    field: "res_dial",
                    message: "\(name): expected a whole number from 0 to 9999 or one of \(self.resultNames), "
                        + "got \(value.excerpt)"
                )
            }
        }
        filter.dialResults = numbers.sorted()
    }

    private static func statuses(_ value: JSONValue?) throws(ValidationError) -> [Int]? {
        guard let values = try self.values("status", value) else { return nil }
        var statuses: Set<Int> = []
        for (name, value) in values {
            guard case .integer(let status) = value, status == 0 || status == 2 else {
                throw ValidationError(
                    field: "status",
                    message: "\(name): expected 0 (idle) or 2 (reserved), got \(value.excerpt); a contact being dialed "
                        + "waits for its call's end"
                )
            }
            statuses.insert(Int(status))
        }
        return statuses.sorted()
    }

    /// The members of an array, or the one value, each with its name for messages; nil when there is none.
    private static func values(
        _ name: String, _ value: JSONValue?
    ) throws(ValidationError) -> [(name: String, value: JSONValue)]? {
        guard let value, !value.isNull else { return nil }
        guard case .array(let members) = value else { return [(name, value)] }
        guard (1...self.maximumValues).contains(members.count) else {
            throw ValidationError(
                field: name, message: "\(name): expected 1 to \(self.maximumValues) values, got \(members.count)")
        }
        return members.enumerated().map { ("\(name)[\($0.offset)]", $0.element) }
    }

    private static func choice(_ name: String, _ value: JSONValue?) throws(ValidationError) -> Bool? {
        switch value {
        case nil, .null?: return nil
        case .bool(let choice)?: return choice
        case .integer(0)?: return false
        case .integer(1)?: return true
        case .some(let other):
            throw ValidationError(field: name, message: "\(name): expected 0 or 1, got \(other.excerpt)")
        }
    }

    /// An instant, or a day for its first instant in UTC.
    private static func time(_ name: String, _ value: JSONValue?) throws(ValidationError) -> Timestamp? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.stringValue,
            let time = Timestamp(wire: text.utf8.count == 10 ? text + "T00:00:00Z" : text)
        else {
            throw ValidationError(
                field: name,
                message: "\(name): expected an instant such as 2026-03-01T08:00:00Z or a day such as 2026-03-01, "
                    + "got \(value.excerpt)"
            )
        }
        return time
    }
}
