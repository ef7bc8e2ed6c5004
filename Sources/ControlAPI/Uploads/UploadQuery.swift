import DialerModel
import DialerStore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import ListImport

import struct Foundation.UUID

/// What a client said about the file it sends.
struct UploadQuery {
    var options: UploadOptions
    var parsing: ListParser.Options
    var isCompressed: Bool
    /// Whether to answer as soon as the file is read; nil leaves it to its size.
    var answersEarly: Bool?

    init(_ request: Request, dlma: DialListMaster) throws(APIError) {
        let query = QueryParameters(request)
        self.options = UploadOptions(dlma: dlma.uuid)
        if let name = try query.text("name") {
            guard name.count <= 255, !name.utf8.contains(0) else {
                throw .badRequest("query parameter name may have 255 characters, none of them NUL")
            }
            self.options.name = name
        }
        self.options.isDryRun = try query.flag("dry_run")
        self.options.isAllOrNothing = try query.choice("on_error", of: OnError.self) == .abort
        self.options.duplicates = try Self.duplicates(query)
        self.options.totalBytes = request.headers[.contentLength].flatMap { Int($0) }
        self.parsing = ListParser.Options(rules: NumberRules(dlma))
        self.parsing.format = try Self.format(request, query)
        self.parsing.delimiter = try Self.delimiter(query)
        if try query.text("header") != nil { self.parsing.hasHeader = try query.flag("header") }
        if let map = try query.text("map") { self.parsing.choices = try Self.choices(map) }
        self.isCompressed = try Self.isCompressed(request)
        self.answersEarly = try query.text("async") == nil ? nil : try query.flag("async")
    }

    private enum OnError: String, CaseIterable {
        case skip, abort
    }

    private static func choices(_ text: String) throws(APIError) -> ColumnMap.Choices {
        do throws(FileProblem) {
            return try ColumnMap.Choices(text)
        } catch {
            throw .badRequest("query parameter \(error.message)")
        }
    }

    private static func duplicates(_ query: QueryParameters) throws(APIError) -> DuplicateRule? {
        let action = try query.choice("duplicates", of: DuplicateRule.Action.self)
        let key = try query.choice("duplicate_key", of: DuplicateRule.Key.self)
        let scope = try query.choice("duplicate_scope", of: DuplicateRule.Scope.self)
        guard let action else {
            guard key == nil, scope == nil else {
                throw .badRequest(
                    "query parameter duplicates is missing: say what becomes of them, skip, update or error")
            }
            return nil
        }
        return DuplicateRule(scope: scope ?? .list, key: key ?? .number, action: action)
    }

    /// What `format` says, else the Content-Type where it names a format; curl's default, a form, names none.
    static func format(_ request: Request, _ query: QueryParameters) throws(APIError) -> ListParser.Format? {
        if let format = try query.choice("format", of: ListParser.Format.self) { return format }
        let type = request.headers[.contentType]?.lowercased().prefix { $0 != ";" && $0 != " " }
        switch type {
        case "text/csv", "text/tab-separated-values": return .csv
        case "application/x-ndjson", "application/ndjson", "application/jsonl": return .ndjson
        default: return nil
        }
    }

    /// What `delimiter` says.
    static func delimiter(_ query: QueryParameters) throws(APIError) -> UInt8? {
        guard let text = try query.text("delimiter") else { return nil }
        switch text {
        case "comma", ",": return UInt8(ascii: ",")
        case "semicolon", ";": return UInt8(ascii: ";")
        case "tab", "\t": return UInt8(ascii: "\t")
        case "pipe", "|": return UInt8(ascii: "|")
        default:
            throw .badRequest("query parameter delimiter must be comma, semicolon, tab or pipe, not \(quoted(text))")
        }
    }

    /// Whether the headers say gzip.
    static func isCompressed(_ request: Request) throws(APIError) -> Bool {
        let encoding = request.headers[.contentEncoding]?.lowercased()
        let type = request.headers[.contentType]?.lowercased()
        switch encoding {
        case "gzip", "x-gzip": return true
        case nil, "identity", "": return type == "application/gzip" || type == "application/x-gzip"
        case .some(let other):
            throw APIError(.unsupportedMediaType, "Content-Encoding \(quoted(other)) is not known; use gzip, or none")
        }
    }

    static let parameters: [Operation.Parameter] = [
        Operation.Parameter(
            name: "format", kind: .text,
            explanation: "csv, ndjson or json (an array); without it the Content-Type and then the first byte decide."
        ),
        Operation.Parameter(
            name: "delimiter", kind: .text,
            explanation:
                "comma, semicolon, tab or pipe; without it the commonest of the first three in the header line."
        ),
        Operation.Parameter(
            name: "header", kind: .text,
            explanation: "0: the first line is a contact, and map names the columns by position. Default 1."
        ),
        Operation.Parameter(
            name: "map", kind: .text,
            explanation:
                "COLUMN:FIELD pairs separated by commas; a column is its heading or # and its position, a field a "
                + "contact's, a variable's name, or - to leave the column out."
        ),
        Operation.Parameter(
            name: "on_error", kind: .text,
            explanation: "skip (default) loads the good rows; abort loads nothing when any row is refused."
        ),
        Operation.Parameter(name: "dry_run", kind: .flag, explanation: "1 checks and counts, and loads nothing."),
        Operation.Parameter(
            name: "duplicates", kind: .text,
            explanation:
                "What becomes of a row whose contact is there already: skip, update or error. Without it none is "
                + "looked for."
        ),
        Operation.Parameter(
            name: "duplicate_key", kind: .text,
            explanation: "What makes two rows the same contact: number (default, the one in the lowest slot) or ukey."
        ),
        Operation.Parameter(
            name: "duplicate_scope", kind: .text,
            explanation: "Where the other one is looked for: file, list (default, includes file) or all (every list)."
        ),
        Operation.Parameter(
            name: "async", kind: .text,
            explanation:
                "1 answers 202 as soon as the file is read, 0 waits until it is loaded. Default: by the number of rows."
        ),
        Operation.Parameter(name: "name", kind: .text, explanation: "The file's name, shown by /uploads."),
    ]
}

extension QueryParameters {
    /// One of a few words; nil when absent.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of type: Choice.Type
    ) throws(APIError) -> Choice? {
        guard let value = try self.text(name) else { return nil }
        guard let choice = Choice(rawValue: value) else {
            let words = type.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("query parameter \(name) must be one of \(words), not \(quoted(value))")
        }
        return choice
    }
}
