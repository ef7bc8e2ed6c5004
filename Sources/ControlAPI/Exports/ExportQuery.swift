import DialerModel
import DialerStore
import HTTPTypes
import HummingbirdCore

import struct Foundation.UUID

/// What a client asks for when it takes rows out.
struct ExportQuery {
    var format: ExportFormat
    /// nil for all.
    var columns: [String]?
    var filter = ExportFilter()
    private let query: QueryParameters

    /// Numbers in one filter at most.
    private static let maximumValues = 100

    init(_ request: Request) throws(APIError) {
        let query = QueryParameters(request)
        self.query = query
        self.format = try query.choice("format", of: ExportFormat.self) ?? Self.accepted(request)
        self.columns = try query.text("columns").map { $0.split(separator: ",", omittingEmptySubsequences: false) }?
            .map(String.init)
        self.filter.statuses = try Self.numbers("status", query)
        self.filter.dialResults = try Self.numbers("res_dial", query)
        self.filter.hangupCauses = try Self.numbers("res_hangup", query)
        self.filter.since = try Self.time("since", query)
        self.filter.until = try Self.time("until", query)
        if let since = self.filter.since, let until = self.filter.until, until <= since {
            throw .badRequest("query parameter until must be later than since")
        }
    }

    func contacts(of dlma: UUID) throws(APIError) -> ContactExport {
        ContactExport(dlma: dlma, filter: self.filter, isTried: try self.choice("tried"))
    }

    func results() throws(APIError) -> ResultExport {
        ResultExport(
            campaign: try self.uuid("campaign_uuid"), dlma: try self.uuid("dlma_uuid"), filter: self.filter,
            isAbandoned: try self.choice("abandoned")
        )
    }

    /// Without `format`, what `Accept` names; CSV otherwise.
    private static func accepted(_ request: Request) -> ExportFormat {
        let types = request.headers[.accept]?.lowercased() ?? ""
        return ["application/x-ndjson", "application/ndjson", "application/jsonl"].contains { types.contains($0) }
            ? .ndjson : .csv
    }

    /// Absent is either, 1 yes, 0 no.
    private func choice(_ name: String) throws(APIError) -> Bool? {
        try self.query.text(name) == nil ? nil : try self.query.flag(name)
    }

    private func uuid(_ name: String) throws(APIError) -> UUID? {
        guard let text = try self.query.text(name) else { return nil }
        guard let uuid = UUID(wire: text) else {
            throw .badRequest("query parameter \(name) must be a uuid, not \(quoted(text))")
        }
        return uuid
    }

    private static func numbers(_ name: String, _ query: QueryParameters) throws(APIError) -> [Int] {
        guard let text = try query.text(name) else { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.maximumValues else {
            throw .badRequest("query parameter \(name) may have \(Self.maximumValues) numbers, not \(parts.count)")
        }
        var numbers: [Int] = []
        for part in parts {
            guard let number = Int(part), (0...9999).contains(number) else {
                throw .badRequest(
                    "query parameter \(name) must be whole numbers separated by commas, from 0 to 9999, not \(quoted(text))"
                )
            }
            numbers.append(number)
        }
        return numbers
    }

    /// An instant, or a day for its first instant in UTC.
    private static func time(_ name: String, _ query: QueryParameters) throws(APIError) -> Timestamp? {
        guard let text = try query.text(name) else { return nil }
        guard let time = Timestamp(wire: text.utf8.count == 10 ? text + "T00:00:00Z" : text) else {
            throw .badRequest(
                "query parameter \(name) must be an instant such as 2026-03-01T08:00:00Z or a day such as 2026-03-01, "
                    + "not \(quoted(text))"
            )
        }
        return time
    }

    /// The parameters of both exports.
    static func parameters(columns: [String], time: String) -> [Operation.Parameter] {
        [
            Operation.Parameter(
                name: "format", kind: .text,
                explanation: "csv (default) or ndjson; without it the Accept header may ask for application/x-ndjson."
            ),
            Operation.Parameter(
                name: "columns", kind: .text,
                explanation: "Which, in which order, separated by commas: \(columns.joined(separator: ", "))."
            ),
            Operation.Parameter(name: "status", kind: .text, explanation: "Only these, separated by commas."),
            Operation.Parameter(name: "res_dial", kind: .text, explanation: "Only these, separated by commas."),
            Operation.Parameter(name: "res_hangup", kind: .text, explanation: "Only these, separated by commas."),
            Operation.Parameter(name: "since", kind: .text, explanation: "Only with \(time) at this time or later."),
            Operation.Parameter(name: "until", kind: .text, explanation: "Only with \(time) before this time."),
        ]
    }
}
