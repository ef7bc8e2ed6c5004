import DialerModel
import HTTPTypes
import HummingbirdCore
import ListImport

/// What a client said about a file of numbers.
struct DoNotCallQuery {
    var parsing: DoNotCallParser.Options
    var isCompressed: Bool
    /// The body's size, where it was said beforehand.
    var totalBytes: Int?

    init(_ request: Request, now: Timestamp) throws(APIError) {
        let query = QueryParameters(request)
        self.parsing = DoNotCallParser.Options(now: now)
        self.parsing.format = try UploadQuery.format(request, query)
        self.parsing.delimiter = try UploadQuery.delimiter(query)
        if try query.text("header") != nil { self.parsing.hasHeader = try query.flag("header") }
        self.parsing.region = try DoNotCallRequest.region(query)
        self.isCompressed = try UploadQuery.isCompressed(request)
        self.totalBytes = request.headers[.contentLength].flatMap { Int($0) }
    }

    static let parameters: [Operation.Parameter] =
        UploadQuery.parameters.filter { ["format", "delimiter"].contains($0.name) } + [
            Operation.Parameter(
                name: "header", kind: .text,
                explanation:
                    "0: there is no line of names, and the columns are number, reason, expire, region. Default 1."
            )
        ]
}
